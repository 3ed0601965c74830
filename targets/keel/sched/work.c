/* SPDX-License-Identifier: Apache-2.0 */
/* Deferred work. */
#include "sched/work.h"
#include "arch/arch.h"
#include "sched/sched.h"

/* In the order of arrival; changed with interrupts off. */
static struct work *first, **end = &first;

void work_queue(struct work *w)
{
	uint64_t irq = arch_irq_save();

	if (!w->queued) {
		w->queued = true;
		w->next = NULL;
		*end = w;
		end = &w->next;
		cpu_set_pending(PENDING_WORK);
	}
	arch_irq_restore(irq);
}

bool work_run(void)
{
	struct work *w;
	bool any = false;

	while ((w = first)) {
		first = w->next;
		if (!first)
			end = &first;
		w->queued = false;
		arch_irq_restore(1);
		w->fn(w);
		arch_irq_save();
		any = true;
	}
	return any;
}

/* Works may come without end: another thread gets its turn all the same,
 * unless one of them was for this thread. */
bool work_wait(void)
{
	struct thread *t = thread_this();
	bool any;

	t->poked = false;
	any = work_run();
	return (any && t->poked) || sched_switch() || any;
}

void work_leave(uint32_t pending)
{
	work_run();
	if (pending & PENDING_SWITCH)
		sched_leave();
}

/* With one thread; else sched.c. */
weak bool sched_switch(void)
{
	return false;
}

weak void sched_leave(void)
{
}
