/* SPDX-License-Identifier: Apache-2.0 */
/* System calls on the table of descriptors: dup, fcntl, close_range. */
#include <asm/errno.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>

#include "fs/file.h"
#include "fs/lock.h"
#include "mm/uaccess.h"
#include "sys/proto.h"

static long dup_at(long fd, long min, bool cloexec)
{
	struct file *f = fd_get((int)fd);
	int r;

	if (!f)
		return -EBADF;
	if (min < 0 || (uint64_t)min >= fd_limit)
		r = -EINVAL;
	else
		r = fd_install(f, (int)min, cloexec);
	if (r < 0)
		file_put(f);
	return r;
}

long do_dup(long fd)
{
	return dup_at(fd, 0, false);
}

long do_dup2(long from, long to)
{
	if ((int)from == (int)to)
		return fd_get_cloexec((int)to) < 0 ? -EBADF : (int)to;
	return fd_replace((int)from, (int)to, false);
}

long do_dup3(long from, long to, long flags)
{
	if ((int)from == (int)to || (int)flags & ~O_CLOEXEC)
		return -EINVAL;
	return fd_replace((int)from, (int)to, (int)flags & O_CLOEXEC);
}

long do_close_range(long first, long last, long flags)
{
	uint32_t lo = first, hi = last;

	/* Sharing of the table is at an end with one process. */
	if ((uint32_t)flags & ~(uint32_t)(CLOSE_RANGE_UNSHARE |
					  CLOSE_RANGE_CLOEXEC) ||
		lo > hi)
		return -EINVAL;
	if (lo > INT32_MAX)
		return 0;
	for (int fd = fd_next((int)lo); fd >= 0 && (uint32_t)fd <= hi;
		fd = fd_next(fd + 1)) {
		if ((uint32_t)flags & CLOSE_RANGE_CLOEXEC)
			fd_set_cloexec(fd, true);
		else
			fd_close(fd);
	}
	return 0;
}

static long set_flags(struct file *f, uint32_t flags)
{
	const uint32_t may = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME;

	f->flags = (f->flags & ~may) | (flags & may);
	return 0;
}

static long record_lock(struct file *f, int cmd, uint64_t uarg)
{
	bool ofd = cmd >= F_OFD_GETLK;
	struct flock fl;
	int err;

	if (copy_from_user(&fl, (const void *)uarg, sizeof(fl)))
		return -EFAULT;
	if (cmd != F_GETLK && cmd != F_OFD_GETLK)
		return lock_record_set(
			f, &fl, ofd, cmd == F_SETLKW || cmd == F_OFD_SETLKW);
	err = lock_record_get(f, &fl, ofd);
	return err ? err : copy_to_user((void *)uarg, &fl, sizeof(fl));
}

static long control(struct file *f, int fd, int cmd, long arg)
{
	switch (cmd) {
	case F_GETFD:
		return fd_get_cloexec(fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		return fd_set_cloexec(fd, arg & FD_CLOEXEC);
	case F_GETFL:
		return f->flags;
	}
	if (f->flags & O_PATH)
		return -EBADF;
	switch (cmd) {
	case F_SETFL:
		return set_flags(f, (uint32_t)arg);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return record_lock(f, cmd, arg);
	}
	/* Pipe sizes, and signals on events, which keel does not send. */
	if (f->ops->fcntl)
		return f->ops->fcntl(f, cmd, arg);
	return -EINVAL;
}

long do_fcntl(long fd, long cmd, long arg)
{
	struct file *f;
	long r;

	if ((int)cmd == F_DUPFD || (int)cmd == F_DUPFD_CLOEXEC)
		return dup_at(fd, (int)arg, (int)cmd == F_DUPFD_CLOEXEC);
	f = fd_get((int)fd);
	if (!f)
		return -EBADF;
	r = control(f, (int)fd, (int)cmd, arg);
	file_put(f);
	return r;
}

long do_flock(long fd, long operation)
{
	struct file *f = fd_get((int)fd);
	long r;

	if (!f)
		return -EBADF;
	r = f->flags & O_PATH ? -EBADF : lock_whole(f, (int)operation);
	file_put(f);
	return r;
}
