/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping and waking; locks. */
#include "sched/waitq.h"
#include "arch/arch.h"
#include "kern/log.h"
#include "kern/signal.h"
#include "sched/thread.h"

#include <linux/errno.h>

uint64_t spin_lock(struct spinlock *l)
{
	uint64_t irq = arch_irq_save();

	if (l->locked)
		panic("a lock is taken twice");
	l->locked = 1;
	return irq;
}

void spin_unlock(struct spinlock *l, uint64_t irq)
{
	l->locked = 0;
	arch_irq_restore(irq);
}

void waitq_prepare(struct waitq *q, struct waitq_entry *e)
{
	uint64_t irq = spin_lock(&q->lock);

	e->thread = thread_this();
	e->thread->woken = false;
	e->next = q->first;
	e->queued = true;
	q->first = e;
	spin_unlock(&q->lock, irq);
}

void waitq_finish(struct waitq *q, struct waitq_entry *e)
{
	uint64_t irq = spin_lock(&q->lock);
	struct waitq_entry **at = &q->first;

	while (*at && *at != e)
		at = &(*at)->next;
	if (*at)
		*at = e->next;
	e->queued = false;
	spin_unlock(&q->lock, irq);
}

void waitq_wake(struct waitq *q)
{
	uint64_t irq = spin_lock(&q->lock);

	for (struct waitq_entry *e = q->first; e; e = e->next)
		e->thread->woken = true;
	spin_unlock(&q->lock, irq);
}

void waitq_idle(void)
{
	uint64_t start = arch_cycles();

	arch_idle();
	cpu_this()->idle_cycles += arch_cycles() - start;
}

int waitq_sleep_ever(void)
{
	struct thread *t = thread_this();
	uint64_t irq = arch_irq_save();
	int err = 0;

	while (!t->woken && !err)
		if (signal_pending())
			err = -EINTR;
		else
			waitq_idle();
	arch_irq_restore(irq);
	return err;
}

void mutex_lock(struct mutex *m)
{
	struct thread *t = thread_this();
	bool got = false;

	while (!got) {
		struct waitq_entry e;
		uint64_t irq;

		waitq_prepare(&m->q, &e);
		irq = spin_lock(&m->lock);
		if (m->owner == t)
			panic("a mutex is taken twice");
		got = !m->owner;
		if (got)
			m->owner = t;
		spin_unlock(&m->lock, irq);
		if (!got)
			waitq_sleep_ever();
		waitq_finish(&m->q, &e);
	}
}

void mutex_unlock(struct mutex *m)
{
	uint64_t irq = spin_lock(&m->lock);

	m->owner = NULL;
	spin_unlock(&m->lock, irq);
	waitq_wake(&m->q);
}
