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

struct thread;
struct waitq {
	struct spinlock lock;
	struct waitq_entry *first; /* under lock */
};

#define NEVER UINT64_MAX

/*
 * Sleeps until `cond` holds: it is evaluated again after each wake-up.
 * `deadline` is monotonic ns (clock_now()) or NEVER. The value is 0,
 * -ETIMEDOUT, or -EINTR when a signal or the end of the program waits.
 */
#define wait_event(wq, deadline, cond)                                  \
	({                                                              \
		int wait_ret_ = 0;                                      \
		struct waitq_entry wait_e_;                             \
		for (;;) {                                              \
			waitq_prepare((wq), &wait_e_);                  \
			if (cond)                                       \
				break;                                  \
			wait_ret_ = __builtin_constant_p(deadline) &&   \
						    (deadline) == NEVER \
					    ? waitq_sleep_ever()        \
					    : waitq_sleep(deadline);    \
			if (wait_ret_)                                  \
				break;                                  \
			waitq_finish((wq), &wait_e_);                   \
		}                                                       \
		waitq_finish((wq), &wait_e_);                           \
		wait_ret_;                                              \
	})

struct waitq_entry {
	struct thread *thread;
	struct waitq_entry *next;
	bool queued;
};
void waitq_prepare(struct waitq *q, struct waitq_entry *e);
void waitq_finish(struct waitq *q, struct waitq_entry *e);
/* Sleeps once; a wake-up that came after waitq_prepare is not lost. */
int waitq_sleep(uint64_t deadline_ns);
int waitq_sleep_ever(void);       /* without a deadline: needs no clock */
void waitq_wake(struct waitq *q); /* all; also from interrupts */

/* Sleeping lock; not from interrupts. */
struct mutex {
	struct spinlock lock;
	struct thread *owner; /* under lock */
	struct waitq q;
};
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

#endif
