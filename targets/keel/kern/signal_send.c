/* SPDX-License-Identifier: Apache-2.0 */
/* Sending signals, to one thread or to one that does not block them. */
#include "arch/arch.h"
#include "kern/signal_queue.h"
#include "kern/signal_set.h"
#include "sched/thread.h"

struct signal_set signal_process;
struct signal_action signal_actions[SIGNAL_MAX];

extern void (*const signal_send_needs)(
	struct arch_leave *l, const siginfo_t *info);
/* Who queues signals here links what delivers them from here, too; kern/
 * signal.c has a queue of its own for programs without either. */
void (*const signal_send_needs)(
	struct arch_leave *l, const siginfo_t *info) = signal_force;

bool signal_pending_of(const struct thread *t)
{
	return (t->sig.wait.bits | READ_ONCE(signal_process.bits)) &
	       ~t->sig.mask;
}

/* Who sees one has it looked at on its way out, even if another thread takes
 * it meanwhile: the call's result says that it was interrupted. */
bool signal_pending(void)
{
	if (!signal_pending_of(thread_this()))
		return false;
	cpu_set_pending(PENDING_SIGNAL);
	return true;
}

uint64_t signal_waiting(void)
{
	return thread_this()->sig.wait.bits | READ_ONCE(signal_process.bits);
}

static void drop_everywhere(uint64_t which)
{
	signal_set_drop(&signal_process, which);
	for (struct thread *t = thread_first(); t; t = thread_next(t))
		signal_set_drop(&t->sig.wait, which);
}

/* The first thread that does not block `sig` sees to it. */
static void wake_one(int sig)
{
	struct thread *t = thread_first();

	while (t && t->sig.mask & SIGNAL_BIT(sig))
		t = thread_next(t);
	if (t)
		thread_interrupt(t);
}

void signal_post(struct thread *to, int sig, struct signal_info *i)
{
	uint64_t irq = arch_irq_save(), bit = SIGNAL_BIT(sig);
	struct thread *judge = to ? to : thread_first();
	struct signal_set *s = to ? &to->sig.wait : &signal_process;

	if (bit & SIGNAL_STOPS)
		drop_everywhere(SIGNAL_BIT(SIGCONT));
	if (sig == SIGCONT)
		drop_everywhere(SIGNAL_STOPS);
	if (sig == SIGCONT || sig == SIGKILL)
		signal_go_on();
	/* What is blocked is kept: the action may change until it is not. */
	if (((judge->sig.mask | judge->sig.real_mask) & bit ||
		    !signal_ignores(sig)) &&
		(sig >= SIGRTMIN || !(s->bits & bit))) {
		signal_set_add(s, sig, i);
		i = NULL;
		if (!to)
			wake_one(sig);
		else if (!(to->sig.mask & bit))
			thread_interrupt(to);
		if (signalfd_wake)
			signalfd_wake();
	}
	if (i)
		signal_info_done(i, NULL);
	arch_irq_restore(irq);
}

void signal_send_process(int sig)
{
	signal_post(NULL, sig, NULL);
}

void signal_send_self(int sig)
{
	siginfo_t info = {.si_signo = sig, .si_code = SI_USER, .si_pid = 1};

	signal_post(thread_this(), sig, signal_info_new(&info));
}

void signal_describe(struct signal_state *out)
{
	*out = (struct signal_state){thread_this()->sig.wait.bits,
		READ_ONCE(signal_process.bits), 0, 0};
	for (int i = 0; i < SIGNAL_MAX; i++) {
		if (signal_actions[i].handler == (uint64_t)SIG_IGN)
			out->ignored |= SIGNAL_BIT(i + 1);
		else if (signal_actions[i].handler != (uint64_t)SIG_DFL)
			out->caught |= SIGNAL_BIT(i + 1);
	}
}

struct thread *signal_thread(int tid)
{
	struct thread *t = thread_first();

	while (t && t->tid != tid)
		t = thread_next(t);
	return t;
}

void signal_set_mask(uint64_t mask)
{
	struct thread *t = thread_this();
	uint64_t irq = arch_irq_save(), given;

	mask &= ~SIGNAL_UNBLOCKABLE;
	given = signal_process.bits & mask & ~t->sig.mask;
	t->sig.mask = mask;
	for (; given; given &= given - 1)
		wake_one(__builtin_ctzl(given) + 1);
	if (signal_pending_of(t))
		cpu_set_pending(PENDING_SIGNAL);
	arch_irq_restore(irq);
}

int signal_take(uint64_t from, siginfo_t *out)
{
	/* Of the program's own faults first, then by number. */
	const uint64_t first = SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) |
			       SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGTRAP) |
			       SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGSYS);
	struct signal_set *s = &thread_this()->sig.wait;
	uint64_t irq = arch_irq_save(), bits;
	int sig = 0;

	if (!(s->bits & from))
		s = &signal_process;
	bits = s->bits & from;
	if (bits & first)
		bits &= first;
	if (bits) {
		sig = __builtin_ctzl(bits) + 1;
		signal_set_take(s, sig, out);
	}
	arch_irq_restore(irq);
	return sig;
}

void signal_drop_entry(struct signal_info *i)
{
	struct thread *t = thread_first();

	if (!i->queued)
		return;
	signal_set_unlink(&signal_process, i);
	for (; t; t = thread_next(t))
		signal_set_unlink(&t->sig.wait, i);
}

void signal_thread_ends(void)
{
	struct thread *t = thread_this();
	uint64_t irq = arch_irq_save();

	signal_set_mask(~0UL);
	signal_set_drop(&t->sig.wait, ~0UL);
	arch_irq_restore(irq);
}

void signal_action(
	int sig, const struct signal_action *set, struct signal_action *old)
{
	uint64_t irq = arch_irq_save();
	struct signal_action *a = &signal_actions[sig - 1];

	*old = *a;
	if (set) {
		*a = *set;
		a->mask &= ~SIGNAL_UNBLOCKABLE;
		if (signal_ignores(sig))
			drop_everywhere(SIGNAL_BIT(sig));
	}
	arch_irq_restore(irq);
}
