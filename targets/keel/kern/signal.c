/* SPDX-License-Identifier: Apache-2.0 */
/* Signals: default actions, all that there is of them in a program without
 * system calls about signals. Else what is weak here is taken from
 * kern/signal_*.c. */
#include "kern/signal.h"
#include "arch/arch.h"
#include "kern/backtrace.h"
#include "kern/log.h"
#include "kern/signal_queue.h"
#include "sched/thread.h"

#include <asm/signal.h>

/* signal(7): what the default actions are; all others end the program. */
#define SIGNAL_CORE                                                       \
	(SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGTRAP) | \
		SIGNAL_BIT(SIGABRT) | SIGNAL_BIT(SIGBUS) |                \
		SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGSEGV) |                \
		SIGNAL_BIT(SIGXCPU) | SIGNAL_BIT(SIGXFSZ) |               \
		SIGNAL_BIT(SIGSYS))

/* Changed with interrupts off. */
static uint64_t pending;

/* The launcher sends no signals that stop: such a program knows none. */
weak void signal_send_process(int sig)
{
	uint64_t irq = arch_irq_save();

	if (!((SIGNAL_IGNORED | SIGNAL_STOPS) & SIGNAL_BIT(sig))) {
		pending |= SIGNAL_BIT(sig);
		cpu_set_pending(PENDING_SIGNAL);
	}
	arch_irq_restore(irq);
}

weak void signal_send_self(int sig)
{
	signal_send_process(sig);
}

weak bool signal_pending(void)
{
	return READ_ONCE(pending);
}

static const char *name(int sig)
{
	static const char names[][5] = {
		"ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "", "SEGV"};

	if (sig < SIGILL || sig > SIGSEGV)
		return "";
	return names[sig - SIGILL];
}

static void show(const struct arch_leave *l)
{
	uint64_t pc, fp, sp;

	arch_leave_place(l, &pc, &fp, &sp);
	backtrace_show(pc, fp, sp);
}

/* The end takes waiting for devices: interrupts come on. */
void signal_fatal(int sig, int code, uint64_t addr, const struct arch_leave *l)
{
	arch_irq_restore(1);
	kmsg("%s: killed by signal %d %s, code %d, address 0x%lx\n",
		thread_this()->name, sig, name(sig), code, addr);
	show(l);
	process_exit(128 + sig);
}

void signal_end(int sig, const struct arch_leave *l)
{
	if (SIGNAL_CORE & SIGNAL_BIT(sig))
		signal_fatal(sig, 0, 0, l);
	arch_irq_restore(1);
	process_exit(128 + sig);
}

weak void signal_fault(int sig, int code, uint64_t addr, struct arch_leave *l)
{
	signal_fatal(sig, code, addr, l);
}

weak void signal_deliver(struct arch_leave *l)
{
	if (pending)
		signal_end(__builtin_ctzl(pending) + 1, l);
}
