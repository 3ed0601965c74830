/* SPDX-License-Identifier: Apache-2.0 */
/* The alternate stack for handlers. */
#include "kern/signal_stack.h"
#include "kern/signal_queue.h"
#include "sched/thread.h"

#include <linux/errno.h>

/* With SS_AUTODISARM nothing counts as being on it: it is off then. */
bool signal_on_alt(uint64_t sp)
{
	const struct thread_signals *s = &thread_this()->sig;

	return !(s->alt_flags & SS_AUTODISARM) && sp > s->alt_sp &&
	       sp - s->alt_sp <= s->alt_size;
}

int signal_alt_set(const stack_t *new, uint64_t sp)
{
	struct thread_signals *s = &thread_this()->sig;
	uint32_t mode = new->ss_flags & ~SS_AUTODISARM;

	if (signal_on_alt(sp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		s->alt_sp = s->alt_size = 0;
	} else {
		if (new->ss_size < MINSIGSTKSZ)
			return -ENOMEM;
		s->alt_sp = (uint64_t) new->ss_sp;
		s->alt_size = new->ss_size;
	}
	s->alt_flags = new->ss_flags;
	return 0;
}

void signal_alt_get(stack_t *old, uint64_t sp)
{
	const struct thread_signals *s = &thread_this()->sig;

	old->ss_sp = (void *)s->alt_sp;
	old->ss_size = s->alt_size;
	old->ss_flags = s->alt_flags & SS_AUTODISARM;
	if (!s->alt_size)
		old->ss_flags |= SS_DISABLE;
	else if (signal_on_alt(sp))
		old->ss_flags |= SS_ONSTACK;
}
