/* SPDX-License-Identifier: Apache-2.0 */
/* Signals: default actions, ignoring, blocking; handlers are refused. */
#ifndef KERN_SIGNAL_H
#define KERN_SIGNAL_H

#include "kern/types.h"

struct trap_frame;

/*
 * Makes `sig` (1..64) pending for the program and wakes it; also from
 * interrupts. Its default action ends the machine with 128 + sig when the
 * program is next left by keel, or in an interruptible sleep (-EINTR).
 */
void signal_send_process(int sig);

/* A signal that the program must die of now (a fault of its own): message
 * and backtrace on standard error, then 128 + sig. Used by arch. */
noreturn void signal_fatal(int sig, int code, uint64_t addr,
	const struct trap_frame *f);

/* Whether a signal waits that ends the program: sleeps return -EINTR. */
bool signal_pending(void);

/* On the way out of keel, with cpu->pending set. */
void signal_deliver(void);

#endif
