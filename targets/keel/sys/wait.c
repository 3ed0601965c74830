/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of time of the calls that wait for files. */
#include "sys/wait.h"

#include <asm/errno.h>

#include "kern/time.h"
#include "mm/uaccess.h"
#include "sched/waitq.h"
#include "sys/time.h"

uint64_t wait_deadline(uint64_t ns)
{
	uint64_t now;

	if (!ns)
		return WAIT_NOT;
	now = clock_now();
	return ns < NEVER - now ? now + ns : NEVER;
}

uint64_t wait_deadline_ms(int ms)
{
	return ms < 0 ? NEVER : wait_deadline(ms * (NS_PER_S / 1000));
}

int wait_get_limit(long utime, uint64_t unit, uint64_t *deadline)
{
	int64_t t[2];

	*deadline = NEVER;
	if (!utime)
		return 0;
	if (copy_from_user(t, (const void *)utime, sizeof(t)))
		return -EFAULT;
	if (t[0] < 0 || t[1] < 0 || (uint64_t)t[1] >= unit)
		return -EINVAL;
	if ((uint64_t)t[0] < NEVER / NS_PER_S - 1)
		*deadline = wait_deadline(
			t[0] * NS_PER_S + t[1] * (NS_PER_S / unit));
	return 0;
}

static uint64_t left_of(uint64_t deadline)
{
	uint64_t now = deadline ? clock_now() : 0;

	return deadline > now ? deadline - now : 0;
}

void wait_put_limit(long utime, uint64_t unit, uint64_t deadline)
{
	uint64_t left = left_of(deadline);
	int64_t t[2] = {left / NS_PER_S, left % NS_PER_S / (NS_PER_S / unit)};

	/* Not being able to write there is no error, as on Linux. */
	if (utime && deadline != NEVER &&
		copy_to_user((void *)utime, t, sizeof(t)))
		return;
}
