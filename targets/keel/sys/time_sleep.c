/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that sleep for a time; futex, for one thread. */
#include "kern/time.h"
#include "mm/uaccess.h"
#include "sched/waitq.h"
#include "sys/proto.h"
#include "sys/time.h"

#include <linux/errno.h>
#include <linux/futex.h>
#include <linux/time.h>

int sleep_until(int clock, uint64_t until)
{
	struct waitq q = {0};

	for (;;) {
		uint64_t now, left;
		int err = clock_read(clock, &now);

		if (err || now >= until)
			return err;
		left = MIN(until - now, (uint64_t)INT64_MAX);
		err = wait_event(&q, clock_now() + left, false);
		if (err != -ETIMEDOUT)
			return err;
	}
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

static long sleep_on(int clock, bool absolute, long req, long rem)
{
	uint64_t ns, now;
	int err = get_timespec(req, &ns);

	if (err)
		return err;
	err = clock_read(clock, &now);
	if (err)
		return err;
	if (!absolute)
		ns = add(now, ns);
	err = sleep_until(clock, ns);
	if (err != -EINTR || absolute || !rem)
		return err;
	clock_read(clock, &now);
	if (put_timespec(rem, ns > now ? ns - now : 0))
		return -EFAULT;
	return -EINTR;
}

long do_nanosleep(long req, long rem)
{
	return sleep_on(CLOCK_MONOTONIC, false, req, rem);
}

long do_clock_nanosleep(long id, long flags, long req, long rem)
{
	if (id == CLOCK_THREAD_CPUTIME_ID || flags & ~TIMER_ABSTIME)
		return -EINVAL;
	/* The only thread sleeps: its CPU time would never come. */
	if (id == CLOCK_PROCESS_CPUTIME_ID || id == CLOCK_MONOTONIC_RAW ||
		id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE)
		return -EOPNOTSUPP;
	return sleep_on(id, flags & TIMER_ABSTIME, req, rem);
}

/* Nobody else is there to wake a sleeper: only time or a signal ends it. */
static long futex_wait(
	long uaddr, uint32_t value, long timeout, bool absolute, int clock)
{
	struct waitq q = {0};
	uint64_t ns, now;
	uint32_t is;
	int err;

	if (timeout) {
		err = get_timespec(timeout, &ns);
		if (err)
			return err;
	}
	if (copy_from_user(&is, (const void *)uaddr, sizeof(is)))
		return -EFAULT;
	if (is != value)
		return -EAGAIN;
	if (!timeout)
		return wait_event(&q, NEVER, false);
	if (!absolute) {
		clock_read(clock, &now);
		ns = add(now, ns);
	}
	err = sleep_until(clock, ns);
	return err ? err : -ETIMEDOUT;
}

long do_futex(
	long uaddr, long op, long value, long timeout, long uaddr2, long value3)
{
	int cmd = op & FUTEX_CMD_MASK;
	bool realtime = op & FUTEX_CLOCK_REALTIME;
	uint32_t is;

	(void)uaddr2;
	if (realtime && cmd != FUTEX_WAIT_BITSET && cmd != FUTEX_WAIT)
		return -ENOSYS;
	if (uaddr & 3)
		return -EINVAL;
	switch (cmd) {
	case FUTEX_WAIT:
		return futex_wait(
			uaddr, value, timeout, false, CLOCK_MONOTONIC);
	case FUTEX_WAIT_BITSET:
		if (!(uint32_t)value3)
			return -EINVAL;
		return futex_wait(uaddr, value, timeout, true,
			realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC);
	case FUTEX_WAKE_BITSET:
		if (!(uint32_t)value3)
			return -EINVAL;
		/* fall through */
	case FUTEX_WAKE:
		return copy_from_user(&is, (const void *)uaddr, sizeof(is));
	}
	return -ENOSYS;
}
