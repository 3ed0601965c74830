/* SPDX-License-Identifier: Apache-2.0 */
/* The niceness of the only process: kept, and nobody else wants the CPU. */
#include "sys/proto.h"

#include <linux/errno.h>
#include <linux/resource.h>

enum { PID = 1, UID = 0, NICEST = 19, LEAST = -20 };

static int nice_now;

static int target(int which, int who)
{
	switch (which) {
	case PRIO_PROCESS:
	case PRIO_PGRP:
		return who == 0 || who == PID ? 0 : -ESRCH;
	case PRIO_USER:
		return who == UID ? 0 : -ESRCH;
	default:
		return -EINVAL;
	}
}

/* As Linux: 40 for the least nice to 1, so that no answer is negative. */
long do_getpriority(long which, long who)
{
	int err = target((int)which, (int)who);

	return err ? err : NICEST + 1 - nice_now;
}

long do_setpriority(long which, long who, long value)
{
	int err = target((int)which, (int)who);
	int n = (int)value;

	if (err)
		return err;
	nice_now = n < LEAST ? LEAST : n > NICEST ? NICEST : n;
	return 0;
}
