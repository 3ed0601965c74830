/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls of timerfd. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/time.h>

#include "fs/anon.h"
#include "fs/file.h"
#include "fs/timerfd.h"
#include "sys/proto.h"
#include "sys/time.h"

enum { TFD_TIMER_ABSTIME = 1, TFD_TIMER_CANCEL_ON_SET = 2 };

long do_timerfd_create(long clock, long flags)
{
	if ((int)flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	switch ((int)clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		break;
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return -EOPNOTSUPP; /* nothing wakes a machine that is off */
	default:
		return -EINVAL;
	}
	return anon_install(
		timerfd_new((int)clock == CLOCK_REALTIME, flags & O_NONBLOCK),
		flags & O_CLOEXEC);
}

/* The timer behind a descriptor, with a reference. */
static int get(long fd, struct file **out)
{
	struct file *f = fd_get((int)fd);

	if (!f)
		return -EBADF;
	if (!timerfd_is(f)) {
		int err = f->flags & O_PATH ? -EBADF : -EINVAL;

		file_put(f);
		return err;
	}
	*out = f;
	return 0;
}

static int put_time(long u, const struct timerfd_time *t)
{
	int err = put_timespec(u, t->interval);

	return err ? err : put_timespec(u + 16, t->value);
}

long do_timerfd_settime(long fd, long flags, long unew, long uold)
{
	struct timerfd_time new, old;
	struct file *f;
	int err, canceled;

	err = get_timespec(unew, &new.interval);
	if (!err)
		err = get_timespec(unew + 16, &new.value);
	if (err)
		return err;
	if ((int)flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
		return -EINVAL;
	err = get(fd, &f);
	if (err)
		return err;
	canceled = timerfd_set(f,
		((int)flags & TFD_TIMER_ABSTIME ? TIMERFD_ABSOLUTE : 0) |
			((int)flags & TFD_TIMER_CANCEL_ON_SET ? TIMERFD_CANCEL
							      : 0),
		new, &old);
	file_put(f);
	if (uold && put_time(uold, &old))
		return -EFAULT;
	return canceled;
}

long do_timerfd_gettime(long fd, long ucur)
{
	struct timerfd_time t;
	struct file *f;
	int err = get(fd, &f);

	if (err)
		return err;
	timerfd_get(f, &t);
	file_put(f);
	return put_time(ucur, &t);
}
