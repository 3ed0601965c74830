/* SPDX-License-Identifier: Apache-2.0 */
/* alarm, getitimer, setitimer: when they send, and what they tell. */
/* guest: status 0 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "file-tap.h"

static volatile sig_atomic_t count[65];
static siginfo_t last;

static void note(int sig, siginfo_t *info, void *context)
{
	(void)context;
	count[sig]++;
	last = *info;
}

static int64_t ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static struct itimerval every(long value_us, long interval_us)
{
	return (struct itimerval){
		{interval_us / 1000000, interval_us % 1000000},
		{value_us / 1000000, value_us % 1000000}};
}

static void wait_for(int sig, int n)
{
	sigset_t block, before;

	sigemptyset(&block);
	sigaddset(&block, sig);
	sigprocmask(SIG_BLOCK, &block, &before);
	while (count[sig] < n)
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void real(void)
{
	struct itimerval t = every(30000, 0), old;
	int64_t start = ns(CLOCK_MONOTONIC);

	CHECK(!getitimer(ITIMER_REAL, &old) && !old.it_value.tv_sec &&
		!old.it_value.tv_usec);
	CHECK(!setitimer(ITIMER_REAL, &t, &old) && !old.it_value.tv_usec);
	CHECK(!getitimer(ITIMER_REAL, &old) && !old.it_value.tv_sec &&
		old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 30000);
	wait_for(SIGALRM, 1);
	CHECK(ns(CLOCK_MONOTONIC) - start >= 30000000);
	CHECK(last.si_signo == SIGALRM && last.si_code == SI_KERNEL);
	CHECK(!getitimer(ITIMER_REAL, &old) && !old.it_value.tv_usec);

	t = every(5000, 5000);
	start = ns(CLOCK_MONOTONIC);
	count[SIGALRM] = 0;
	setitimer(ITIMER_REAL, &t, NULL);
	wait_for(SIGALRM, 4);
	CHECK(ns(CLOCK_MONOTONIC) - start >= 20000000);
	t = every(0, 0);
	CHECK(!setitimer(ITIMER_REAL, &t, &old));
	CHECK(old.it_interval.tv_usec == 5000);
	CHECK(old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 5000);
}

static void cpu(int which, int sig)
{
	struct itimerval t = every(20000, 20000);
	int64_t start = ns(CLOCK_PROCESS_CPUTIME_ID);

	count[sig] = 0;
	CHECK(!setitimer(which, &t, NULL));
	while (count[sig] < 3)
		;
	CHECK(ns(CLOCK_PROCESS_CPUTIME_ID) - start >= 30000000);
	t = every(0, 0);
	CHECK(!setitimer(which, &t, NULL));
}

static void sleeping(void)
{
	struct itimerval t = every(10000000, 0), old;
	struct timespec s = {0, 50000000};

	setitimer(ITIMER_PROF, &t, NULL);
	nanosleep(&s, NULL);
	getitimer(ITIMER_PROF, &old);
	CHECK(old.it_value.tv_sec == 9 || old.it_value.tv_sec == 10);
	t = every(0, 0);
	setitimer(ITIMER_PROF, &t, NULL);
}

static void alarms(void)
{
	CHECK(alarm(0) == 0);
	CHECK(alarm(1000) == 0);
	CHECK(alarm(5) == 1000);
	CHECK(alarm(0) == 5);
	CHECK(alarm(0) == 0);
	count[SIGALRM] = 0;
	alarm(1);
	CHECK(pause() == -1 && errno == EINTR);
	CHECK(count[SIGALRM] == 1);
}

static void errors(void)
{
	struct itimerval t = every(1000, 0);

	CALL(getitimer(3, &t));
	CALL(setitimer(-1, &t, NULL));
	t.it_value.tv_usec = 1000000;
	CALL(setitimer(ITIMER_REAL, &t, NULL));
	t.it_value.tv_usec = -1;
	CALL(setitimer(ITIMER_REAL, &t, NULL));
	CALL(syscall(SYS_setitimer, ITIMER_REAL, 8L, NULL));
	CALL(syscall(SYS_getitimer, ITIMER_REAL, 8L));
}

int main(void)
{
	struct sigaction a = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};

	sigaction(SIGALRM, &a, NULL);
	sigaction(SIGVTALRM, &a, NULL);
	sigaction(SIGPROF, &a, NULL);
	real();
	cpu(ITIMER_VIRTUAL, SIGVTALRM);
	cpu(ITIMER_PROF, SIGPROF);
	sleeping();
	alarms();
	errors();
	return tap_done();
}
