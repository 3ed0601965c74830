/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping and waking; locks. */
#ifndef SCHED_WAITQ_H
#define SCHED_WAITQ_H

#include "kern/types.h"

/* Taken with interrupts off; on one CPU it is only that. */
struct spinlock {
	uint32_t locked;
};
uint64_t spin_lock(struct spinlock *l); /* returns the interrupt state */
void spin_unlock(struct spinlock *l, uint64_t irq);
/* For what no interrupt looks at: keel is not preempted, so that on one CPU
 * this only marks the place. */
static inline void spin_enter(struct spinlock *l)
{
	l->locked = 1;
}
static inline void spin_leave(struct spinlock *l)
{
	l->locked = 0;
}

struct thread;
struct waitq {
	struct spinlock lock;
	struct waitq_entry *first; /* under lock; its prev is the last */
};

#define NEVER UINT64_MAX

/*
 * Sleeps until `cond` holds: it is evaluated again after each wake-up.
 * `deadline` is monotonic ns (clock_now()) or NEVER. The value is 0,
 * -ETIMEDOUT, or -ERESTARTSYS (kern/signal.h) when a signal waits. A call
 * may return that; those that never are made again turn it into -EINTR.
 */
#define wait_event(wq, deadline, cond) wait_event_for(wq, 0, deadline, cond)

/* The same, woken only for these events (see struct waitq_entry). */
#define wait_event_for(wq, events, deadline, cond)                    \
	wait_event_by_((wq), events, cond,                            \
		__builtin_constant_p(deadline) && (deadline) == NEVER \
			? waitq_sleep_ever()                          \
			: waitq_sleep(deadline))

/* Without a deadline, and nothing else ends it: for what must end, as the
 * answer of a device. */
#define wait_event_hard(wq, cond) \
	((void)wait_event_by_((wq), 0, cond, waitq_sleep_hard()))

#define wait_event_by_(wq, wait_events, cond, sleep)              \
	({                                                        \
		int wait_ret_ = 0;                                \
		struct waitq_entry wait_e_;                       \
		waitq_prepare_for((wq), &wait_e_, (wait_events)); \
		while (!(cond)) {                                 \
			wait_ret_ = (sleep);                      \
			if (wait_ret_)                            \
				break;                            \
		}                                                 \
		waitq_remove((wq), &wait_e_);                     \
		wait_ret_;                                        \
	})

/* What a wake-up is about, as POLL* of poll(2). */
enum {
	WAITQ_IN = 0x0c1,  /* POLLIN | POLLRDNORM | POLLRDBAND */
	WAITQ_OUT = 0x304, /* POLLOUT | POLLWRNORM | POLLWRBAND */
	WAITQ_ALL = -1,
	/* In an entry, as EPOLLEXCLUSIVE: of all these, a wake-up stops at the
	 * first that it was good for. */
	WAITQ_EXCLUSIVE = 1 << 28,
};

struct waitq_entry {
	struct thread *thread; /* to wake, if fn is NULL */
	/* Called by waitq_wake with q->lock held, so with interrupts off; it
	 * must not come back to q. False: somebody else may as well be woken,
	 * which only counts for WAITQ_EXCLUSIVE. */
	bool (*fn)(struct waitq_entry *e);
	struct waitq_entry *next, *prev;
	uint32_t events; /* woken for these only; 0: for all */
};
/* An entry with fn set; it stays until it is removed. Woken in order. */
void waitq_add(struct waitq *q, struct waitq_entry *e);
void waitq_remove(struct waitq *q, struct waitq_entry *e);
/* The entry of this thread; any number of queues at a time. */
void waitq_prepare_for(struct waitq *q, struct waitq_entry *e, uint32_t events);
static inline void waitq_prepare(struct waitq *q, struct waitq_entry *e)
{
	waitq_prepare_for(q, e, 0);
}
static inline void waitq_finish(struct waitq *q, struct waitq_entry *e)
{
	waitq_remove(q, e);
}
/* Sleep once. A wake-up since waitq_prepare is not lost, an older one may
 * end a sleep without cause: what is waited for must be looked at again. */
int waitq_sleep(uint64_t deadline_ns);
int waitq_sleep_ever(void); /* without a deadline: needs no clock */
int waitq_sleep_hard(void); /* also no signal ends it; 0 */
/* Also from interrupts. */
void waitq_wake_for(struct waitq *q, uint32_t events);
static inline void waitq_wake(struct waitq *q)
{
	waitq_wake_for(q, (uint32_t)WAITQ_ALL);
}

/* Sleeping lock; not from interrupts. */
struct mutex {
	struct thread *owner;
	struct waitq q;
};
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

#endif
