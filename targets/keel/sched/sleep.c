/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping with a deadline: apart from the rest, since it needs a clock. */
#include "arch/arch.h"
#include "kern/signal.h"
#include "kern/time.h"
#include "sched/thread.h"
#include "sched/timer.h"
#include "sched/waitq.h"

#include <linux/errno.h>

struct alarm {
	struct timer timer;
	struct thread *thread;
	bool rang;
};

static void ring(struct timer *t)
{
	struct alarm *a = container_of(t, struct alarm, timer);

	a->rang = true;
	thread_ready(a->thread);
}

int waitq_sleep(uint64_t deadline_ns)
{
	struct thread *t = thread_this();
	struct alarm alarm = {.timer.fn = ring, .thread = t};
	int err = 0;
	uint64_t irq;

	if (deadline_ns == NEVER)
		return waitq_sleep_ever();
	irq = arch_irq_save();
	if (clock_now() >= deadline_ns)
		alarm.rang = true;
	else if (!t->woken)
		timer_start(&alarm.timer, deadline_ns);
	while (!t->woken && !err)
		if (signal_pending())
			err = -ERESTARTSYS;
		else if (alarm.rang)
			err = -ETIMEDOUT;
		else
			waitq_idle();
	if (!err)
		t->woken = false;
	timer_stop(&alarm.timer);
	arch_irq_restore(irq);
	return err;
}
