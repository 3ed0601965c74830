/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls of epoll. */
#include <asm/errno.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>

#include "fs/anon.h"
#include "fs/eventpoll.h"
#include "fs/file.h"
#include "kern/signal.h"
#include "mm/uaccess.h"
#include "sys/proto.h"
#include "sys/time.h"
#include "sys/wait.h"

long do_epoll_create1(long flags)
{
	if ((int)flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	return anon_install(epoll_file_new(), (int)flags & EPOLL_CLOEXEC);
}

long do_epoll_create(long size)
{
	return (int)size > 0 ? do_epoll_create1(0) : -EINVAL;
}

/* What was opened with O_PATH is only a place. */
static struct file *get(long fd)
{
	struct file *f = fd_get((int)fd);

	if (f && f->flags & O_PATH) {
		file_put(f);
		f = NULL;
	}
	return f;
}

long do_epoll_ctl(long epfd, long op, long fd, long uevent)
{
	struct epoll_event event = {0};
	struct file *ep, *f;
	long r = -EBADF;

	if ((int)op != EPOLL_CTL_DEL &&
		copy_from_user(&event, (const void *)uevent, sizeof(event)))
		return -EFAULT;
	ep = get(epfd);
	f = get(fd);
	if (ep && f)
		r = epoll_control(ep, (int)op, f, (int)fd, &event);
	file_put(f);
	file_put(ep);
	return r;
}

/* A limit of time as the calls have it: ms, or a timespec. The clock is only
 * read when nothing is ready. */
struct limit {
	int ms;
	bool is_timespec;
	uint64_t deadline;
};

static long wait_for(
	struct file *ep, void *uevents, int max, struct limit *limit)
{
	long r = 0;
	int err = 0;

	if (epoll_has_ready(ep))
		r = epoll_harvest(ep, uevents, max);
	if (r)
		return r;
	if (!limit->is_timespec)
		limit->deadline = wait_deadline_ms(limit->ms);
	while (!r && !err && limit->deadline != WAIT_NOT) {
		err = wait_event_for(epoll_waitq(ep),
			WAITQ_IN | WAITQ_EXCLUSIVE, limit->deadline,
			epoll_has_ready(ep));
		if (!err || err == -ETIMEDOUT)
			r = epoll_harvest(ep, uevents, max);
		else
			epoll_pass_on(ep);
	}
	/* A signal ends it whatever SA_RESTART says. */
	return err == -ERESTARTSYS && !r ? -EINTR : r;
}

static long wait_on(long epfd, long uevents, long max, struct limit *limit)
{
	struct file *ep;
	long r = -EINVAL;

	if ((int)max <= 0 ||
		(int)max > INT32_MAX / (int)sizeof(struct epoll_event))
		return -EINVAL;
	ep = get(epfd);
	if (!ep)
		return -EBADF;
	if (epoll_is(ep))
		r = wait_for(ep, (void *)uevents, (int)max, limit);
	file_put(ep);
	return r;
}

long do_epoll_wait(long epfd, long uevents, long max, long ms)
{
	return wait_on(epfd, uevents, max, &(struct limit){.ms = (int)ms});
}

static long wait_masked(long epfd, long uevents, long max, struct limit *limit,
	long umask, long size)
{
	long r = signal_mask_set(umask, size);

	if (r)
		return r;
	r = wait_on(epfd, uevents, max, limit);
	signal_mask_restore(r == -EINTR);
	return r;
}

long do_epoll_pwait(
	long epfd, long uevents, long max, long ms, long umask, long size)
{
	return wait_masked(epfd, uevents, max, &(struct limit){.ms = (int)ms},
		umask, size);
}

long do_epoll_pwait2(
	long epfd, long uevents, long max, long utime, long umask, long size)
{
	struct limit limit = {.is_timespec = true};
	int err = wait_get_limit(utime, NS_PER_S, &limit.deadline);

	if (err)
		return err;
	return wait_masked(epfd, uevents, max, &limit, umask, size);
}
