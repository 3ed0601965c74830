/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions and interrupts, calls into keel, the start of the program. */
#ifndef ARCH_X86_64_TRAP_H
#define ARCH_X86_64_TRAP_H

#define TRAP_FRAME_SIZE 176
#define TRAP_FRAME_RAX  112 /* offset of rax */
#define TRAP_FRAME_RSP  160 /* offset of rsp */
#define TRAP_IRQ_BASE   32
#define TRAP_VECTORS    48 /* 32 of exceptions, 16 of interrupts */

#ifndef __ASSEMBLER__
#include "kern/types.h"

/*
 * All gates use IST stack 1, since the program has a red zone below its
 * stack pointer (2: double fault, NMI, machine check). gates.S moves the
 * frame on to the thread's kernel stack at once: at its top if the program
 * was interrupted, below the stack pointer if keel was. So a fault may
 * sleep. Whether keel was running is told by the stack pointer alone.
 */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};
_Static_assert(sizeof(struct trap_frame) == TRAP_FRAME_SIZE, "gates.S");
_Static_assert(offsetof(struct trap_frame, rax) == TRAP_FRAME_RAX, "gates.S");
_Static_assert(offsetof(struct trap_frame, rsp) == TRAP_FRAME_RSP, "gates.S");

/* What keel_enter keeps of a call, at the top of the kernel stack. */
struct call_frame {
	uint64_t body, args[6];
	const uint64_t *stack; /* the program's: its rbp, the return address */
};

/* Whether the program was interrupted, so that all vector registers are in
 * use, told by the last word of the stack: the ss of a trap_frame, which may
 * be 0 (QEMU clears it when a gate has an IST stack), or the program's stack
 * pointer. keel_sigreturn goes back to such a place. */
static inline uint64_t *trap_mark(uint64_t kstack_top)
{
	return (uint64_t *)kstack_top - 1;
}

/* The way out of keel. From a call, the program's registers are as after its
 * return: rax is the result, rcx, rdx, rsi, rdi, r8 to r11 mean nothing. To
 * make the call again, take 8 from rsp and go to keel_enter, with the body in
 * rax and the arguments in their registers. */
struct arch_leave {
	struct trap_frame *regs;
	const struct call_frame *call; /* NULL: the program was interrupted */
	bool changed; /* set it when regs are changed after a call */
	bool fault;   /* vector and error are those of the program's fault */
};

/* Called by gates.S with interrupts off. `in_keel`: keel was interrupted. */
void trap_handle(struct trap_frame *f, bool in_keel);
/* Runs what waits for the way out, with interrupts on; they are off then. */
void leave_work(struct arch_leave *l);
/* To the program, from a call, with these registers and interrupts off. */
noreturn void trap_resume(const struct trap_frame *f);
/* The kernel stack is used up, or the CPU gave up: on an IST stack. */
noreturn void trap_fatal(struct trap_frame *f);

/* An interrupt of vector `v` (>= TRAP_IRQ_BASE): plat/apic.c. */
void trap_irq(unsigned v);

noreturn void trap_reset(void); /* by a triple fault */

/* The stubs of gates.S: TRAP_VECTORS of 5 bytes each. */
extern const char trap_stubs[];

/* Calls body(a..f) on the thread's kernel stack; see gates.S. */
long keel_enter(long a, long b, long c, long d, long e, long f);
#endif
#endif
