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

static void ring_init(struct ring *r)
{
	r->next = r->prev = r;
}

static bool ring_is_empty(const struct ring *r)
{
	return r->next == r;
}

static void ring_remove(struct ring *r)
{
	r->prev->next = r->next;
	r->next->prev = r->prev;
}

static void ring_add_last(struct ring *head, struct ring *r)
{
	r->next = head;
	r->prev = head->prev;
	head->prev->next = r;
	head->prev = r;
}

/* All of `from` go between two neighbours; it is empty then. */
static void ring_splice(struct ring *from, struct ring *prev, struct ring *next)
{
	if (ring_is_empty(from))
		return;
	from->next->prev = prev;
	prev->next = from->next;
	from->prev->next = next;
	next->prev = from->prev;
	ring_init(from);
}

/* Whoever sets `queued` has the right to put an item in a ring. */
static bool item_claim(struct epoll_item *i)
{
	return i->events & ~EPOLL_MODES &&
	       !__atomic_exchange_n(&i->queued, 1, __ATOMIC_ACQ_REL);
}

/* Puts an item at the end, unless it is there or switched off. */
static bool ready_add(struct epoll_item *i)
{
	uint64_t irq;

	if (!item_claim(i))
		return false;
	irq = spin_lock(&i->ep->lock);
	ring_add_last(&i->ep->ready, &i->ready);
	spin_unlock(&i->ep->lock, irq);
	return true;
}

void epoll_ready_remove(struct epoll_item *i)
{
	uint64_t irq = spin_lock(&i->ep->lock);

	if (i->queued)
		ring_remove(&i->ready);
	i->queued = 0;
	spin_unlock(&i->ep->lock, irq);
}

/* Wakes one of those who wait: it reports, or wakes the next. */
static void wake(struct epoll *ep, bool fresh)
{
	if (fresh)
		waitq_wake_for(&ep->wq, WAITQ_IN);
	waitq_wake_for(&ep->polls, WAITQ_IN);
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
	if (item_ask(i) && ready_add(i))
		wake(i->ep, true);
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
	ep->asked |= ep->harvests != 0;
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
	ring_init(&ep->ready);
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

/* Of those that were ready at the start: what is not reported yet, and what
 * is to be asked again the next time. */
struct harvest {
	struct ring left, again;
};

static void harvest_begin(struct epoll *ep, struct harvest *h)
{
	uint64_t irq;

	ring_init(&h->left);
	ring_init(&h->again);
	ep->harvests++;
	irq = spin_lock(&ep->lock);
	ring_splice(&ep->ready, &h->left, &h->left);
	spin_unlock(&ep->lock, irq);
}

/* Those that found no place come first the next time. */
static void harvest_end(struct epoll *ep, struct harvest *h)
{
	uint64_t irq;

	if (!ring_is_empty(&h->left) || !ring_is_empty(&h->again)) {
		irq = spin_lock(&ep->lock);
		ring_splice(&h->left, &ep->ready, ep->ready.next);
		ring_splice(&h->again, ep->ready.prev, &ep->ready);
		spin_unlock(&ep->lock, irq);
	}
	/* While this slept somebody may have found nothing. */
	if (!--ep->harvests && ep->asked) {
		ep->asked = false;
		waitq_wake_for(&ep->polls, WAITQ_IN);
	}
}

/* The next ones that are still ready, at most n. */
static unsigned collect(struct harvest *h, struct batch *b, unsigned n)
{
	unsigned got = 0;

	while (got < n && !ring_is_empty(&h->left)) {
		struct epoll_item *i =
			container_of(h->left.next, struct epoll_item, ready);
		uint32_t events;

		ring_remove(&i->ready);
		/* From here on a wake-up queues it again. */
		__atomic_store_n(&i->queued, 0, __ATOMIC_SEQ_CST);
		events = item_ask(i);
		if (!events)
			continue;
		b->event[got].events = events;
		b->event[got].data = i->data;
		b->from[got].file = i->file;
		b->from[got].fd = i->fd;
		b->from[got++].events = i->events;
		if (i->events & EPOLLONESHOT)
			i->events &= EPOLL_MODES;
		else if (!(i->events & EPOLLET) && item_claim(i))
			ring_add_last(&h->again, &i->ready);
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
		waitq_wake_for(&ep->wq, WAITQ_IN);
}

long epoll_harvest(struct file *f, void *uevents, long max)
{
	struct epoll *ep = f->priv;
	struct harvest h;
	struct batch b;
	long done = 0, err = 0;
	unsigned n = BATCH;

	harvest_begin(ep, &h);
	while (n == BATCH && done < max && !err) {
		n = collect(&h, &b, MIN(max - done, (long)BATCH));
		err = copy_to_user((struct epoll_event *)uevents + done,
			b.event, n * sizeof(b.event[0]));
		if (err)
			undo(ep, &b, n);
		else
			done += n;
	}
	harvest_end(ep, &h);
	epoll_pass_on(f);
	return done ? done : err;
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
