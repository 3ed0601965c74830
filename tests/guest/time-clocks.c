/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks, sleeping, and futex of one thread. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000L

static unsigned ntests;
static struct timespec *const bad_pointer = (void *)8;

static void ok(int good, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++ntests, name);
}

static int fails(long r, int err)
{
	return r == -1 && errno == err;
}

static int64_t now(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t))
		return -1;
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void reading(void)
{
	static const clockid_t ids[] = {CLOCK_REALTIME, CLOCK_MONOTONIC,
		CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
		CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
		CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
	struct timespec t;
	struct timeval tv;
	int64_t last, steps = 0;

	for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		ok(now(ids[i]) >= 0, "clock_gettime");
		ok(!clock_getres(ids[i], &t) && t.tv_sec == 0 && t.tv_nsec > 0,
			"clock_getres");
	}
	ok(fails(syscall(SYS_clock_gettime, 77, &t), EINVAL), "no such clock");
	ok(fails(syscall(SYS_clock_gettime, 0, bad_pointer), EFAULT),
		"bad pointer");
	ok(!clock_getres(CLOCK_REALTIME, NULL), "clock_getres of NULL");
	last = now(CLOCK_MONOTONIC);
	for (int i = 0; i < 20000; i++) {
		int64_t next = now(CLOCK_MONOTONIC);

		if (next < last)
			steps++;
		last = next;
	}
	ok(!steps, "CLOCK_MONOTONIC never goes back");
	ok(!gettimeofday(&tv, NULL), "gettimeofday");
	ok(tv.tv_sec - time(NULL) <= 0 && time(NULL) - tv.tv_sec <= 1,
		"time agrees with gettimeofday");
	ok(tv.tv_sec > 1600000000, "it is after 2020");
}

static void sleeping(void)
{
	struct timespec t = {0, 30 * MS}, rem;
	int64_t start = now(CLOCK_MONOTONIC), took;
	int64_t cpu = now(CLOCK_PROCESS_CPUTIME_ID);

	ok(!nanosleep(&t, &rem), "nanosleep");
	took = now(CLOCK_MONOTONIC) - start;
	ok(took >= 30 * MS && took < 2000 * MS, "it takes the time");
	ok(now(CLOCK_PROCESS_CPUTIME_ID) - cpu < 20 * MS,
		"it takes no CPU time");
	start = now(CLOCK_REALTIME) + 30 * MS;
	t = (struct timespec){start / 1000000000, start % 1000000000};
	ok(!clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL),
		"clock_nanosleep until");
	ok(now(CLOCK_REALTIME) >= start, "not before");
	t = (struct timespec){1, 0};
	ok(!clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL),
		"until a time that was");
	t = (struct timespec){0, 1000000000};
	ok(fails(nanosleep(&t, NULL), EINVAL), "too many nanoseconds");
	t = (struct timespec){-1, 0};
	ok(fails(nanosleep(&t, NULL), EINVAL), "negative seconds");
	ok(fails(syscall(SYS_nanosleep, bad_pointer, NULL), EFAULT),
		"bad pointer");
	ok(clock_nanosleep(77, 0, &rem, NULL) == EINVAL, "no such clock");
	ok(!usleep(1000), "usleep");
}

static long futex(uint32_t *p, int op, uint32_t v, struct timespec *t)
{
	return syscall(SYS_futex, p, op, v, t, NULL, ~0u);
}

static void futexes(void)
{
	uint32_t word = 5;
	struct timespec t = {0, 20 * MS};
	int64_t start = now(CLOCK_MONOTONIC);

	ok(fails(futex(&word, FUTEX_WAIT_PRIVATE, 4, NULL), EAGAIN),
		"FUTEX_WAIT for another value");
	ok(fails(futex(&word, FUTEX_WAIT_PRIVATE, 5, &t), ETIMEDOUT),
		"FUTEX_WAIT times out");
	ok(now(CLOCK_MONOTONIC) - start >= 20 * MS, "not before");
	ok(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL) == 0, "nobody to wake");
	start = now(CLOCK_REALTIME) + 20 * MS;
	t = (struct timespec){start / 1000000000, start % 1000000000};
	ok(fails(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &t),
		   ETIMEDOUT),
		"FUTEX_WAIT_BITSET until a real time");
	ok(now(CLOCK_REALTIME) >= start, "not before");
	t = (struct timespec){0, -1};
	ok(fails(futex(&word, FUTEX_WAIT, 5, &t), EINVAL), "bad timeout");
	ok(fails(futex((uint32_t *)((char *)&word + 1), FUTEX_WAIT, 5, NULL),
		   EINVAL),
		"a word that is not aligned");
	ok(fails(futex((void *)8, FUTEX_WAIT, 5, NULL), EFAULT), "bad pointer");
	ok(fails(futex(&word, 99, 5, NULL), ENOSYS), "no such operation");
}

int main(void)
{
	reading();
	sleeping();
	futexes();
	printf("1..%u\n", ntests);
	return 0;
}
