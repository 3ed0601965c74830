/* SPDX-License-Identifier: Apache-2.0 */
/* On the way out of keel: handlers, default actions, calls made again. */
#include "arch/arch.h"
#include "arch/signal.h"
#include "kern/signal_set.h"
#include "kern/signal_stack.h"
#include "sched/thread.h"
#include "sched/waitq.h"
#include "sys/proto.h"

#include <linux/errno.h>

static bool stopped; /* changed with irqs off */
static struct waitq stop_wait;

/* All threads stop on their way to the program, those that sleep sleep on. */
static void stop_all(void)
{
	stopped = true;
	for (struct thread *t = thread_first(); t; t = thread_next(t))
		thread_interrupt(t);
}

void signal_go_on(void)
{
	stopped = false;
	waitq_wake(&stop_wait);
}

/* The next signal and a copy of its action; 0: none. */
static int next(siginfo_t *info, struct signal_action *act)
{
	uint64_t irq = arch_irq_save();
	int sig = signal_take(~thread_this()->sig.mask, info);

	if (sig) {
		struct signal_action *a = &signal_actions[sig - 1];

		*act = *a;
		if (a->flags & SA_RESETHAND && a->handler > (uint64_t)SIG_IGN)
			a->handler = (uint64_t)SIG_DFL;
		/* With interrupts off: SIGCONT comes before or after. */
		if (act->handler == (uint64_t)SIG_DFL &&
			SIGNAL_STOPS & SIGNAL_BIT(sig))
			stop_all();
	}
	arch_irq_restore(irq);
	return sig;
}

/* An interrupted call, before the first handler runs. */
static void finish_call(struct arch_leave *l, uint64_t flags)
{
	long r = arch_leave_result(l);

	if (r == -ERESTARTSYS && flags & SA_RESTART)
		arch_leave_again(l, NULL);
	else if (r == -ERESTARTSYS || r == -ERESTARTNOHAND ||
		 r == -ERESTART_BLOCK)
		arch_leave_finish(l, -EINTR);
}

/* An interrupted call, when no handler ran. */
static void repeat_call(struct arch_leave *l)
{
	switch (arch_leave_result(l)) {
	case -ERESTARTSYS:
	case -ERESTARTNOHAND:
		arch_leave_again(l, NULL);
		break;
	case -ERESTART_BLOCK:
		arch_leave_again(l, do_restart_syscall);
		break;
	}
}

/* The mask that the program goes back to. */
static uint64_t mask_to_save(struct thread_signals *s)
{
	return s->mask_changed ? s->old_mask : s->mask;
}

/* The frame goes on the alternate stack or below the red zone. */
static int run_handler(struct arch_leave *l, int sig, const siginfo_t *info,
	const struct signal_action *act)
{
	struct thread_signals *s = &thread_this()->sig;
	struct arch_handler h = {
		.handler = act->handler,
		.restorer = act->restorer,
		.mask = mask_to_save(s),
		.sig = sig,
		.info = info,
		.alt = {(void *)s->alt_sp, s->alt_flags, s->alt_size},
	};
	uint64_t mask = s->mask | act->mask;
	uint64_t sp = arch_leave_sp(l);
	bool on_alt = signal_on_alt(sp);
	int err;

	finish_call(l, act->flags);
	if (!(act->flags & SA_RESTORER))
		return -EFAULT;
	if (act->flags & SA_ONSTACK && s->alt_size && !on_alt)
		sp = s->alt_sp + s->alt_size;
	else
		sp -= ARCH_RED_ZONE;
	if (on_alt || sp == s->alt_sp + s->alt_size)
		h.low = s->alt_sp;
	err = arch_leave_handler(l, &h, sp);
	if (err)
		return err;
	if (s->alt_flags & SS_AUTODISARM) {
		s->alt_sp = s->alt_size = 0;
		s->alt_flags = SS_DISABLE;
	}
	if (!(act->flags & SA_NODEFER))
		mask |= SIGNAL_BIT(sig);
	s->mask_changed = false;
	signal_set_mask(mask);
	return 0;
}

/* A fault that the program's handler must take now, or it is the end. */
void signal_force(struct arch_leave *l, const siginfo_t *info)
{
	int sig = info->si_signo;
	struct thread_signals *s = &thread_this()->sig;
	struct signal_action act, none = {0};

	signal_action(sig, NULL, &act);
	if (act.handler <= (uint64_t)SIG_IGN || s->mask & SIGNAL_BIT(sig))
		signal_fatal(sig, info->si_code, (uint64_t)info->si_addr, l);
	if (act.flags & SA_RESETHAND)
		signal_action(sig, &none, &none);
	if (!run_handler(l, sig, info, &act))
		return;
	/* There is no stack for it. */
	signal_fatal(SIGSEGV, SI_KERNEL, arch_leave_sp(l), l);
}

/* A handler whose frame could not be written: SIGSEGV, whose handler may
 * have a stack of its own. */
static void no_stack(struct arch_leave *l, int sig)
{
	siginfo_t info = {.si_signo = SIGSEGV, .si_code = SI_KERNEL};
	struct signal_action none = {0};

	if (sig == SIGSEGV)
		signal_action(sig, &none, &none);
	signal_force(l, &info);
}

void signal_deliver(struct arch_leave *l)
{
	struct thread_signals *s = &thread_this()->sig;
	struct signal_action act;
	siginfo_t info;
	int sig;

	for (;;) {
		if (stopped)
			wait_event_hard(&stop_wait, !stopped);
		sig = next(&info, &act);
		if (!sig)
			break;
		if (act.handler > (uint64_t)SIG_IGN) {
			if (run_handler(l, sig, &info, &act))
				no_stack(l, sig);
		} else if (act.handler == (uint64_t)SIG_DFL &&
			   !((SIGNAL_IGNORED | SIGNAL_STOPS) &
				   SIGNAL_BIT(sig))) {
			signal_end(sig, l);
		}
	}
	repeat_call(l);
	if (s->mask_changed) {
		s->mask_changed = false;
		signal_set_mask(s->old_mask);
	}
}
