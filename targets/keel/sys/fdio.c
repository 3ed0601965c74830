/* SPDX-License-Identifier: Apache-2.0 */
/* System calls on an open descriptor that need no file system. */
#include <asm/errno.h>
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <linux/fs.h>
#include <linux/uio.h>

#include "fs/file.h"
#include "mm/uaccess.h"
#include "sys/proto.h"

/* Linux's MAX_RW_COUNT: the most that one call moves. */
#define RW_MAX 0x7ffff000UL

/* For reading or writing: -EBADF if it was not opened so. */
static struct file *get_for(long fd, bool write)
{
	struct file *f = fd_get((int)fd);
	uint32_t acc;

	if (!f)
		return NULL;
	acc = f->flags & O_ACCMODE;
	if (f->flags & O_PATH || acc == (write ? O_RDONLY : O_WRONLY)) {
		file_put(f);
		return NULL;
	}
	return f;
}

static long transfer(
	struct file *f, bool write, uint64_t buf, uint64_t n, uint64_t *pos)
{
	if ((int64_t)n < 0 || (int64_t)(*pos + n) < 0)
		return -EINVAL;
	n = MIN(n, RW_MAX);
	if (write) {
		if (!f->ops->write)
			return -EINVAL;
		return f->ops->write(f, (const void *)buf, n, pos);
	}
	if (!f->ops->read)
		return -EINVAL;
	return f->ops->read(f, (void *)buf, n, pos);
}

static long rw(long fd, bool write, uint64_t buf, uint64_t n)
{
	struct file *f = get_for(fd, write);
	long r;

	if (!f)
		return -EBADF;
	r = transfer(f, write, buf, n, &f->pos);
	file_put(f);
	return r;
}

long do_read(long fd, long buf, long n)
{
	return rw(fd, false, buf, n);
}

long do_write(long fd, long buf, long n)
{
	return rw(fd, true, buf, n);
}

/* One after the other up to a short one, as on Linux for files. */
static long transfer_v(
	struct file *f, bool write, uint64_t uvec, long nvec, uint64_t *pos)
{
	uint64_t total = 0;
	long done = 0;

	if (nvec < 0 || nvec > UIO_MAXIOV)
		return -EINVAL;
	for (long i = 0; i < nvec; i++) {
		struct iovec v;

		if (copy_from_user(
			    &v, (const struct iovec *)uvec + i, sizeof(v)))
			return -EFAULT;
		if ((int64_t)v.iov_len < 0)
			return -EINVAL;
		total += v.iov_len;
	}
	for (long i = 0; i < nvec; i++) {
		struct iovec v;
		long r;

		if (copy_from_user(
			    &v, (const struct iovec *)uvec + i, sizeof(v)))
			return done ? done : -EFAULT;
		/* An empty write still asks the file once. */
		if (!v.iov_len && (total || i))
			continue;
		v.iov_len = MIN(v.iov_len, RW_MAX - done);
		r = transfer(f, write, (uint64_t)v.iov_base, v.iov_len, pos);
		if (r < 0)
			return done ? done : r;
		done += r;
		if ((uint64_t)r < v.iov_len)
			break;
	}
	return done;
}

static long rw_v(long fd, bool write, uint64_t uvec, long nvec)
{
	struct file *f = get_for(fd, write);
	long r;

	if (!f)
		return -EBADF;
	r = f->ops->vector ? f->ops->vector(f, write, uvec, nvec)
			   : transfer_v(f, write, uvec, nvec, &f->pos);
	file_put(f);
	return r;
}

long do_readv(long fd, long uvec, long nvec)
{
	return rw_v(fd, false, uvec, (int)nvec);
}

long do_writev(long fd, long uvec, long nvec)
{
	return rw_v(fd, true, uvec, (int)nvec);
}

/* Positioned calls work where seeking does: on files with an inode. */
static long positioned(
	long fd, bool write, uint64_t buf, long n, int64_t pos, bool vector)
{
	struct file *f = fd_get((int)fd);
	uint64_t at = pos;
	long r;

	if (!f)
		return -EBADF;
	file_put(f);
	if (!f->inode)
		return f->flags & O_PATH ? -EBADF : -ESPIPE;
	f = get_for(fd, write);
	if (!f)
		return -EBADF;
	if (pos < 0)
		r = -EINVAL;
	else if (vector)
		r = transfer_v(f, write, buf, (int)n, &at);
	else
		r = transfer(f, write, buf, n, &at);
	file_put(f);
	return r;
}

long do_pread64(long fd, long buf, long n, long pos)
{
	return pos < 0 ? -EINVAL : positioned(fd, false, buf, n, pos, false);
}

long do_pwrite64(long fd, long buf, long n, long pos)
{
	return pos < 0 ? -EINVAL : positioned(fd, true, buf, n, pos, false);
}

long do_preadv(long fd, long uvec, long nvec, long lo, long hi)
{
	(void)hi; /* the upper half of `lo` on machines of 32 bits */
	return lo < 0 ? -EINVAL : positioned(fd, false, uvec, nvec, lo, true);
}

long do_pwritev(long fd, long uvec, long nvec, long lo, long hi)
{
	(void)hi;
	return lo < 0 ? -EINVAL : positioned(fd, true, uvec, nvec, lo, true);
}

/* Hints are taken; what would change the data's fate is refused. */
long do_preadv2(long fd, long uvec, long nvec, long lo, long hi, long flags)
{
	if (flags & ~(long)(RWF_HIPRI | RWF_DSYNC | RWF_SYNC))
		return -EOPNOTSUPP;
	if (lo == -1)
		return do_readv(fd, uvec, nvec);
	return do_preadv(fd, uvec, nvec, lo, hi);
}

long do_pwritev2(long fd, long uvec, long nvec, long lo, long hi, long flags)
{
	struct file *f;
	long r;

	if (flags & ~(long)(RWF_HIPRI | RWF_DSYNC | RWF_SYNC))
		return -EOPNOTSUPP;
	r = lo == -1 ? do_writev(fd, uvec, nvec)
		     : do_pwritev(fd, uvec, nvec, lo, hi);
	f = flags & (RWF_DSYNC | RWF_SYNC) && r > 0 ? fd_get((int)fd) : NULL;
	if (f && f->ops->fsync) {
		int err = f->ops->fsync(f, !(flags & RWF_SYNC));

		r = err ? err : r;
	}
	file_put(f);
	return r;
}

long do_lseek(long fd, long offset, long whence)
{
	struct file *f = fd_get((int)fd);
	long r;

	if (!f)
		return -EBADF;
	if (f->flags & O_PATH)
		r = -EBADF;
	else if (!f->ops->seek)
		r = -ESPIPE;
	else
		r = f->ops->seek(f, offset, (int)whence);
	file_put(f);
	return r;
}

long do_close(long fd)
{
	return fd_close((int)fd);
}

static long toggle(struct file *f, uint32_t flag, uint64_t uarg)
{
	int on;

	if (copy_from_user(&on, (const void *)uarg, sizeof(on)))
		return -EFAULT;
	f->flags = on ? f->flags | flag : f->flags & ~flag;
	return 0;
}

long do_ioctl(long fd, long cmd, long arg)
{
	struct file *f = fd_get((int)fd);
	long r;

	if (!f)
		return -EBADF;
	if (f->flags & O_PATH)
		r = -EBADF;
	else if ((uint32_t)cmd == FIOCLEX || (uint32_t)cmd == FIONCLEX)
		r = fd_set_cloexec((int)fd, (uint32_t)cmd == FIOCLEX);
	else if ((uint32_t)cmd == FIONBIO)
		r = toggle(f, O_NONBLOCK, arg);
	else if (!f->ops->ioctl)
		r = -ENOTTY;
	else
		r = f->ops->ioctl(f, (uint32_t)cmd, arg);
	file_put(f);
	return r;
}
