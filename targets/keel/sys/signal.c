/* SPDX-License-Identifier: Apache-2.0 */
/* System calls about signals: default actions and ignoring; no handlers. */
#include "kern/signal.h"
#include "mm/uaccess.h"
#include "sched/thread.h"
#include "sys/proto.h"

#include <asm/signal.h>
#include <linux/errno.h>

enum { SIGSET_SIZE = 8, NSIGNALS = 64, SELF = 1 };
#define UNBLOCKABLE (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))

/* As the kernel takes it: musl and glibc both translate to this. */
struct action {
	uint64_t handler, flags, restorer, mask;
};

static struct action actions[NSIGNALS];

static bool valid(int sig)
{
	return sig >= 1 && sig <= NSIGNALS;
}

long do_rt_sigaction(long signo, long act, long old, long size)
{
	int sig = (int)signo;
	struct action a, before;

	if (size != SIGSET_SIZE || !valid(sig))
		return -EINVAL;
	before = actions[sig - 1];
	if (act) {
		if (copy_from_user(&a, (const void *)act, sizeof(a)))
			return -EFAULT;
		if (SIGNAL_BIT(sig) & UNBLOCKABLE)
			return -EINVAL;
		if (a.handler != (uint64_t)SIG_DFL &&
			a.handler != (uint64_t)SIG_IGN)
			return -ENOSYS;
	}
	if (old && copy_to_user((void *)old, &before, sizeof(before)))
		return -EFAULT;
	if (act) {
		actions[sig - 1] = a;
		signal_set_ignored(sig, a.handler == (uint64_t)SIG_IGN);
	}
	return 0;
}

long do_rt_sigprocmask(long how, long set, long old, long size)
{
	struct thread *t = thread_this();
	uint64_t before = t->sig_mask, s;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (set) {
		if (copy_from_user(&s, (const void *)set, sizeof(s)))
			return -EFAULT;
		s &= ~UNBLOCKABLE;
		if (how == SIG_BLOCK)
			t->sig_mask |= s;
		else if (how == SIG_UNBLOCK)
			t->sig_mask &= ~s;
		else if (how == SIG_SETMASK)
			t->sig_mask = s;
		else
			return -EINVAL;
		if (signal_pending())
			cpu_set_pending(PENDING_SIGNAL);
	}
	if (old && copy_to_user((void *)old, &before, sizeof(before)))
		return -EFAULT;
	return 0;
}

long do_rt_sigpending(long set, long size)
{
	uint64_t s = signal_waiting() & thread_this()->sig_mask;

	if ((unsigned long)size > SIGSET_SIZE)
		return -EINVAL;
	return copy_to_user((void *)set, &s, size);
}

static long send(int sig)
{
	if (sig && !valid(sig))
		return -EINVAL;
	if (sig)
		signal_send_process(sig);
	return 0;
}

/* -1 means all processes but the first and the caller: there are none. */
long do_kill(long pid, long signo)
{
	int p = (int)pid, sig = (int)signo;

	if (sig < 0 || sig > NSIGNALS)
		return -EINVAL;
	return p == SELF || p == 0 || p == -SELF ? send(sig) : -ESRCH;
}

long do_tkill(long tid, long signo)
{
	int sig = (int)signo;

	if ((int)tid <= 0)
		return -EINVAL;
	if (sig && !valid(sig))
		return -EINVAL;
	return (int)tid == SELF ? send(sig) : -ESRCH;
}

long do_tgkill(long pid, long tid, long sig)
{
	if ((int)pid <= 0)
		return -EINVAL;
	return (int)pid == SELF || (int)tid <= 0 ? do_tkill(tid, sig) : -ESRCH;
}
