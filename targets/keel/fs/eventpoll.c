/* SPDX-License-Identifier: Apache-2.0 */
/* Readiness of many files: the ready list, and what is reported of it. */
#include "fs/eventpoll_item.h"

#include <asm/errno.h>
#include <linux/fcntl.h>

#include "fs/anon.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"

enum {
	BUCKETS_FIRST = 16,
	BATCH = 16, /* events that are copied at a time */
};

/* --- the ready list -------------------------------------------------------*/

/* Puts an item at its end, unless it is there or switched off. */
static bool ready_add(struct epoll_item *i)
{
	struct epoll *ep = i->ep;
	uint64_t irq = spin_lock(&ep->lock);
	bool fresh = !i->ready.next && i->events & ~EPOLL_MODES;

	if (fresh) {
		i->ready.next = &ep->ready;
		i->ready.prev = ep->ready.prev;
		ep->ready.prev->next = &i->ready;
		ep->ready.prev = &i->ready;
	}
	spin_unlock(&ep->lock, irq);
	return fresh;
}

void epoll_ready_remove(struct epoll_item *i)
{
	uint64_t irq = spin_lock(&i->ep->lock);

	if (i->ready.next) {
		i->ready.prev->next = i->ready.next;
		i->ready.next->prev = i->ready.prev;
		i->ready.next = NULL;
	}
	spin_unlock(&i->ep->lock, irq);
}

/* Takes the first one, unless this harvest has seen it: then it went round. */
static struct epoll_item *ready_take(struct epoll *ep, uint32_t scan)
{
	uint64_t irq = spin_lock(&ep->lock);
	struct ring *r = ep->ready.next;
	struct epoll_item *i = container_of(r, struct epoll_item, ready);

	if (r == &ep->ready || i->scan == scan) {
		i = NULL;
	} else {
		ep->ready.next = r->next;
		r->next->prev = &ep->ready;
		r->next = NULL;
		i->scan = scan;
	}
	spin_unlock(&ep->lock, irq);
	return i;
}

/* Wakes one of those who wait: it reports, or wakes the next. */
static void wake(struct epoll *ep, bool fresh)
{
	if (fresh)
		waitq_wake(&ep->wq);
	waitq_wake(&ep->polls);
}

/* The file's queue is woken; from anywhere. */
bool epoll_item_woken(struct waitq_entry *e)
{
	struct epoll_item *i = container_of(e, struct epoll_item, entry);
	bool sleeper = i->ep->wq.first;

	if (!(i->events & ~EPOLL_MODES))
		return false;
	wake(i->ep, ready_add(i));
	return sleeper;
}

static uint32_t item_ask(const struct epoll_item *i)
{
	struct waitq *unused;

	return i->file->ops->poll(i->file, &unused) & i->events;
}

void epoll_item_check(struct epoll_item *i)
{
	if (item_ask(i))
		wake(i->ep, ready_add(i));
}

/* --- the epoll file -------------------------------------------------------*/

static void epoll_release(struct file *f)
{
	struct epoll *ep = f->priv;

	for (unsigned b = 0; b < ep->nbuckets; b++)
		while (ep->bucket[b])
			epoll_item_free(ep->bucket[b]);
	kfree(ep->bucket);
	kfree(ep);
}

/* Ready if any item is; those that are not any more leave the list. */
static unsigned epoll_poll(struct file *f, struct waitq **q)
{
	struct epoll *ep = f->priv;

	*q = &ep->polls;
	for (struct ring *r; (r = ep->ready.next) != &ep->ready;) {
		struct epoll_item *i =
			container_of(r, struct epoll_item, ready);
		if (item_ask(i))
			return EPOLLIN | EPOLLRDNORM;
		epoll_ready_remove(i);
		/* Between the question and the removal: asked again. */
		if (item_ask(i))
			ready_add(i);
	}
	return 0;
}

static const struct file_ops epoll_ops = {.poll = epoll_poll,
	.release = epoll_release,
	.stat = anon_stat,
	.seek = anon_seek,
	.name = "anon_inode:[eventpoll]"};

bool epoll_is(const struct file *f)
{
	return f->ops == &epoll_ops;
}

struct file *epoll_file_new(void)
{
	struct epoll *ep = kzalloc(sizeof(*ep));
	struct file *f = file_new(&epoll_ops, O_RDWR);

	if (ep)
		ep->bucket = kzalloc(BUCKETS_FIRST * sizeof(void *));
	if (!f || !ep || !ep->bucket) {
		if (ep)
			kfree(ep->bucket);
		kfree(ep);
		kfree(f);
		return NULL;
	}
	ep->nbuckets = BUCKETS_FIRST;
	ep->file = f;
	ep->ready.next = ep->ready.prev = &ep->ready;
	f->priv = ep;
	return f;
}

/* --- waiting --------------------------------------------------------------*/

/* Events on the way to the program, and whose they are. */
struct batch {
	struct epoll_event event[BATCH];
	struct {
		struct file *file;
		int fd;
		uint32_t events;
	} from[BATCH];
};

/* The next ones that are still ready, at most n. */
static unsigned collect(
	struct epoll *ep, uint32_t scan, struct batch *b, unsigned n)
{
	struct epoll_item *i;
	unsigned got = 0;

	while (got < n && (i = ready_take(ep, scan))) {
		uint32_t events = item_ask(i);

		if (!events)
			continue;
		b->event[got].events = events;
		b->event[got].data = i->data;
		b->from[got].file = i->file;
		b->from[got].fd = i->fd;
		b->from[got++].events = i->events;
		if (i->events & EPOLLONESHOT)
			i->events &= EPOLL_MODES;
		else if (!(i->events & EPOLLET))
			ready_add(i); /* to be asked again */
	}
	return got;
}

/* The program did not get them: as if they had not been taken. */
static void undo(struct epoll *ep, const struct batch *b, unsigned n)
{
	for (unsigned k = 0; k < n; k++) {
		struct epoll_item *i =
			epoll_find(ep, b->from[k].file, b->from[k].fd);

		if (!i)
			continue;
		i->events = b->from[k].events;
		ready_add(i);
	}
}

void epoll_pass_on(struct file *f)
{
	struct epoll *ep = f->priv;

	if (ep->wq.first && epoll_has_ready(f))
		waitq_wake(&ep->wq);
}

long epoll_harvest(struct file *f, void *uevents, long max)
{
	struct epoll *ep = f->priv;
	uint32_t scan = ++ep->scan;
	struct batch b;
	long done = 0;
	unsigned n;

	do {
		n = collect(ep, scan, &b, MIN(max - done, (long)BATCH));
		if (copy_to_user((struct epoll_event *)uevents + done, b.event,
			    n * sizeof(b.event[0]))) {
			undo(ep, &b, n);
			return done ? done : -EFAULT;
		}
		done += n;
	} while (n == BATCH && done < max);
	epoll_pass_on(f);
	return done;
}

struct waitq *epoll_waitq(struct file *f)
{
	struct epoll *ep = f->priv;

	return &ep->wq;
}

bool epoll_has_ready(struct file *f)
{
	const struct epoll *ep = f->priv;

	return READ_ONCE(ep->ready.next) != &ep->ready;
}
