/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for signals: sigtimedwait, sigsuspend, order and values of queued
 * ones, what is pending, stop and continue. */
/* guest: status 0 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "file-tap.h"

static sigset_t all, none;
static volatile sig_atomic_t handled, blocked_inside;
static int values[64];
static volatile int nvalues;

static void note(int sig)
{
	sigset_t s;

	handled = sig;
	sigprocmask(SIG_BLOCK, NULL, &s);
	blocked_inside = sigismember(&s, SIGUSR2);
}

static void keep(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (nvalues < 64)
		values[nvalues++] = sig * 1000 + info->si_value.sival_int;
}

static sigset_t set_of(int a, int b)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, a);
	if (b)
		sigaddset(&s, b);
	return s;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void timed(void)
{
	sigset_t s = set_of(SIGUSR1, SIGRTMIN + 5);
	struct timespec t = {0, 0}, some = {0, 20000000};
	struct itimerval soon = {{0, 0}, {0, 20000}};
	union sigval v = {.sival_int = 55};
	int64_t start = now();
	siginfo_t i;

	CALL(sigtimedwait(&s, &i, &t));
	CALL(sigtimedwait(&s, &i, &some));
	CHECK(now() - start >= 20000000);
	raise(SIGUSR1);
	CHECK(sigtimedwait(&s, &i, &t) == SIGUSR1);
	CHECK(i.si_signo == SIGUSR1 && i.si_code == SI_TKILL);
	sigqueue(getpid(), SIGRTMIN + 5, v);
	CHECK(sigwaitinfo(&s, &i) == SIGRTMIN + 5);
	CHECK(i.si_code == SI_QUEUE && i.si_value.sival_int == 55);
	CALL(sigtimedwait(&s, NULL, &t));
	/* One that is ignored by default is kept while it is blocked. */
	s = set_of(SIGCHLD, SIGURG);
	raise(SIGCHLD);
	CHECK(sigtimedwait(&s, NULL, &t) == SIGCHLD);
	s = set_of(SIGALRM, 0);
	setitimer(ITIMER_REAL, &soon, NULL);
	CHECK(sigwaitinfo(&s, &i) == SIGALRM && i.si_code == SI_KERNEL);
	setitimer(ITIMER_REAL, &soon, NULL);
	CHECK(sigtimedwait(&s, NULL, NULL) == SIGALRM);
	/* Others do not end it while they are blocked. */
	s = set_of(SIGUSR1, 0);
	raise(SIGUSR2);
	CALL(sigtimedwait(&s, NULL, &some));
	s = set_of(SIGUSR2, 0);
	CHECK(sigtimedwait(&s, NULL, &t) == SIGUSR2);
	some.tv_nsec = 1000000000;
	CALL(sigtimedwait(&s, NULL, &some));
	CALL(syscall(SYS_rt_sigtimedwait, 8L, NULL, &t, 8));
	CALL(syscall(SYS_rt_sigtimedwait, &s, NULL, &t, 4));
	raise(SIGUSR2);
	CALL(syscall(SYS_rt_sigtimedwait, &s, 8L, &t, 8));
}

static void suspends(void)
{
	struct sigaction a = {.sa_handler = note};
	struct itimerval soon = {{0, 0}, {0, 20000}};
	sigset_t s = set_of(SIGUSR2, 0), now_blocked;

	sigaction(SIGALRM, &a, NULL);
	sigaction(SIGUSR1, &a, NULL);
	handled = 0;
	raise(SIGUSR1); /* blocked, so it waits for sigsuspend */
	CHECK(!handled);
	CHECK(sigsuspend(&s) == -1 && errno == EINTR);
	CHECK(handled == SIGUSR1 && blocked_inside == 1);
	sigprocmask(SIG_BLOCK, NULL, &now_blocked);
	CHECK(sigismember(&now_blocked, SIGUSR1) == 1);
	setitimer(ITIMER_REAL, &soon, NULL);
	s = set_of(SIGUSR1, 0);
	CHECK(sigsuspend(&s) == -1 && errno == EINTR);
	CHECK(handled == SIGALRM && blocked_inside == 0);
	CALL(syscall(SYS_rt_sigsuspend, &s, 4));
	CALL(syscall(SYS_rt_sigsuspend, 8L, 8));
	CALL(syscall(SYS_rt_sigpending, &s, 16));
	CALL(syscall(SYS_rt_sigpending, 8L, 8));
}

/* Signals are queued from the lowest number, equal ones in order. */
static void queued(void)
{
	static const int order[] = {7, 3, 7, 5, 3, 7, 3};
	struct sigaction a = {.sa_sigaction = keep, .sa_flags = SA_SIGINFO};
	struct timespec t = {0, 0};
	sigset_t s;
	siginfo_t i;
	int good = 1, last = 0, n = 0;

	for (int k = 0; k < 7; k++)
		sigqueue(getpid(), SIGRTMIN + order[k],
			(union sigval){.sival_int = k});
	CHECK(!sigpending(&s) && sigismember(&s, SIGRTMIN + 5) == 1);
	while (sigtimedwait(&all, &i, &t) > 0) {
		int v = i.si_signo * 1000 + i.si_value.sival_int;

		printf("# %d %d\n", i.si_signo - SIGRTMIN,
			i.si_value.sival_int);
		good &= v > last;
		last = v;
		n++;
	}
	CHECK(good && n == 7);

	a.sa_mask = all;
	for (int k = 3; k <= 7; k++)
		sigaction(SIGRTMIN + k, &a, NULL);
	for (int k = 0; k < 7; k++)
		sigqueue(getpid(), SIGRTMIN + order[k],
			(union sigval){.sival_int = k});
	sigprocmask(SIG_SETMASK, &none, NULL);
	sigprocmask(SIG_SETMASK, &all, NULL);
	CHECK(nvalues == 7);
	good = 1;
	for (int k = 1; k < nvalues; k++)
		good &= values[k] > values[k - 1];
	CHECK(good);

	/* Of one that is not real-time the first is kept. */
	sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 1});
	sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 2});
	CHECK(sigtimedwait(&all, &i, &t) == SIGUSR1);
	CHECK(i.si_value.sival_int == 1);
	CALL(sigtimedwait(&all, &i, &t));
}

static void to_thread(void)
{
	struct timespec t = {0, 0};
	siginfo_t i = {.si_code = SI_QUEUE};

	/* What is for the thread comes before what is for the process. */
	kill(getpid(), SIGUSR1);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR2);
	CHECK(sigtimedwait(&all, &i, &t) == SIGUSR2);
	CHECK(i.si_code == SI_TKILL);
	CHECK(sigtimedwait(&all, &i, &t) == SIGUSR1);
	CHECK(i.si_code == SI_USER);
	i.si_code = SI_QUEUE;
	i.si_value.sival_int = 9;
	CALL(syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid),
		SIGUSR1, &i));
	i.si_value.sival_int = 0;
	CHECK(sigtimedwait(&all, &i, &t) == SIGUSR1 &&
		i.si_value.sival_int == 9);
}

static void stopped(void)
{
	struct sigevent e = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT};
	struct itimerspec t = {{0, 50000000}, {0, 50000000}};
	struct sigaction a = {.sa_handler = note};
	sigset_t s = set_of(SIGCONT, 0);
	timer_t id;

	/* Again and again, since one may come before the stop. */
	timer_create(CLOCK_MONOTONIC, &e, &id);
	timer_settime(id, 0, &t, NULL);
	sigaction(SIGCONT, &a, NULL);
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	handled = 0;
	raise(SIGSTOP);
	CHECK(handled == SIGCONT);
	timer_delete(id);
	sigprocmask(SIG_BLOCK, &s, NULL);
	raise(SIGCONT);
	/* A stop takes a waiting SIGCONT away. */
	raise(SIGTSTP);
	sigpending(&s);
	CHECK(sigismember(&s, SIGCONT) == 0);
	CHECK(sigismember(&s, SIGTSTP) == 1);
	raise(SIGCONT);
	sigpending(&s);
	CHECK(sigismember(&s, SIGTSTP) == 0);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	sigfillset(&all);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &all, NULL);
	timed();
	suspends();
	queued();
	to_thread();
	stopped();
	return tap_done();
}
