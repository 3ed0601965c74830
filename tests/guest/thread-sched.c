/* SPDX-License-Identifier: Apache-2.0 */
/* How threads share the CPU, as far as programs ask and set it; their
 * clocks. */
#include "file-tap.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

static pid_t other;
static pthread_barrier_t barrier;

static void *wait_here(void *arg)
{
	other = gettid();
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return arg;
}

static long long clock_ns(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t))
		return -1;
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *burn(void *arg)
{
	long long start = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) - start < 20000000)
		;
	return arg;
}

static volatile int done;

static void *run(void *arg)
{
	while (!done)
		;
	return arg;
}

/* A sleep for CPU time ends when others have used it. */
static void sleeps(void)
{
	struct timespec t = {0, 30000000};
	long long before = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	clockid_t id;
	pthread_t other_one;

	pthread_create(&other_one, NULL, run, NULL);
	CALL(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &t, NULL));
	CHECK(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - before >= 29000000);
	CALL(pthread_getcpuclockid(other_one, &id));
	CALL(clock_nanosleep(id, 0, &t, NULL));
	CHECK(clock_ns(id) >= 29000000);
	CALL(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &t, NULL));
	CALL(clock_nanosleep(-6, 0, &t, NULL));
	done = 1;
	pthread_join(other_one, NULL);
}

static void clocks(void)
{
	long long own = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	long long all = clock_ns(CLOCK_PROCESS_CPUTIME_ID), used;
	struct timespec moment = {0, 50000000};
	struct rusage u;
	clockid_t id;
	pthread_t t;

	CHECK(own >= 0 && all + 10000000 >= own);
	pthread_create(&t, NULL, burn, NULL);
	pthread_join(t, NULL);
	CHECK(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - all >= 19000000);
	used = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
	CHECK(clock_ns(CLOCK_THREAD_CPUTIME_ID) - used < 40000000);
	CALL(getrusage(RUSAGE_THREAD, &u));
	CALL(pthread_getcpuclockid(pthread_self(), &id));
	CHECK(clock_ns(id) >= used);
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&t, NULL, wait_here, NULL);
	pthread_barrier_wait(&barrier);
	CALL(pthread_getcpuclockid(t, &id));
	used = clock_ns(id);
	CHECK(used >= 0 && used < clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	pthread_barrier_wait(&barrier);
	pthread_join(t, NULL);
	CALL(clock_ns(((-2000000 - 1) * 8) | 6));
	CALL(syscall(SYS_clock_gettime, -8 * 2000000L + 7, &moment));
}

int main(void)
{
	struct sched_param p = {0}, rt = {10};
	cpu_set_t set;
	pthread_t t;
	unsigned cpu = 7, node = 7;

	CALL(sched_yield());
	CALL(syscall(SYS_sched_getscheduler, 0));
	CALL(syscall(SYS_sched_getscheduler, -1));
	CALL(syscall(SYS_sched_getscheduler, 3999999));
	CALL(syscall(SYS_sched_getparam, 0, &p));
	CALL(p.sched_priority);
	CALL(syscall(SYS_sched_getparam, 0, NULL));
	CALL(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &rt));
	CALL(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &p));
	CALL(syscall(SYS_sched_getscheduler, 0));
	CALL(syscall(SYS_sched_setparam, 0, &p));
	CALL(syscall(SYS_sched_getscheduler, 0));
	CALL(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &p));
	CALL(syscall(SYS_sched_getscheduler, 0));
	CALL(syscall(SYS_sched_setscheduler, 0, 77, &p));
	CALL(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &p));
	for (int i = 0; i < 7; i++) {
		CALL(sched_get_priority_min(i));
		CALL(sched_get_priority_max(i));
	}
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&t, NULL, wait_here, NULL);
	pthread_barrier_wait(&barrier);
	CALL(syscall(SYS_sched_getscheduler, other));
	CALL(syscall(SYS_sched_setscheduler, other, SCHED_BATCH, &p));
	CALL(syscall(SYS_sched_getscheduler, other));
	CALL(syscall(SYS_sched_getscheduler, 0));
	CPU_ZERO(&set);
	CHECK(syscall(SYS_sched_getaffinity, other, sizeof(set), &set) > 0);
	CHECK(CPU_COUNT(&set) >= 1);
	CALL(sched_setaffinity(0, sizeof(set), &set));
	CALL(sched_setaffinity(other, sizeof(set), &set));
	CALL(sched_setaffinity(3999999, sizeof(set), &set));
	CPU_ZERO(&set);
	CALL(sched_setaffinity(0, sizeof(set), &set));
	CALL(syscall(SYS_sched_getaffinity, 0, 3, &set));
	pthread_barrier_wait(&barrier);
	pthread_join(t, NULL);
	CALL(syscall(SYS_getcpu, &cpu, &node, NULL));
	CHECK(cpu != 7 || node != 7);
	clocks();
	sleeps();
	return tap_done();
}
