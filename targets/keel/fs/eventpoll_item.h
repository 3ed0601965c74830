/* SPDX-License-Identifier: Apache-2.0 */
/* What epoll keeps, for fs/eventpoll*.c only. */
#ifndef FS_EVENTPOLL_ITEM_H
#define FS_EVENTPOLL_ITEM_H

#include <linux/eventpoll.h>

#include "fs/eventpoll.h"
#include "fs/file.h"

/* Always asked for; what is no event. */
#define EPOLL_ALWAYS ((uint32_t)(EPOLLERR | EPOLLHUP))
#define EPOLL_MODES \
	((uint32_t)(EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE))

/* Items in a ring, with a head that is none. */
struct ring {
	struct ring *next, *prev;
};

struct epoll_item {
	struct ring ready; /* in ep->ready or with a harvest, if queued */
	struct epoll *ep;
	uint32_t events; /* that are asked for, and modes; only modes: none */
	int fd;
	struct file *file; /* no reference */
	uint64_t data;
	struct waitq_entry entry;
	struct waitq *q; /* that entry hangs on, or NULL */
	uint32_t queued; /* changed by an exchange */
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
	unsigned harvests; /* under way: they have items, too */
	bool asked;        /* epoll_poll came meanwhile */
	struct file *file; /* whose it is; no reference */
};

/* 10,000 sockets are to cost little. */
_Static_assert(sizeof(struct epoll_item) <= 128, "an item's memory");

/* fs/eventpoll.c */
/* The entry's fn: the file's queue is woken. */
bool epoll_item_woken(struct waitq_entry *e);
/* After a change of what is asked for: it may be ready. */
void epoll_item_check(struct epoll_item *i);
void epoll_ready_remove(struct epoll_item *i);

/* fs/eventpoll_ctl.c */
struct epoll_item *epoll_find(struct epoll *ep, const struct file *f, int fd);
void epoll_item_free(struct epoll_item *i);

#endif
