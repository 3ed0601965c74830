/* SPDX-License-Identifier: Apache-2.0 */
/* Counters that can be waited for. */
#include "fs/eventfd.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

#include "fs/anon.h"
#include "fs/file.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"

/* The largest count; a write that would pass it waits. */
#define COUNT_MAX (UINT64_MAX - 1)

struct eventfd {
	uint64_t count;
	unsigned mode;
	struct waitq wait;
};

static long eventfd_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	struct eventfd *e = f->priv;
	uint64_t value;
	int err;

	(void)pos;
	if (n < sizeof(value))
		return -EINVAL;
	while (!e->count) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_for(&e->wait, WAITQ_IN, NEVER, e->count);
		if (err)
			return err;
	}
	value = e->mode & EVENTFD_COUNTS_DOWN ? 1 : e->count;
	e->count -= value;
	waitq_wake_for(&e->wait, POLLOUT);
	return copy_to_user(ubuf, &value, sizeof(value)) ? -EFAULT
							 : (long)sizeof(value);
}

static long eventfd_write(
	struct file *f, const void *ubuf, size_t n, uint64_t *pos)
{
	struct eventfd *e = f->priv;
	uint64_t value;
	int err;

	(void)pos;
	if (n < sizeof(value))
		return -EINVAL;
	if (copy_from_user(&value, ubuf, sizeof(value)))
		return -EFAULT;
	if (value == UINT64_MAX)
		return -EINVAL;
	while (COUNT_MAX - e->count < value) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_for(&e->wait, WAITQ_OUT, NEVER,
			COUNT_MAX - e->count >= value);
		if (err)
			return err;
	}
	e->count += value;
	waitq_wake_for(&e->wait, POLLIN);
	return sizeof(value);
}

static unsigned eventfd_poll(struct file *f, struct waitq **q)
{
	struct eventfd *e = f->priv;

	*q = &e->wait;
	return (e->count ? POLLIN : 0) | (e->count < COUNT_MAX ? POLLOUT : 0);
}

static void eventfd_release(struct file *f)
{
	kfree(f->priv);
}

static const struct file_ops eventfd_ops = {.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.release = eventfd_release,
	.stat = anon_stat,
	.seek = anon_seek,
	.name = "anon_inode:[eventfd]"};

struct file *eventfd_new(uint64_t count, uint32_t flags, unsigned mode)
{
	struct eventfd *e = kzalloc(sizeof(*e));
	struct file *f = e ? file_new(&eventfd_ops, O_RDWR | flags) : NULL;

	if (!f) {
		kfree(e);
		return NULL;
	}
	e->count = count;
	e->mode = mode;
	f->priv = e;
	return f;
}
