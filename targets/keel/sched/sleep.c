/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping with a deadline: apart from the rest, since it needs a clock. */
#include "arch/arch.h"
#include "kern/signal.h"
#include "kern/time.h"
#include "sched/thread.h"
#include "sched/waitq.h"

#include <linux/errno.h>

int waitq_sleep(uint64_t deadline_ns)
{
	struct thread *t = thread_this();
	uint64_t irq = arch_irq_save();
	bool armed = false;
	int err = 0;

	while (!t->woken && !err) {
		if (signal_pending()) {
			err = -EINTR;
		} else if (deadline_ns == NEVER) {
			waitq_idle();
		} else if (clock_now() >= deadline_ns) {
			err = -ETIMEDOUT;
		} else {
			timer_set(deadline_ns);
			armed = true;
			waitq_idle();
		}
	}
	if (armed)
		timer_set(NEVER);
	arch_irq_restore(irq);
	return err;
}
