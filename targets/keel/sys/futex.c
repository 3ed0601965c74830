/* SPDX-License-Identifier: Apache-2.0 */
/* futex, for one thread: nobody else is there to wake a sleeper, so only
 * time or a signal ends a wait. With more, sys/futex_queue.c takes over. */
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

#define OPERATIONS                                                    \
	(1 << FUTEX_WAIT | 1 << FUTEX_WAKE | 1 << FUTEX_WAIT_BITSET | \
		1 << FUTEX_WAKE_BITSET)

weak long do_futex(
	long uaddr, long op, long value, long timeout, long uaddr2, long value3)
{
	unsigned cmd = op & FUTEX_CMD_MASK;
	bool wake = cmd == FUTEX_WAKE || cmd == FUTEX_WAKE_BITSET;
	bool bitset = cmd >= FUTEX_WAIT_BITSET;
	uint32_t is;
	int err;

	(void)uaddr2;
	if (cmd > FUTEX_WAKE_BITSET || !(OPERATIONS >> cmd & 1) ||
		(op & FUTEX_CLOCK_REALTIME && wake) ||
		(timeout && !wake && !futex_sleep))
		return -ENOSYS;
	if (uaddr & 3 || (bitset && !(uint32_t)value3))
		return -EINVAL;
	if (copy_from_user(&is, (const void *)uaddr, sizeof(is)))
		return -EFAULT;
	if (wake)
		return 0;
	if (is != (uint32_t)value)
		return -EAGAIN;
	do
		err = timeout ? futex_sleep(op & FUTEX_CLOCK_REALTIME
						    ? CLOCK_REALTIME
						    : CLOCK_MONOTONIC,
					timeout, bitset)
			      : waitq_sleep_ever();
	while (!err);
	return err;
}
