/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that copy from one open file to another. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

#include "fs/file.h"
#include "fs/pagecache.h"
#include "fs/kstat.h"
#include "mm/uaccess.h"
#include "sys/proto.h"

/*
 * Operations of files take the program's addresses. The image of the
 * program holds keel's data too, so a buffer there can be given to them.
 */
static struct mutex buffer_lock;
static char buffer[16384]; /* under buffer_lock */

static bool readable(const struct file *f)
{
	return f && !(f->flags & O_PATH) && (f->flags & O_ACCMODE) != O_WRONLY;
}

static bool writable(const struct file *f)
{
	return f && !(f->flags & O_PATH) && (f->flags & O_ACCMODE) != O_RDONLY;
}

static bool is_content(const struct file *f)
{
	return f->inode &&
	       (f->ops == &regular_file_ops ||
		       (f->inode->fs->remote && inode_is_reg(f->inode)));
}

/* Where to read and write: at a number of the program's, or the file's. */
struct offset {
	long user; /* address, or 0 */
	uint64_t at;
	uint64_t *pos;
};

static int offset_get(struct offset *o, long user, struct file *f)
{
	o->user = user;
	o->pos = &f->pos;
	if (user) {
		if (copy_from_user(&o->at, (const void *)user, sizeof(o->at)))
			return -EFAULT;
		o->pos = &o->at;
	}
	return (int64_t)*o->pos < 0 ? -EINVAL : 0;
}

static int offset_put(const struct offset *o)
{
	if (!o->user)
		return 0;
	return copy_to_user((void *)o->user, &o->at, sizeof(o->at));
}

/* Until a pipe or a socket takes something. */
static long wait_writable(struct file *out)
{
	const unsigned ready = POLLOUT | POLLERR | POLLHUP;
	struct waitq *q = NULL;

	if (out->ops->poll(out, &q) & ready)
		return 0;
	return wait_event_for(q, WAITQ_OUT | POLLERR | POLLHUP, NEVER,
		out->ops->poll(out, &q) & ready);
}

/* A lot through the buffer; what was read and not written does not count.
 * Nobody waits for a reader with the buffer, which all threads share. */
static long copy_lot(struct file *in, uint64_t *in_pos, struct file *out,
	uint64_t *out_pos, size_t n)
{
	bool waits =
		!out->inode && out->ops->poll && !(out->flags & O_NONBLOCK);
	struct file at_once = *out, *to = waits ? &at_once : out;
	uint64_t at;
	long r, w;

	at_once.flags |= O_NONBLOCK;
	do {
		at = *in_pos;
		mutex_lock(&buffer_lock);
		r = in->ops->read(in, buffer, MIN(n, sizeof(buffer)), &at);
		w = r > 0 ? to->ops->write(to, buffer, r, out_pos) : r;
		if (w > 0)
			*in_pos += w;
		mutex_unlock(&buffer_lock);
		r = waits && w == -EAGAIN ? wait_writable(out) : w;
	} while (!r && w == -EAGAIN);
	return r;
}

static long copy_all(struct file *in, uint64_t *in_pos, struct file *out,
	uint64_t *out_pos, size_t n)
{
	size_t done = 0;
	long r = 0;

	while (done < n) {
		size_t lot = MIN(n - done, sizeof(buffer));

		r = copy_lot(in, in_pos, out, out_pos, lot);
		if (r <= 0)
			break;
		done += r;
	}
	return done ? (long)done : r;
}

/* One page, or what is left of it. */
static long send_page(
	struct file *out, struct inode *ino, uint64_t pos, uint64_t n)
{
	unsigned at = (unsigned)(pos & ~PAGE_MASK);
	uint64_t part = MIN(n, PAGE_SIZE - at);
	struct page *p;
	long r = pagecache_read(ino, pos >> PAGE_SHIFT,
		(at + n + PAGE_SIZE - 1) >> PAGE_SHIFT, false, &p);

	if (r)
		return r;
	r = out->ops->send_page(out, p, at, part, part < n);
	page_put(p);
	return r;
}

/* Pages of the page cache, as they are. */
static long send_pages(
	struct file *out, struct inode *ino, uint64_t *pos, size_t n)
{
	size_t done = 0;
	long r = 0;

	while (done < n && *pos < ino->size) {
		r = send_page(out, ino, *pos, MIN(n - done, ino->size - *pos));
		if (r <= 0)
			break;
		done += r;
		*pos += r;
	}
	return done ? (long)done : r;
}

static long sendfile(struct file *out, struct file *in, long uoffset, size_t n)
{
	struct offset o;
	long r;

	if (!readable(in) || !writable(out))
		return -EBADF;
	if (uoffset && !in->inode)
		return -ESPIPE;
	if (!is_content(in) || !out->ops->write || out->flags & O_APPEND)
		return -EINVAL;
	r = offset_get(&o, uoffset, in);
	if (r)
		return r;
	n = MIN(n, 0x7ffff000UL);
	r = -EOPNOTSUPP;
	if (out->ops->send_page && in->ops == &regular_file_ops)
		r = send_pages(out, in->inode, o.pos, n);
	if (r == -EOPNOTSUPP)
		r = copy_all(in, o.pos, out, &out->pos, n);
	return r >= 0 && offset_put(&o) ? -EFAULT : r;
}

long do_sendfile(long out_fd, long in_fd, long uoffset, long n)
{
	struct file *in = fd_get((int)in_fd), *out = fd_get((int)out_fd);
	long r = sendfile(out, in, uoffset, n);

	file_put(out);
	file_put(in);
	return r;
}

static bool overlap(const struct file *in, uint64_t from,
	const struct file *out, uint64_t to, uint64_t n)
{
	return in->inode == out->inode && from < to + n && to < from + n;
}

static long copy_range(
	struct file *in, long uin, struct file *out, long uout, size_t n)
{
	struct offset from, to;
	struct kstat st;
	long r;

	if (!in || !out)
		return -EBADF;
	if ((in->inode && inode_is_dir(in->inode)) ||
		(out->inode && inode_is_dir(out->inode)))
		return -EISDIR;
	if (!is_content(in) || !is_content(out))
		return -EINVAL;
	if (!readable(in) || !writable(out) || out->flags & O_APPEND)
		return -EBADF;
	r = offset_get(&from, uin, in);
	if (!r)
		r = offset_get(&to, uout, out);
	if (r)
		return r;
	r = file_stat(in, &st);
	if (r || *from.pos >= st.size)
		return r;
	n = MIN(n, st.size - *from.pos);
	n = MIN(n, 0x7ffff000UL);
	if (overlap(in, *from.pos, out, *to.pos, n))
		return -EINVAL;
	r = copy_all(in, from.pos, out, to.pos, n);
	return r >= 0 && (offset_put(&from) || offset_put(&to)) ? -EFAULT : r;
}

long do_copy_file_range(
	long in_fd, long uin, long out_fd, long uout, long n, long flags)
{
	struct file *in, *out;
	long r;

	if ((uint32_t)flags)
		return -EINVAL;
	in = fd_get((int)in_fd);
	out = fd_get((int)out_fd);
	r = copy_range(in, uin, out, uout, n);
	file_put(out);
	file_put(in);
	return r;
}
