/* SPDX-License-Identifier: Apache-2.0 */
/* Masks for the time of a call, and calls that go on after a stop. */
#include "kern/signal_queue.h"
#include "mm/uaccess.h"
#include "sched/thread.h"
#include "sys/proto.h"

#include <linux/errno.h>

int signal_mask_set(long umask, long size)
{
	struct thread_signals *s = &thread_this()->sig;
	uint64_t mask;

	if (!umask)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, (const void *)umask, sizeof(mask)))
		return -EFAULT;
	s->old_mask = s->mask;
	s->mask_changed = true;
	signal_set_mask(mask);
	return 0;
}

void signal_mask_restore(bool interrupted)
{
	struct thread_signals *s = &thread_this()->sig;

	if (!s->mask_changed)
		return;
	if (interrupted) {
		cpu_set_pending(PENDING_SIGNAL);
	} else {
		s->mask_changed = false;
		signal_set_mask(s->old_mask);
	}
}

long signal_restart_with(long (*fn)(uint64_t a, uint64_t b, uint64_t c),
	uint64_t a, uint64_t b, uint64_t c)
{
	struct thread_signals *s = &thread_this()->sig;

	s->restart = fn;
	s->restart_arg[0] = a;
	s->restart_arg[1] = b;
	s->restart_arg[2] = c;
	return -ERESTART_BLOCK;
}

long do_restart_syscall(void)
{
	struct thread_signals *s = &thread_this()->sig;
	long (*fn)(uint64_t a, uint64_t b, uint64_t c) = s->restart;

	s->restart = NULL;
	return fn ? fn(s->restart_arg[0], s->restart_arg[1], s->restart_arg[2])
		  : -EINTR;
}
