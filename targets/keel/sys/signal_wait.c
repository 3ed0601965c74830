/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that wait for signals; the alternate stack. */
#include "arch/arch.h"
#include "arch/signal.h"
#include "kern/signal_queue.h"
#include "kern/signal_stack.h"
#include "kern/time.h"
#include "mm/uaccess.h"
#include "sched/thread.h"
#include "sched/waitq.h"
#include "sys/proto.h"
#include "sys/time.h"

#include <linux/errno.h>

enum { SIGSET_SIZE = 8 };

static long wait_for_handler(void)
{
	struct waitq q = {0};

	while (!wait_event(&q, NEVER, false))
		;
	return -ERESTARTNOHAND;
}

long do_pause(void)
{
	return wait_for_handler();
}

long do_rt_sigsuspend(long mask, long size)
{
	int err = size == SIGSET_SIZE && !mask ? -EFAULT
					       : signal_mask_set(mask, size);

	if (err)
		return err;
	wait_for_handler();
	signal_mask_restore(true);
	return -ERESTARTNOHAND;
}

/* One of `set`, before `deadline`: -EAGAIN, -EINTR. */
static int wait_for(uint64_t set, uint64_t deadline, siginfo_t *info)
{
	struct thread_signals *s = &thread_this()->sig;
	struct waitq q = {0};
	int sig = signal_take(set, info);
	int err;

	if (sig || !deadline)
		return sig ? sig : -EAGAIN;
	/* What is waited for ends the sleep as if it were not blocked. */
	s->real_mask = s->mask;
	signal_set_mask(s->mask & ~set);
	err = wait_event(&q, deadline, false);
	sig = signal_take(set, info);
	set = s->real_mask;
	s->real_mask = 0;
	signal_set_mask(set);
	if (sig)
		return sig;
	return err == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

long do_rt_sigtimedwait(long uset, long uinfo, long timeout, long size)
{
	uint64_t set, ns, deadline = NEVER;
	siginfo_t info;
	int sig;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (copy_from_user(&set, (const void *)uset, sizeof(set)))
		return -EFAULT;
	if (timeout) {
		int err = get_timespec(timeout, &ns);

		if (err)
			return err;
		deadline = ns ? time_add(clock_now(), ns) : 0;
	}
	sig = wait_for(set & ~SIGNAL_UNBLOCKABLE, deadline, &info);
	if (sig > 0 && uinfo &&
		copy_to_user((void *)uinfo, &info, sizeof(info)))
		return -EFAULT;
	return sig;
}

long do_sigaltstack(long unew, long uold)
{
	uint64_t sp = arch_call_sp();
	stack_t new, old = {0};

	signal_alt_get(&old, sp);
	if (unew) {
		int err = copy_from_user(&new, (const void *)unew, sizeof(new));

		if (!err)
			err = signal_alt_set(&new, sp);
		if (err)
			return err;
	}
	if (uold && copy_to_user((void *)uold, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}
