/* SPDX-License-Identifier: Apache-2.0 */
/* Threads and CPUs. One program thread and one CPU run at present. */
#ifndef SCHED_THREAD_H
#define SCHED_THREAD_H

#include "kern/types.h"

#define KSTACK_SIZE 16384UL

/* Offsets of the first members are known to arch/x86_64/gates.S. */
struct thread {
	uint64_t kstack_top; /* keel runs the thread's calls from here */
	uint64_t kstack_low; /* below it: a guard page */
	int tid;
	bool woken;         /* since waitq_prepare; irqs off */
	uint64_t clear_tid; /* set_tid_address: unused until threads end */
	uint64_t sig_mask;  /* bit N-1: signal N is blocked */
	char name[16];      /* prctl(PR_SET_NAME) */
};

/* Reached by the GS segment. */
struct cpu {
	struct cpu *self;
	struct thread *thread; /* that runs */
	uint32_t pending;      /* work for the way out of keel */
	uint32_t number;
	uint64_t idle_cycles; /* spent waiting */
};

struct cpu *cpu_this(void);
struct thread *thread_this(void);

/* arch_idle, counted in idle_cycles; interrupts are off around it. */
void waitq_idle(void);

#endif
