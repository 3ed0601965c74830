/* SPDX-License-Identifier: Apache-2.0 */
/* Readiness of many files: items, the ready list, harvesting. */
#include "fs/eventpoll.h"

#include <asm/errno.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>

#include "fs/anon.h"
#include "fs/file.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"

enum {
	BUCKETS_FIRST = 16,
	BUCKETS_MAX = 1 << 18,
	BATCH = 16,    /* events that are copied at a time */
	DEPTH_MAX = 5, /* epoll files that watch each other */
};

#define ALWAYS ((uint32_t)(EPOLLERR | EPOLLHUP))
#define MODES \
	((uint32_t)(EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE))
#define EXCLUSIVE_MAY                                                        \
	((uint32_t)(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | \
		    EPOLLET | EPOLLEXCLUSIVE))

/* Items in a ring; next is NULL for one that is not ready. */
struct ring {
	struct ring *next, *prev;
};

struct epoll_item {
	struct ring ready; /* under ep->lock */
	struct epoll *ep;
	uint32_t events; /* that are asked for, and modes; only modes: none */
	int fd;
	struct file *file; /* no reference */
	uint64_t data;
	struct waitq_entry entry;
	struct waitq *q; /* that entry hangs on, or NULL */
	uint32_t scan;   /* the harvest that saw it last */
	struct epoll_item *hash_next;
	struct epoll_item *file_next, **file_link; /* of file->watched */
};

struct epoll {
	struct spinlock lock;
	struct ring ready;  /* its head, under lock */
	struct waitq wq;    /* who sleeps in epoll_wait; all exclusive */
	struct waitq polls; /* who asks whether this file is ready */
	struct epoll_item **bucket; /* by descriptor */
	unsigned nbuckets;          /* a power of two */
	unsigned count;
	unsigned nested;   /* items that are epoll files */
	uint32_t scan;     /* number of the last harvest */
	struct file *file; /* whose it is; no reference */
};

/* 10,000 sockets are to cost little. */
_Static_assert(sizeof(struct epoll_item) <= 128, "an item's memory");

/* --- the ready list -------------------------------------------------------*/

/* Puts an item at its end, unless it is there or switched off. */
static bool ready_add(struct epoll_item *i)
{
	struct epoll *ep = i->ep;
	uint64_t irq = spin_lock(&ep->lock);
	bool fresh = !i->ready.next && i->events & ~MODES;

	if (fresh) {
		i->ready.next = &ep->ready;
		i->ready.prev = ep->ready.prev;
		ep->ready.prev->next = &i->ready;
		ep->ready.prev = &i->ready;
	}
	spin_unlock(&ep->lock, irq);
	return fresh;
}

static void ready_remove(struct epoll_item *i)
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
static bool item_woken(struct waitq_entry *e)
{
	struct epoll_item *i = container_of(e, struct epoll_item, entry);
	bool sleeper = i->ep->wq.first;

	if (!(i->events & ~MODES))
		return false;
	wake(i->ep, ready_add(i));
	return sleeper;
}

static uint32_t item_ask(const struct epoll_item *i, struct waitq **q)
{
	return i->file->ops->poll(i->file, q) & i->events;
}

/* After a change of what it asks for. */
static void item_check(struct epoll_item *i, struct waitq **q)
{
	if (item_ask(i, q))
		wake(i->ep, ready_add(i));
}

/* --- the items of an epoll file -------------------------------------------*/

static struct epoll_item **slot_of(struct epoll *ep, int fd)
{
	return &ep->bucket[(unsigned)fd & (ep->nbuckets - 1)];
}

static struct epoll_item *find(struct epoll *ep, const struct file *f, int fd)
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
	more = kzalloc(2 * n * sizeof(*more));
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

static void item_free(struct epoll_item *i)
{
	struct epoll *ep = i->ep;
	struct epoll_item **slot = slot_of(ep, i->fd);

	if (i->q)
		waitq_remove(i->q, &i->entry);
	ready_remove(i);
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
	i->events = event->events | ALWAYS;
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
	i->entry.fn = item_woken;
	i->entry.events = i->events;
	if (i->q)
		waitq_add(i->q, &i->entry);
	item_check(i, &i->q);
	return 0;
}

void epoll_forget(struct file *f)
{
	while (f->watched)
		item_free(f->watched);
}

/* --- the epoll file -------------------------------------------------------*/

static void epoll_release(struct file *f)
{
	struct epoll *ep = f->priv;

	for (unsigned b = 0; b < ep->nbuckets; b++)
		while (ep->bucket[b])
			item_free(ep->bucket[b]);
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
		struct waitq *unused = NULL;

		if (item_ask(i, &unused))
			return EPOLLIN | EPOLLRDNORM;
		ready_remove(i);
		/* Between the question and the removal: asked again. */
		if (item_ask(i, &unused))
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
		ep->bucket = kzalloc(BUCKETS_FIRST * sizeof(*ep->bucket));
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
		struct waitq *unused = NULL;
		uint32_t events = item_ask(i, &unused);

		if (!events)
			continue;
		b->event[got].events = events;
		b->event[got].data = i->data;
		b->from[got].file = i->file;
		b->from[got].fd = i->fd;
		b->from[got++].events = i->events;
		if (i->events & EPOLLONESHOT)
			i->events &= MODES;
		else if (!(i->events & EPOLLET))
			ready_add(i); /* to be asked again */
	}
	return got;
}

/* The program did not get them: as if they had not been taken. */
static void undo(struct epoll *ep, const struct batch *b, unsigned n)
{
	for (unsigned k = 0; k < n; k++) {
		struct epoll_item *i = find(ep, b->from[k].file, b->from[k].fd);

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

/* --- epoll_ctl ------------------------------------------------------------*/

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
	struct waitq *unused = NULL;

	if (i->events & EPOLLEXCLUSIVE)
		return -EINVAL;
	i->events = i->entry.events = event->events | ALWAYS;
	i->data = event->data;
	item_check(i, &unused);
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
	i = find(ep, f, fd);
	switch (op) {
	case EPOLL_CTL_ADD:
		return i ? -EEXIST : item_add(ep, f, fd, event);
	case EPOLL_CTL_MOD:
		return i ? change(i, event) : -ENOENT;
	case EPOLL_CTL_DEL:
		if (!i)
			return -ENOENT;
		item_free(i);
		return 0;
	}
	return -EINVAL;
}
