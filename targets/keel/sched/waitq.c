/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping and waking; locks. */
#include "sched/waitq.h"
#include "arch/arch.h"
#include "kern/log.h"
#include "kern/signal.h"
#include "sched/thread.h"
#include "sched/work.h"

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

void waitq_add(struct waitq *q, struct waitq_entry *e)
{
	uint64_t irq = spin_lock(&q->lock);
	struct waitq_entry *last = q->first ? q->first->prev : NULL;

	e->next = NULL;
	if (last)
		last->next = e;
	else
		q->first = last = e;
	e->prev = last;
	q->first->prev = e;
	spin_unlock(&q->lock, irq);
}

void waitq_remove(struct waitq *q, struct waitq_entry *e)
{
	uint64_t irq = spin_lock(&q->lock);
	struct waitq_entry *first = q->first;

	if (e->next)
		e->next->prev = e->prev;
	else
		first->prev = e->prev;
	if (e == first)
		q->first = e->next;
	else
		e->prev->next = e->next;
	spin_unlock(&q->lock, irq);
}

void waitq_prepare_for(struct waitq *q, struct waitq_entry *e, uint32_t events)
{
	e->thread = thread_this();
	e->fn = NULL;
	e->events = events;
	waitq_add(q, e);
}

/* With one thread and no work; else sched/sched.c, work.c. */
weak void thread_ready(struct thread *t)
{
	(void)t;
}

weak bool work_wait(void)
{
	return false;
}

void thread_wake(struct thread *t)
{
	t->woken = true;
	thread_ready(t);
}

static bool wake(struct waitq_entry *e)
{
	if (e->fn)
		return e->fn(e);
	thread_wake(e->thread);
	return true;
}

void waitq_wake_for(struct waitq *q, uint32_t events)
{
	uint32_t passed = 0; /* WAITQ_EXCLUSIVE after the first */
	uint64_t irq;

	if (!READ_ONCE(q->first))
		return;
	irq = spin_lock(&q->lock);
	for (struct waitq_entry *e = q->first; e; e = e->next)
		if (!(e->events & passed) &&
			(!e->events || e->events & events) && wake(e))
			passed |= e->events & WAITQ_EXCLUSIVE;
	spin_unlock(&q->lock, irq);
}

/* With interrupts off. They come on for a moment, then the caller looks
 * again whether it has what it waits for. */
void waitq_idle(void)
{
	uint64_t start;

	if (work_wait())
		return;
	start = arch_cycles();
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
			err = -ERESTARTSYS;
		else
			waitq_idle();
	if (!err)
		t->woken = false;
	arch_irq_restore(irq);
	return err;
}

int waitq_sleep_hard(void)
{
	struct thread *t = thread_this();
	uint64_t irq = arch_irq_save();

	while (!t->woken)
		waitq_idle();
	t->woken = false;
	arch_irq_restore(irq);
	return 0;
}

static bool take(struct mutex *m, struct thread *t)
{
	struct thread *none = NULL;

	return __atomic_compare_exchange_n(
		&m->owner, &none, t, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void mutex_lock(struct mutex *m)
{
	struct thread *t = thread_this();
	struct waitq_entry e;

	if (take(m, t))
		return;
	if (m->owner == t)
		panic("a mutex is taken twice");
	waitq_prepare(&m->q, &e);
	while (!take(m, t))
		waitq_sleep_hard();
	waitq_remove(&m->q, &e);
	t->woken = true; /* a wait around this one must look again */
}

/* The first that waits is woken: it stays in the queue until it has it. */
void mutex_unlock(struct mutex *m)
{
	uint64_t irq;

	__atomic_store_n(&m->owner, NULL, __ATOMIC_RELEASE);
	if (!READ_ONCE(m->q.first))
		return;
	irq = spin_lock(&m->q.lock);
	if (m->q.first)
		wake(m->q.first);
	spin_unlock(&m->q.lock, irq);
}
