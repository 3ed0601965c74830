/* SPDX-License-Identifier: Apache-2.0 */
/* timer_create and its kin: signals, overruns, times that are told. */
/* guest: status 0 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

#include "file-tap.h"

static volatile sig_atomic_t count;
static siginfo_t last;
static volatile int most; /* overruns */

static void note(int sig, siginfo_t *info, void *context)
{
	(void)context;
	(void)sig;
	count++;
	last = *info;
	if (info->si_code == SI_TIMER && info->si_overrun > most)
		most = info->si_overrun;
}

static struct itimerspec every(long value_ms, long interval_ms)
{
	return (struct itimerspec){
		{interval_ms / 1000, interval_ms % 1000 * 1000000},
		{value_ms / 1000, value_ms % 1000 * 1000000}};
}

static int64_t ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void block(int how, int sig)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, sig);
	sigprocmask(how, &s, NULL);
}

static void wait_for(int sig, int n)
{
	sigset_t s, before;

	sigemptyset(&s);
	sigaddset(&s, sig);
	sigprocmask(SIG_BLOCK, &s, &before);
	while (count < n)
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void sleep_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&t, &t))
		;
}

static void once(clockid_t clock)
{
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN + 2,
		.sigev_value.sival_int = 77};
	struct itimerspec t = every(20, 0), old;
	int64_t start = ns(clock);
	timer_t id;

	count = 0;
	CHECK(!timer_create(clock, &e, &id));
	CHECK(!timer_gettime(id, &old) && !old.it_value.tv_nsec);
	CHECK(!timer_settime(id, 0, &t, &old) && !old.it_value.tv_nsec);
	CHECK(!timer_gettime(id, &old) && old.it_value.tv_nsec > 0 &&
		old.it_value.tv_nsec <= 20000000);
	if (clock == CLOCK_PROCESS_CPUTIME_ID ||
		clock == CLOCK_THREAD_CPUTIME_ID)
		while (!count)
			;
	wait_for(SIGRTMIN + 2, 1);
	CHECK(ns(clock) - start >= 20000000);
	CHECK(last.si_code == SI_TIMER && last.si_value.sival_int == 77);
	CHECK(last.si_overrun == 0 && timer_getoverrun(id) == 0);
	CHECK(!timer_gettime(id, &old) && !old.it_value.tv_nsec);

	t.it_value.tv_sec = ns(clock) / 1000000000;
	t.it_value.tv_nsec = ns(clock) % 1000000000;
	count = 0;
	CHECK(!timer_settime(id, TIMER_ABSTIME, &t, NULL)); /* is past */
	wait_for(SIGRTMIN + 2, 1);
	CHECK(count == 1);
	CHECK(!timer_delete(id));
	CALL(syscall(SYS_timer_gettime, (int)(intptr_t)id, &old));
}

static void overruns(void)
{
	struct sigevent e = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec t = every(2, 2), old;
	timer_t id;

	timer_create(CLOCK_MONOTONIC, &e, &id);
	block(SIG_BLOCK, SIGUSR1);
	count = 0;
	timer_settime(id, 0, &t, NULL);
	sleep_ms(60);
	CHECK(count == 0);
	CHECK(!timer_gettime(id, &old) && old.it_interval.tv_nsec == 2000000);
	CHECK(old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 2000000);
	block(SIG_UNBLOCK, SIGUSR1);
	CHECK(count >= 1);
	t = every(0, 0);
	CHECK(!timer_settime(id, 0, &t, &old));
	CHECK(old.it_interval.tv_nsec == 2000000);
	CHECK(!timer_delete(id));

	/* The signal waits once, and then tells how often it was due. */
	timer_create(CLOCK_MONOTONIC, &e, &id);
	t = every(10, 10);
	block(SIG_BLOCK, SIGUSR1);
	most = 0;
	timer_settime(id, 0, &t, NULL);
	sleep_ms(100);
	block(SIG_UNBLOCK, SIGUSR1);
	CHECK(most >= 8);
	CHECK(!timer_delete(id));
}

static void many(void)
{
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL};
	timer_t id[20];
	int good = 0;

	count = 0;
	block(SIG_BLOCK, SIGRTMIN + 3);
	for (int i = 0; i < 20; i++) {
		struct itimerspec t = every(5 + i % 7, 0);

		e.sigev_signo = SIGRTMIN + 3;
		e.sigev_value.sival_int = i;
		good += !timer_create(CLOCK_REALTIME, &e, &id[i]) &&
			!timer_settime(id[i], 0, &t, NULL);
	}
	CHECK(good == 20);
	sleep_ms(60);
	block(SIG_UNBLOCK, SIGRTMIN + 3);
	wait_for(SIGRTMIN + 3, 20);
	CHECK(count == 20); /* each is queued by itself */
	good = 0;
	for (int i = 0; i < 20; i++)
		good += !timer_delete(id[i]);
	CHECK(good == 20);
}

static void kinds(void)
{
	struct sigevent e = {.sigev_notify = SIGEV_NONE};
	struct itimerspec t = every(1000000, 0), old;
	timer_t id;

	CHECK(!timer_create(CLOCK_MONOTONIC, &e, &id));
	CHECK(!timer_settime(id, 0, &t, NULL));
	CHECK(!timer_gettime(id, &old) && old.it_value.tv_sec >= 990);
	t = every(1, 0);
	CHECK(!timer_settime(id, 0, &t, NULL));
	sleep_ms(5);
	CHECK(!timer_gettime(id, &old) && !old.it_value.tv_nsec);
	CHECK(!timer_delete(id));
	/* Without an event it is SIGALRM with the timer's number. */
	CHECK(!timer_create(CLOCK_BOOTTIME, NULL, &id));
	t = every(1, 0);
	count = 0;
	CHECK(!timer_settime(id, 0, &t, NULL));
	wait_for(SIGALRM, 1);
	CHECK(last.si_signo == SIGALRM && last.si_code == SI_TIMER);
	CHECK(!timer_delete(id));
}

/* A timer goes on while its signal is ignored. */
static void ignored(void)
{
	struct sigevent e = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
	struct sigaction a = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
	struct itimerspec t = every(2, 2);
	timer_t id;

	signal(SIGUSR2, SIG_IGN);
	timer_create(CLOCK_MONOTONIC, &e, &id);
	timer_settime(id, 0, &t, NULL);
	sleep_ms(20);
	count = 0;
	sigaction(SIGUSR2, &a, NULL);
	wait_for(SIGUSR2, 2);
	CHECK(count >= 2);
	timer_delete(id);
}

static void errors(void)
{
	struct sigevent e = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec t = every(1, 0);
	timer_t id;
	int raw;

	CALL(syscall(SYS_timer_create, 99, &e, &raw));
	CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC_RAW, &e, &raw));
	CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, 8L, &raw));
	CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, 8L));
	e.sigev_signo = 65;
	CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &raw));
	e.sigev_signo = 10;
	e.sigev_notify = 99;
	CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &raw));
	e.sigev_notify = SIGEV_SIGNAL;
	CHECK(!timer_create(CLOCK_MONOTONIC, &e, &id));
	t.it_value.tv_nsec = 1000000000;
	CALL(timer_settime(id, 0, &t, NULL));
	CALL(syscall(SYS_timer_settime, (int)(intptr_t)id, 0, NULL, NULL));
	CALL(syscall(SYS_timer_settime, 12345, 0, &t, NULL));
	CALL(syscall(SYS_timer_delete, 12345));
	CALL(syscall(SYS_timer_getoverrun, 12345));
	CHECK(!timer_delete(id));
}

int main(void)
{
	struct sigaction a = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};

	setvbuf(stdout, NULL, _IONBF, 0);
	sigaction(SIGRTMIN + 2, &a, NULL);
	sigaction(SIGRTMIN + 3, &a, NULL);
	sigaction(SIGUSR1, &a, NULL);
	sigaction(SIGALRM, &a, NULL);
	once(CLOCK_MONOTONIC);
	once(CLOCK_REALTIME);
	once(CLOCK_PROCESS_CPUTIME_ID);
	once(CLOCK_THREAD_CPUTIME_ID);
	overruns();
	many();
	kinds();
	ignored();
	errors();
	return tap_done();
}
