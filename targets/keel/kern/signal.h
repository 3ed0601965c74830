/* SPDX-License-Identifier: Apache-2.0 */
/* Signals: default actions, ignoring, blocking; handlers are refused. */
#ifndef KERN_SIGNAL_H
#define KERN_SIGNAL_H

#include "kern/types.h"

#define SIGNAL_BIT(sig) (1UL << ((sig)-1))

/*
 * Makes `sig` (1..64) pending for the program and wakes it; also from
 * interrupts. Its default action ends the machine with 128 + sig when the
 * program is next left by keel, or in an interruptible sleep (-EINTR).
 */
void signal_send_process(int sig);

/* A signal that the program must die of now, by a fault of its own: message
 * and backtrace on standard error, then 128 + sig. Called by arch. */
noreturn void signal_fatal(int sig, int code, uint64_t addr, uint64_t pc,
	uint64_t fp, uint64_t sp);

/* Whether a signal waits that ends or stops the program: then sleeps return
 * -EINTR. */
bool signal_pending(void);

/* On the way out of keel to the program, with PENDING_SIGNAL. */
struct arch_leave;
void signal_deliver(struct arch_leave *l);

/* For the system calls: what waits, and what is ignored by SIG_IGN. */
uint64_t signal_waiting(void);
void signal_set_ignored(int sig, int ignore); /* drops what waits, too */

#endif
