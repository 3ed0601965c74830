/* SPDX-License-Identifier: Apache-2.0 */
/* Threads and CPUs. One CPU runs at present. */
#ifndef SCHED_THREAD_H
#define SCHED_THREAD_H

#include "kern/signal.h"
#include "kern/signal.h"
#include "kern/types.h"

#define KSTACK_SIZE 16384UL

/* Offsets of the first members are known to arch/x86_64/gates.S. */
struct thread {
	uint64_t kstack_top; /* keel runs the thread's calls from here */
	uint64_t kstack_low; /* below it: a guard page */
	int tid;             /* 0: of keel itself */
	bool woken;          /* and has not slept since; irqs off */
	uint8_t state;       /* THREAD_*; irqs off */
	bool spent;          /* has used its slice */
	bool batch;          /* SCHED_BATCH: always so */
	bool poked;          /* made ready while it ran; irqs off */
	uint32_t pending;    /* PENDING_SIGNAL while it does not run */
	uint64_t clear_tid;  /* set_tid_address: 0 there when it ends */
	uint64_t robust_list;
	struct thread_signals sig;
	char name[16]; /* prctl(PR_SET_NAME) */

	/* While it does not run: */
	uint64_t sp;  /* keel's stack pointer */
	uint64_t tls; /* the program's thread pointer */
	uint64_t cycles;
	struct thread *ready_next; /* in the queue */
	struct thread *all_next, *all_prev;
};

enum { THREAD_RUNS, THREAD_READY, THREAD_SLEEPS, THREAD_ENDED };

/* What is to be done on the way out of keel, bits of cpu.pending. */
enum {
	PENDING_SIGNAL = 1, /* for this thread */
	PENDING_WORK = 2,
	PENDING_SWITCH = 4, /* a thread became ready, or the slice is over */
};

/* Reached by the GS segment; the same holds for its first members. */
struct cpu {
	struct cpu *self;
	struct thread *thread; /* that runs */
	uint32_t pending;      /* PENDING_*; not 0: leave_work is called */
	uint32_t number;
	uint64_t kstack_top;  /* of thread */
	uint64_t idle_cycles; /* spent waiting */
};

struct cpu *cpu_this(void);
struct thread *thread_this(void);

static inline void cpu_set_pending(uint32_t bits)
{
	__atomic_fetch_or(&cpu_this()->pending, bits, __ATOMIC_RELAXED);
}

/* All threads of the program in order of making; with irqs off, or nothing
 * sleeps meanwhile. */
struct thread *thread_first(void);
struct thread *thread_next(const struct thread *t);

/* A thread that sleeps looks again whether it may go on; from anywhere. */
void thread_ready(struct thread *t);
void thread_wake(struct thread *t); /* and it may */
/* There is a signal for it: waits that a signal ends look again, and the
 * way to the program has PENDING_SIGNAL. From anywhere. */
void thread_interrupt(struct thread *t);

/* Lets others run, or waits for an interrupt: interrupts are off around it.
 * Waiting is counted in idle_cycles. */
void waitq_idle(void);

#endif
