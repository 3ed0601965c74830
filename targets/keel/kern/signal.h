/* SPDX-License-Identifier: Apache-2.0 */
/* Signals: what a thread has of them, sending, waiting, delivering. */
#ifndef KERN_SIGNAL_H
#define KERN_SIGNAL_H

#include "kern/types.h"

#define SIGNAL_BIT(sig) (1UL << ((sig)-1))
enum { SIGNAL_MAX = 64 };

/*
 * What the body of a call may return when a signal interrupted it, beside
 * -EINTR; the program never sees them (signal(7) says which call is which).
 * wait_event returns -ERESTARTSYS: right for read, accept, locks and their
 * like before anything was done. Calls that end with EINTR whatever
 * SA_RESTART says (poll, select, epoll_wait, sleeps, sockets with a timeout)
 * turn it into one of the others.
 */
enum {
	ERESTARTSYS = 512,    /* made again if no handler ran or SA_RESTART */
	ERESTARTNOHAND = 514, /* made again if no handler ran, else EINTR */
	ERESTART_BLOCK = 516, /* as that, but by signal_restart_with's fn */
};

struct thread;
struct arch_leave;  /* arch/arch.h */
struct signal_info; /* an entry with a siginfo: kern/signal_queue.h */

/* Signals that wait: a bit each, and what is known about them. A bit
 * without an entry is one that keel itself sent. Changed with irqs off. */
struct signal_set {
	uint64_t bits;
	struct signal_info *first; /* oldest first */
};

/* Of one thread. All zero at the start but for the mask, which a new thread
 * has from its maker. */
struct thread_signals {
	uint64_t mask;          /* bit N-1: signal N is blocked */
	struct signal_set wait; /* for this thread only */
	uint64_t old_mask;      /* comes back on the way out */
	bool mask_changed;      /* old_mask is set */
	uint64_t real_mask;     /* in sigtimedwait: what is blocked else */
	uint64_t alt_sp, alt_size;
	uint32_t alt_flags; /* SS_*, as they were set */
	long (*restart)(uint64_t a, uint64_t b, uint64_t c);
	uint64_t restart_arg[3];
};

/*
 * Makes `sig` (1..64) wait for the program and wakes a thread that does not
 * block it; also from interrupts. Without a handler its default action ends
 * the machine with 128 + sig when the program is next left by keel, or in
 * an interruptible sleep.
 */
void signal_send_process(int sig);
/* The same for the thread that makes a call: SIGPIPE. */
void signal_send_self(int sig);

/* A signal that the program must die of now, by a fault of its own: message
 * and backtrace on standard error, then 128 + sig. Called by arch. */
noreturn void signal_fatal(
	int sig, int code, uint64_t addr, const struct arch_leave *l);

/* The end by default action. */
noreturn void signal_end(int sig, const struct arch_leave *l);

/* The program's own fault, told by arch: its handler runs, or it is the end.
 * Interrupts are on. */
void signal_fault(int sig, int code, uint64_t addr, struct arch_leave *l);

/* Whether a signal waits that this thread does not block: then sleeps end. */
bool signal_pending(void);

/* On the way out of keel to the program, when its thread has
 * signal_pending() or sig.mask_changed, or a call ends with one of the
 * codes above: all that waits is acted on, and *l says what the program then
 * goes on with. Interrupts are on; it may sleep. */
void signal_deliver(struct arch_leave *l);

/* For /proc: of this thread, and of the process. Weak: only in programs that
 * have signals in full. */
struct signal_state {
	uint64_t thread, process; /* what waits */
	uint64_t ignored, caught;
};
weak void signal_describe(struct signal_state *out);

/*
 * For calls with a mask for their time (ppoll, epoll_pwait): signal_mask_set
 * takes it from the program (0, -EINVAL, -EFAULT; no umask: does nothing),
 * signal_mask_restore is called when they end. If a signal interrupted the
 * call the mask stays until its handler has begun, as it must.
 */
int signal_mask_set(long umask, long size);
void signal_mask_restore(bool interrupted);

/* The thread ends: what is for the process goes to others. Weak: only in
 * programs that have signals in full. */
void signal_thread_ends(void);

/* Returns -ERESTART_BLOCK: after a stop without a handler fn goes on. */
long signal_restart_with(long (*fn)(uint64_t a, uint64_t b, uint64_t c),
	uint64_t a, uint64_t b, uint64_t c);

#endif
