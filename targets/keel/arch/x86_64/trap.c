/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions and interrupts. */
#include "arch/x86_64/trap.h"
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/start.h"
#include "kern/backtrace.h"
#include "kern/log.h"
#include "kern/signal.h"
#include "mm/vma.h"
#include "sched/thread.h"
#include "sched/work.h"

#include <asm/signal.h>
#include <asm-generic/siginfo.h>

struct gate {
	uint16_t offset0, selector;
	uint8_t ist, type;
	uint16_t offset1;
	uint32_t offset2, reserved;
};
_Static_assert(sizeof(struct gate) == 16, "Intel SDM 3A, 6.14.1");

enum { PIC1_MASK = 0x21, PIC2_MASK = 0xa1 };
enum {
	DEBUG = 1,
	NMI = 2,
	DOUBLE_FAULT = 8,
	PAGE_FAULT = 14,
	MACHINE_CHECK = 18
};
enum { FLAG_TF = 0x100, FLAG_IF = 0x200, PF_WRITE = 2, PF_EXEC = 16 };

static struct gate idt[TRAP_VECTORS];

/* The instructions between the look at pending work and the way out. */
extern const char keel_leave[], keel_leave_end[];
bool leave_call(struct trap_frame *f);

void trap_init(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) p = {sizeof(idt) - 1, (uint64_t)idt};

	for (unsigned i = 0; i < TRAP_VECTORS; i++) {
		uint64_t at = (uint64_t)trap_stubs + 5ul * i;
		bool own = i == NMI || i == DOUBLE_FAULT || i == MACHINE_CHECK;

		idt[i] = (struct gate){.offset0 = at,
			.selector = BOOT_CS64,
			.ist = own ? 2 : 1,
			.type = 0x8e,
			.offset1 = at >> 16,
			.offset2 = at >> 32};
	}
	__asm__ volatile("lidt %0" : : "m"(p));
	/* Firmware leaves the 8259s with vectors that are exceptions. */
	port_out8(PIC1_MASK, 0xff);
	port_out8(PIC2_MASK, 0xff);
}

/* Of the program. */
static void fault(int sig, int code, uint64_t addr, struct arch_leave *l)
{
	arch_irq_restore(1);
	signal_fault(sig, code, addr, l);
	arch_irq_save();
}

static uint64_t fault_address(void)
{
	uint64_t va;

	__asm__ volatile("mov %%cr2, %0" : "=r"(va));
	return va;
}

/* keel itself cannot go on: its stack is used up, or it has a fault. */
void trap_fatal(struct trap_frame *f)
{
	backtrace_keel(f->rip, f->rsp);
	panic("exception %lu, error %lx, address %lx, stack %lx", f->vector,
		f->error, fault_address(), f->rsp);
}

static void keel_fault(struct trap_frame *f)
{
	uint64_t fixup = extable_find(f->rip);

	if (!fixup)
		trap_fatal(f);
	f->rip = fixup;
}

static void page_fault(struct arch_leave *l, bool in_keel)
{
	struct trap_frame *f = l->regs;
	uint64_t va = fault_address();
	unsigned access = (f->error & PF_WRITE ? FAULT_WRITE : 0) |
			  (f->error & PF_EXEC ? FAULT_EXEC : 0);
	int code = SEGV_MAPERR, sig = SIGSEGV;

	/* keel touches the program's memory only where it expects faults. */
	if (!in_keel || extable_find(f->rip)) {
		if (f->rflags & FLAG_IF)
			arch_irq_restore(1);
		sig = vma_fault(va, access, &code);
		arch_irq_save();
	}
	if (!sig)
		return;
	if (in_keel)
		keel_fault(f);
	else
		fault(sig, code, va, l);
}

/* What the program dies of, by exception (arch/x86 of Linux). */
static const struct {
	uint8_t vector, sig, code;
} signals[] = {
	{0, SIGFPE, FPE_INTDIV},
	{1, SIGTRAP, TRAP_TRACE},
	{3, SIGTRAP, SI_KERNEL},
	{4, SIGSEGV, SI_KERNEL},
	{5, SIGSEGV, SI_KERNEL},
	{6, SIGILL, ILL_ILLOPN},
	{16, SIGFPE, FPE_FLTINV},
	{17, SIGBUS, BUS_ADRALN},
	{19, SIGFPE, FPE_FLTINV},
};

static void exception(struct arch_leave *l, bool in_keel)
{
	struct trap_frame *f = l->regs;
	unsigned i;

	if (f->vector == PAGE_FAULT) {
		page_fault(l, in_keel);
		return;
	}
	if (in_keel && f->vector == DEBUG) {
		/* A program steps into keel: it goes on at full speed. */
		f->rflags &= ~(uint64_t)FLAG_TF;
		return;
	}
	if (in_keel) {
		keel_fault(f);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		if (signals[i].vector == f->vector)
			break;
	if (i < ARRAY_SIZE(signals))
		fault(signals[i].sig, signals[i].code, f->rip, l);
	else
		fault(SIGSEGV, SI_KERNEL, 0, l);
}

void arch_leave_place(
	const struct arch_leave *l, uint64_t *pc, uint64_t *fp, uint64_t *sp)
{
	*pc = l->regs->rip;
	*fp = l->regs->rbp;
	*sp = l->regs->rsp;
}

/* Without work; else sched/work.c. */
weak void work_leave(uint32_t pending)
{
	(void)pending;
}

void leave_work(struct arch_leave *l)
{
	struct cpu *c = cpu_this();
	uint32_t pending;

	arch_irq_save();
	while ((pending = c->pending)) {
		c->pending = 0;
		work_leave(pending);
		if (pending & PENDING_SIGNAL) {
			arch_irq_restore(1);
			signal_deliver(l);
			arch_irq_save();
		}
	}
}

/* Called by gates.S; true: all registers are to be loaded from the frame,
 * with interrupts off. */
bool leave_call(struct trap_frame *f)
{
	struct arch_leave l = {.regs = f, .call = (void *)(f + 1)};

	leave_work(&l);
	if (!l.changed)
		arch_irq_restore(1);
	return l.changed;
}

void trap_handle(struct trap_frame *f, bool in_keel)
{
	struct arch_leave l = {.regs = f};
	uint64_t leave = (uint64_t)keel_leave;

	if (f->vector < TRAP_IRQ_BASE)
		exception(&l, in_keel);
	else
		trap_irq(f->vector);
	if (!in_keel)
		leave_work(&l);
	else if (f->rip - leave < (uint64_t)keel_leave_end - leave)
		f->rip = leave;
}
