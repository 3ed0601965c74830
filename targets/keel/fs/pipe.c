/* SPDX-License-Identifier: Apache-2.0 */
/* Pipes: a ring of pages between two open files. */
#include "fs/pipe.h"

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <linux/signal.h>
#include <linux/stat.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

#include "fs/file.h"
#include "fs/inode.h"
#include "kern/signal.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/uaccess.h"

enum {
	PIPE_PAGES = 16,
	PIPE_SIZE = PIPE_PAGES * PAGE_SIZE,
	PIPE_ATOMIC = 4096
}; /* PIPE_BUF of POSIX: such writes are whole */

struct pipe {
	struct mutex lock;
	uint64_t start; /* first byte, modulo PIPE_SIZE; under lock */
	uint64_t used;
	void *page[PIPE_PAGES]; /* made when first written */
	unsigned readers, writers;
	/* Apart, so that nobody is woken for the other side. */
	struct waitq read_wait, write_wait;
	uint64_t ino;
	struct ktime made;
};

/* Copies to or from the ring up to the end of a page; a count or error. */
static long move(struct pipe *p, char *ubuf, size_t n, bool write)
{
	uint64_t at = (p->start + (write ? p->used : 0)) % PIPE_SIZE;
	void **page = &p->page[at / PAGE_SIZE];
	size_t part = MIN(n, PAGE_SIZE - at % PAGE_SIZE);
	char *place;

	if (!*page)
		*page = kmalloc(PAGE_SIZE);
	if (!*page)
		return -ENOMEM;
	place = (char *)*page + at % PAGE_SIZE;
	if (write ? copy_from_user(place, ubuf, part)
		  : copy_to_user(ubuf, place, part))
		return -EFAULT;
	if (write) {
		p->used += part;
	} else {
		p->start += part;
		p->used -= part;
	}
	return part;
}

static long move_all(struct pipe *p, char *ubuf, size_t n, bool write)
{
	size_t done = 0;

	while (done < n) {
		long r = move(p, ubuf + done, n - done, write);

		if (r < 0)
			return done ? (long)done : r;
		done += r;
	}
	return done;
}

/* Whether `n` more bytes may be written now, at least in part. */
static bool has_room(const struct pipe *p, size_t n)
{
	uint64_t room = PIPE_SIZE - p->used;

	return n <= PIPE_ATOMIC ? room >= n : room > 0;
}

static long pipe_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	struct pipe *p = f->priv;
	bool full;
	long r;

	(void)pos;
	if (!n)
		return 0;
	mutex_lock(&p->lock);
	while (!p->used && p->writers) {
		mutex_unlock(&p->lock);
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		r = wait_event(&p->read_wait, NEVER, p->used || !p->writers);
		if (r)
			return r;
		mutex_lock(&p->lock);
	}
	full = !has_room(p, PIPE_ATOMIC);
	r = move_all(p, ubuf, MIN(n, p->used), false);
	mutex_unlock(&p->lock);
	if (r > 0 && full)
		waitq_wake_for(&p->write_wait, WAITQ_OUT);
	return r;
}

static long write_some(struct file *f, const char *ubuf, size_t n)
{
	struct pipe *p = f->priv;
	long r = 0;

	mutex_lock(&p->lock);
	while (p->readers && !has_room(p, n)) {
		mutex_unlock(&p->lock);
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		r = wait_event(
			&p->write_wait, NEVER, !p->readers || has_room(p, n));
		if (r)
			return r;
		mutex_lock(&p->lock);
	}
	if (p->readers)
		r = move_all(p, (char *)(uintptr_t)ubuf,
			MIN(n, PIPE_SIZE - p->used), true);
	else
		r = -EPIPE;
	mutex_unlock(&p->lock);
	if (r > 0)
		waitq_wake_for(&p->read_wait, WAITQ_IN);
	return r;
}

static long pipe_write(
	struct file *f, const void *ubuf, size_t n, uint64_t *pos)
{
	size_t done = 0;
	long r = 0;

	(void)pos;
	while (done < n) {
		r = write_some(f, (const char *)ubuf + done, n - done);
		if (r < 0)
			break;
		done += r;
	}
	if (r == -EPIPE)
		signal_send_self(SIGPIPE);
	return done ? (long)done : r;
}

static long pipe_ioctl(struct file *f, unsigned long cmd, unsigned long arg)
{
	struct pipe *p = f->priv;
	int used = (int)p->used;

	if (cmd != FIONREAD)
		return -ENOTTY;
	return copy_to_user((void *)arg, &used, sizeof(used));
}

static unsigned poll_read(struct file *f, struct waitq **q)
{
	struct pipe *p = f->priv;

	*q = &p->read_wait;
	return (p->used ? POLLIN | POLLRDNORM : 0) | (p->writers ? 0 : POLLHUP);
}

static unsigned poll_write(struct file *f, struct waitq **q)
{
	struct pipe *p = f->priv;

	*q = &p->write_wait;
	return (has_room(p, PIPE_ATOMIC) ? POLLOUT | POLLWRNORM : 0) |
	       (p->readers ? 0 : POLLERR);
}

static int pipe_stat(struct file *f, struct kstat *st)
{
	const struct pipe *p = f->priv;

	*st = (struct kstat){.dev = 0xe,
		.ino = p->ino,
		.nlink = 1,
		.mode = S_IFIFO | 0600,
		.blksize = PAGE_SIZE,
		.atime = p->made,
		.mtime = p->made,
		.ctime = p->made,
		.btime = p->made};
	return 0;
}

/* The size is what it is. */
static long pipe_fcntl(struct file *f, int cmd, long arg)
{
	(void)f;
	(void)arg;
	return cmd == F_GETPIPE_SZ ? (long)PIPE_SIZE : -EINVAL;
}

static void end_gone(struct pipe *p)
{
	if (!p->readers && !p->writers) {
		for (unsigned i = 0; i < PIPE_PAGES; i++)
			kfree(p->page[i]);
		kfree(p);
	} else {
		waitq_wake(&p->read_wait);
		waitq_wake(&p->write_wait);
	}
}

static void release_read(struct file *f)
{
	struct pipe *p = f->priv;

	p->readers = 0;
	end_gone(p);
}

static void release_write(struct file *f)
{
	struct pipe *p = f->priv;

	p->writers = 0;
	end_gone(p);
}

static const struct file_ops read_ops = {.read = pipe_read,
	.ioctl = pipe_ioctl,
	.poll = poll_read,
	.release = release_read,
	.stat = pipe_stat,
	.fcntl = pipe_fcntl};
static const struct file_ops write_ops = {.write = pipe_write,
	.ioctl = pipe_ioctl,
	.poll = poll_write,
	.release = release_write,
	.stat = pipe_stat,
	.fcntl = pipe_fcntl};

int pipe_new(uint32_t flags, struct file **read_end, struct file **write_end)
{
	static uint64_t next_ino = 1;
	struct pipe *p = kzalloc(sizeof(*p));
	struct file *r, *w;

	if (!p)
		return -ENOMEM;
	r = file_new(&read_ops, O_RDONLY | flags);
	w = file_new(&write_ops, O_WRONLY | flags);
	if (!r || !w) {
		kfree(r);
		kfree(w);
		kfree(p);
		return -ENOMEM;
	}
	p->readers = p->writers = 1;
	p->ino = next_ino++;
	p->made = ktime_now();
	r->priv = w->priv = p;
	*read_end = r;
	*write_end = w;
	return 0;
}
