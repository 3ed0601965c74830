/* SPDX-License-Identifier: Apache-2.0 */
/* System calls about signals: actions, masks, sending. */
#include "kern/signal_queue.h"
#include "mm/uaccess.h"
#include "sched/thread.h"
#include "sys/proto.h"

#include <linux/errno.h>

enum { SIGSET_SIZE = 8, PID = 1 };

static bool valid(int sig)
{
	return sig >= 1 && sig <= SIGNAL_MAX;
}

long do_rt_sigaction(long signo, long act, long old, long size)
{
	int sig = (int)signo;
	struct signal_action a, before;

	if (size != SIGSET_SIZE || !valid(sig))
		return -EINVAL;
	if (act && copy_from_user(&a, (const void *)act, sizeof(a)))
		return -EFAULT;
	if (act && SIGNAL_BIT(sig) & SIGNAL_UNBLOCKABLE)
		return -EINVAL;
	signal_action(sig, act ? &a : NULL, &before);
	if (old && copy_to_user((void *)old, &before, sizeof(before)))
		return -EFAULT;
	return 0;
}

long do_rt_sigprocmask(long how, long set, long old, long size)
{
	uint64_t before = thread_this()->sig.mask, s;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (set) {
		if (copy_from_user(&s, (const void *)set, sizeof(s)))
			return -EFAULT;
		if (how == SIG_BLOCK)
			s |= before;
		else if (how == SIG_UNBLOCK)
			s = before & ~s;
		else if (how != SIG_SETMASK)
			return -EINVAL;
		signal_set_mask(s);
	}
	if (old && copy_to_user((void *)old, &before, sizeof(before)))
		return -EFAULT;
	return 0;
}

long do_rt_sigpending(long set, long size)
{
	uint64_t s = signal_waiting() & thread_this()->sig.mask;

	if ((unsigned long)size > SIGSET_SIZE)
		return -EINVAL;
	return copy_to_user((void *)set, &s, size);
}

/* To the process if `to` is NULL. */
static long send(struct thread *to, int sig, const siginfo_t *info)
{
	struct signal_info *i;

	if (!sig)
		return 0;
	i = signal_info_new(info);
	/* One from kill only says less then. */
	if (!i && sig >= SIGRTMIN && info->si_code != SI_USER)
		return -EAGAIN;
	signal_post(to, sig, i);
	return 0;
}

/* -1 means all processes but the first and the caller: there are none. */
long do_kill(long pid, long signo)
{
	int p = (int)pid, sig = (int)signo;
	siginfo_t info = {.si_signo = sig, .si_code = SI_USER};

	if (sig && !valid(sig))
		return -EINVAL;
	info.si_pid = PID;
	return p == PID || p == 0 || p == -PID ? send(NULL, sig, &info)
					       : -ESRCH;
}

static long send_thread(long tid, long signo, const siginfo_t *info)
{
	struct thread *t;

	if ((int)signo && !valid((int)signo))
		return -EINVAL;
	t = signal_thread((int)tid);
	return t ? send(t, (int)signo, info) : -ESRCH;
}

long do_tkill(long tid, long sig)
{
	siginfo_t info = {.si_signo = (int)sig, .si_code = SI_TKILL};

	info.si_pid = PID;
	if ((int)tid <= 0)
		return -EINVAL;
	return send_thread(tid, sig, &info);
}

long do_tgkill(long pid, long tid, long sig)
{
	if ((int)pid <= 0 || (int)tid <= 0)
		return -EINVAL;
	return (int)pid == PID ? do_tkill(tid, sig) : -ESRCH;
}

static int get_info(siginfo_t *info, long signo, long uinfo)
{
	if (copy_from_user(info, (const void *)uinfo, sizeof(*info)))
		return -EFAULT;
	info->si_signo = (int)signo;
	return 0;
}

/* Only to the process itself, which may say what it likes. */
long do_rt_sigqueueinfo(long pid, long signo, long uinfo)
{
	siginfo_t info;

	if (get_info(&info, signo, uinfo))
		return -EFAULT;
	if ((int)pid != PID)
		return info.si_code >= 0 || info.si_code == SI_TKILL ? -EPERM
								     : -ESRCH;
	if ((int)signo && !valid((int)signo))
		return -EINVAL;
	return send(NULL, (int)signo, &info);
}

long do_rt_tgsigqueueinfo(long pid, long tid, long signo, long uinfo)
{
	siginfo_t info;

	if (get_info(&info, signo, uinfo))
		return -EFAULT;
	if ((int)pid <= 0 || (int)tid <= 0)
		return -EINVAL;
	return (int)pid == PID ? send_thread(tid, signo, &info) : -ESRCH;
}
