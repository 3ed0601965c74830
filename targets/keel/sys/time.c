/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that read and set clocks. */
#include "kern/signal.h"
#include "kern/time.h"
#include "mm/uaccess.h"
#include "sched/thread.h"
#include "sys/proto.h"
#include "sys/time.h"

#include <linux/errno.h>
#include <linux/time.h>

weak struct thread *thread_find(int tid); /* sched/sched.h */

/* With one thread; else sys/thread.c. */
weak uint64_t thread_time(const struct thread *t)
{
	(void)t;
	return cpu_time();
}

/* clock_getcpuclockid(3) and its like: ~id is above three bits. */
static int cpu_clock(int id, uint64_t *ns)
{
	enum { KIND = 3, KINDS = 3, OF_THREAD = 4, PID = 1 };
	const struct thread *t = thread_this();
	int who = ~(id >> 3);

	if ((id & KIND) >= KINDS)
		return -EINVAL;
	if (!(id & OF_THREAD)) {
		*ns = cpu_time();
		return who == 0 || who == PID ? 0 : -EINVAL;
	}
	if (who != 0 && who != t->tid)
		t = thread_find ? thread_find(who) : NULL;
	if (!t)
		return -EINVAL;
	*ns = thread_time(t);
	return 0;
}

int clock_read(int id, uint64_t *ns)
{
	if (id < 0)
		return cpu_clock(id, ns);
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*ns = clock_realtime();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = clock_now();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		*ns = cpu_time();
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = thread_time(thread_this());
		return 0;
	}
	return -EINVAL;
}

/* The time that the CPU did not idle. */
uint64_t cpu_time(void)
{
	uint64_t idle = clock_cycles_to_ns(cpu_this()->idle_cycles);
	uint64_t now = clock_now();

	return now > idle ? now - idle : 0;
}

static struct __kernel_timespec to_timespec(uint64_t ns)
{
	return (struct __kernel_timespec){ns / NS_PER_S, ns % NS_PER_S};
}

int put_timespec(long va, uint64_t ns)
{
	struct __kernel_timespec t = to_timespec(ns);

	return copy_to_user((void *)va, &t, sizeof(t));
}

int get_timespec(long va, uint64_t *ns)
{
	struct __kernel_timespec t;

	if (copy_from_user(&t, (const void *)va, sizeof(t)))
		return -EFAULT;
	if (t.tv_sec < 0 || t.tv_nsec < 0 || t.tv_nsec >= (long)NS_PER_S)
		return -EINVAL;
	if ((uint64_t)t.tv_sec > INT64_MAX / NS_PER_S - 1)
		*ns = INT64_MAX; /* longer than anything lasts */
	else
		*ns = t.tv_sec * NS_PER_S + t.tv_nsec;
	return 0;
}

long do_clock_gettime(long id, long va)
{
	uint64_t ns;
	int err = clock_read(id, &ns);

	return err ? err : put_timespec(va, ns);
}

long do_clock_getres(long id, long va)
{
	uint64_t ns;
	int err = clock_read(id, &ns);

	if (err || !va)
		return err;
	return put_timespec(va, 1);
}

long do_clock_settime(long id, long va)
{
	uint64_t ns;
	int err;

	if (id != CLOCK_REALTIME)
		return -EINVAL;
	err = get_timespec(va, &ns);
	if (!err)
		clock_set_realtime(ns);
	return err;
}

long do_gettimeofday(long tv, long tz)
{
	uint64_t ns = clock_realtime();
	struct __kernel_old_timeval t = {ns / NS_PER_S, ns % NS_PER_S / 1000};
	struct timezone z = {0, 0};

	if (tv && copy_to_user((void *)tv, &t, sizeof(t)))
		return -EFAULT;
	return tz ? copy_to_user((void *)tz, &z, sizeof(z)) : 0;
}

long do_settimeofday(long tv, long tz)
{
	struct __kernel_old_timeval t;
	struct timezone z;

	if (tz) {
		if (copy_from_user(&z, (const void *)tz, sizeof(z)))
			return -EFAULT;
		if (z.tz_minuteswest || z.tz_dsttime)
			return -EINVAL;
	}
	if (!tv)
		return 0;
	if (copy_from_user(&t, (const void *)tv, sizeof(t)))
		return -EFAULT;
	if (t.tv_sec < 0 || t.tv_usec < 0 || t.tv_usec >= 1000000)
		return -EINVAL;
	clock_set_realtime(t.tv_sec * NS_PER_S + t.tv_usec * 1000);
	return 0;
}

long do_time(long va)
{
	int64_t s = clock_realtime() / NS_PER_S;

	if (va && copy_to_user((void *)va, &s, sizeof(s)))
		return -EFAULT;
	return s;
}

int futex_sleep(int clock, long timeout, int absolute)
{
	uint64_t ns, now;
	int err = get_timespec(timeout, &ns);

	if (err)
		return err;
	if (!absolute) {
		err = clock_read(clock, &now);
		if (err)
			return err;
		ns = time_add(now, ns);
	}
	err = sleep_until(clock, ns);
	if (err == -ERESTARTSYS)
		return -EINTR;
	return err ? err : -ETIMEDOUT;
}
