/* SPDX-License-Identifier: Apache-2.0 */
/* Signals: default actions, ignoring, blocking. */
#include "kern/signal.h"
#include "arch/arch.h"
#include "kern/backtrace.h"
#include "kern/log.h"
#include "sched/thread.h"

#include <asm/signal.h>

/* signal(7): what the default actions are; all others end the program. */
#define DEFAULT_IGNORE                                                    \
	(SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) | \
		SIGNAL_BIT(SIGWINCH))
#define DEFAULT_STOP                                                       \
	(SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | \
		SIGNAL_BIT(SIGTTOU))
#define DEFAULT_CORE                                                      \
	(SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGTRAP) | \
		SIGNAL_BIT(SIGABRT) | SIGNAL_BIT(SIGBUS) |                \
		SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGSEGV) |                \
		SIGNAL_BIT(SIGXCPU) | SIGNAL_BIT(SIGXFSZ) |               \
		SIGNAL_BIT(SIGSYS))

/* Changed with interrupts off. */
static uint64_t pending, ignored = DEFAULT_IGNORE;

void signal_send_process(int sig)
{
	uint64_t irq = arch_irq_save();

	if (sig == SIGCONT)
		pending &= ~DEFAULT_STOP;
	/* SIGCONT is kept for a stopped program, to go on. */
	if (!(ignored & SIGNAL_BIT(sig)) || sig == SIGCONT) {
		pending |= SIGNAL_BIT(sig);
		cpu_set_pending(PENDING_SIGNAL);
	}
	arch_irq_restore(irq);
}

void signal_set_ignored(int sig, int ignore)
{
	uint64_t irq = arch_irq_save(), bit = SIGNAL_BIT(sig);

	if (ignore || DEFAULT_IGNORE & bit) {
		ignored |= bit;
		pending &= ~bit;
	} else {
		ignored &= ~bit;
	}
	arch_irq_restore(irq);
}

uint64_t signal_waiting(void)
{
	return READ_ONCE(pending);
}

bool signal_pending(void)
{
	return READ_ONCE(pending) & ~thread_this()->sig_mask & ~ignored;
}

static const char *name(int sig)
{
	static const char names[][5] = {
		"ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "", "SEGV"};

	if (sig < SIGILL || sig > SIGSEGV)
		return "";
	return names[sig - SIGILL];
}

/* The end takes waiting for devices: interrupts come on. */
static noreturn void die(int sig, uint64_t pc, uint64_t fp, uint64_t sp)
{
	arch_irq_restore(1);
	if (DEFAULT_CORE & SIGNAL_BIT(sig))
		backtrace_show(pc, fp, sp);
	machine_exit(128 + sig);
}

void signal_fatal(
	int sig, int code, uint64_t addr, uint64_t pc, uint64_t fp, uint64_t sp)
{
	kmsg("%s: killed by signal %d %s, code %d, address 0x%lx\n",
		thread_this()->name, sig, name(sig), code, addr);
	die(sig, pc, fp, sp);
}

/* Until SIGCONT, or a signal that ends the program. */
static void stop(void)
{
	uint64_t irq = arch_irq_save();

	while (!(pending & (SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGKILL))))
		arch_idle();
	pending &= ~SIGNAL_BIT(SIGCONT);
	arch_irq_restore(irq);
}

void signal_deliver(struct arch_leave *l)
{
	uint64_t irq = arch_irq_save();
	uint64_t ready = pending & ~thread_this()->sig_mask;
	uint64_t pc, fp, sp;
	int sig;

	pending &= ~(ready & ignored);
	ready &= ~ignored;
	sig = ready ? __builtin_ctzl(ready) + 1 : 0;
	if (sig) {
		pending &= ~SIGNAL_BIT(sig);
		if (ready & (ready - 1))
			cpu_set_pending(PENDING_SIGNAL);
	}
	arch_irq_restore(irq);
	if (!sig)
		return;
	if (DEFAULT_STOP & SIGNAL_BIT(sig)) {
		stop();
		return;
	}
	if (DEFAULT_CORE & SIGNAL_BIT(sig))
		kmsg("%s: killed by signal %d %s\n", thread_this()->name, sig,
			name(sig));
	arch_leave_place(l, &pc, &fp, &sp);
	die(sig, pc, fp, sp);
}
