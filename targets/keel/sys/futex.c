/* SPDX-License-Identifier: Apache-2.0 */
/* futex, for one thread: nobody else is there to wake a sleeper, so only
 * time or a signal ends a wait. */
#include "mm/uaccess.h"
#include "sched/waitq.h"
#include "sys/proto.h"
#include "sys/time.h"

#include <linux/errno.h>
#include <linux/futex.h>
#include <linux/time.h>

/* Waits with a timeout need a clock. A program that can tell a time links
 * it by its own calls; C libraries take locks without. */
weak int futex_sleep(int clock, long timeout, int absolute);

static long futex_wait(long uaddr, uint32_t value)
{
	uint32_t is;

	if (copy_from_user(&is, (const void *)uaddr, sizeof(is)))
		return -EFAULT;
	return is == value ? 0 : -EAGAIN;
}

long do_futex(
	long uaddr, long op, long value, long timeout, long uaddr2, long value3)
{
	int cmd = op & FUTEX_CMD_MASK;
	bool realtime = op & FUTEX_CLOCK_REALTIME;
	bool bitset = cmd == FUTEX_WAIT_BITSET || cmd == FUTEX_WAKE_BITSET;
	struct waitq q = {0};
	uint32_t is;
	long err;

	(void)uaddr2;
	if (realtime && cmd != FUTEX_WAIT_BITSET && cmd != FUTEX_WAIT)
		return -ENOSYS;
	if (uaddr & 3 || (bitset && !(uint32_t)value3))
		return -EINVAL;
	switch (cmd) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		if (timeout && !futex_sleep)
			return -ENOSYS;
		err = futex_wait(uaddr, value);
		if (err)
			return err;
		if (!timeout)
			return wait_event(&q, NEVER, false);
		return futex_sleep(realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC,
			timeout, bitset);
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
		return copy_from_user(&is, (const void *)uaddr, sizeof(is));
	}
	return -ENOSYS;
}
