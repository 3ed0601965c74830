/* SPDX-License-Identifier: Apache-2.0 */
/* Readiness of many files: which are watched, and for what. */
#include "fs/eventpoll_item.h"

#include <asm/errno.h>

#include "mm/kmalloc.h"

enum {
	BUCKETS_MAX = 1 << 18,
	DEPTH_MAX = 5, /* epoll files that watch each other */
};

#define EXCLUSIVE_MAY                                                        \
	((uint32_t)(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | \
		    EPOLLET | EPOLLEXCLUSIVE))

static struct epoll_item **slot_of(struct epoll *ep, int fd)
{
	return &ep->bucket[(unsigned)fd & (ep->nbuckets - 1)];
}

struct epoll_item *epoll_find(struct epoll *ep, const struct file *f, int fd)
{
	struct epoll_item *i = *slot_of(ep, fd);

	while (i && (i->fd != fd || i->file != f))
		i = i->hash_next;
	return i;
}

/* More buckets, if there is memory: it works with too few, too. */
static void grow(struct epoll *ep)
{
	unsigned n = ep->nbuckets;
	struct epoll_item **old = ep->bucket, **more;

	if (n >= BUCKETS_MAX)
		return;
	more = kzalloc(2UL * n * sizeof(void *));
	if (!more)
		return;
	ep->bucket = more;
	ep->nbuckets = 2 * n;
	for (unsigned b = 0; b < n; b++) {
		for (struct epoll_item *i = old[b], *next; i; i = next) {
			struct epoll_item **slot = slot_of(ep, i->fd);

			next = i->hash_next;
			i->hash_next = *slot;
			*slot = i;
		}
	}
	kfree(old);
}

void epoll_item_free(struct epoll_item *i)
{
	struct epoll *ep = i->ep;
	struct epoll_item **slot = slot_of(ep, i->fd);

	if (i->q)
		waitq_remove(i->q, &i->entry);
	epoll_ready_remove(i);
	while (*slot != i)
		slot = &(*slot)->hash_next;
	*slot = i->hash_next;
	*i->file_link = i->file_next;
	if (i->file_next)
		i->file_next->file_link = i->file_link;
	ep->count--;
	ep->nested -= epoll_is(i->file);
	kfree(i);
}

static long item_add(struct epoll *ep, struct file *f, int fd,
	const struct epoll_event *event)
{
	struct epoll_item *i = kzalloc(sizeof(*i)), **slot;

	if (!i)
		return -ENOMEM;
	if (ep->count >= ep->nbuckets)
		grow(ep);
	i->ep = ep;
	i->file = f;
	i->fd = fd;
	i->events = event->events | EPOLL_ALWAYS;
	i->data = event->data;
	slot = slot_of(ep, fd);
	i->hash_next = *slot;
	*slot = i;
	i->file_next = f->watched;
	i->file_link = &f->watched;
	if (i->file_next)
		i->file_next->file_link = &i->file_next;
	f->watched = i;
	ep->count++;
	ep->nested += epoll_is(f);
	/* On the queue first: what happens from now on is not missed. */
	f->ops->poll(f, &i->q);
	i->entry.fn = epoll_item_woken;
	i->entry.events = i->events;
	if (i->q)
		waitq_add(i->q, &i->entry);
	epoll_item_check(i);
	return 0;
}

void epoll_forget(struct file *f)
{
	for (struct epoll_item *i = f->watched, *next; i; i = next) {
		next = i->file_next;
		epoll_item_free(i);
	}
}

/* How many epoll files hang below one another from `f` on; more than
 * DEPTH_MAX if `above` is among them. */
static int depth_below(struct file *f, const struct file *above, int depth)
{
	struct epoll *ep = f->priv;
	int most = depth;

	if (f == above || depth > DEPTH_MAX)
		return DEPTH_MAX + 1;
	for (unsigned b = 0; b < ep->nbuckets && ep->nested; b++) {
		for (struct epoll_item *i = ep->bucket[b]; i;
			i = i->hash_next) {
			if (epoll_is(i->file))
				most = MAX(most,
					depth_below(i->file, above, depth + 1));
		}
	}
	return most;
}

/* The same upwards: who watches `f`. */
static int depth_above(const struct file *f, int depth)
{
	int most = depth;

	if (depth > DEPTH_MAX)
		return depth;
	for (struct epoll_item *i = f->watched; i; i = i->file_next)
		most = MAX(most, depth_above(i->ep->file, depth + 1));
	return most;
}

static int check_exclusive(
	int op, const struct file *f, const struct epoll_event *event)
{
	if (op == EPOLL_CTL_DEL || !(event->events & EPOLLEXCLUSIVE))
		return 0;
	if (op == EPOLL_CTL_MOD)
		return -EINVAL;
	return op == EPOLL_CTL_ADD &&
			       (epoll_is(f) || event->events & ~EXCLUSIVE_MAY)
		       ? -EINVAL
		       : 0;
}

static long change(struct epoll_item *i, const struct epoll_event *event)
{
	if (i->events & EPOLLEXCLUSIVE)
		return -EINVAL;
	i->events = i->entry.events = event->events | EPOLL_ALWAYS;
	i->data = event->data;
	epoll_item_check(i);
	return 0;
}

long epoll_control(struct file *epf, int op, struct file *f, int fd,
	const struct epoll_event *event)
{
	struct epoll *ep = epf->priv;
	struct epoll_item *i;
	int err;

	if (!f->ops->poll)
		return -EPERM;
	if (f == epf || !epoll_is(epf))
		return -EINVAL;
	err = check_exclusive(op, f, event);
	if (err)
		return err;
	if (op == EPOLL_CTL_ADD && epoll_is(f) &&
		depth_below(f, epf, 1) + depth_above(epf, 1) > DEPTH_MAX)
		return -ELOOP;
	i = epoll_find(ep, f, fd);
	switch (op) {
	case EPOLL_CTL_ADD:
		return i ? -EEXIST : item_add(ep, f, fd, event);
	case EPOLL_CTL_MOD:
		return i ? change(i, event) : -ENOENT;
	case EPOLL_CTL_DEL:
		if (!i)
			return -ENOENT;
		epoll_item_free(i);
		return 0;
	}
	return -EINVAL;
}
