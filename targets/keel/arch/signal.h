/* SPDX-License-Identifier: Apache-2.0 */
/* What a port supplies for signal handlers: frames and their return. */
#ifndef ARCH_SIGNAL_H
#define ARCH_SIGNAL_H

#include "kern/types.h"

#include <asm/siginfo.h>
#include <asm/signal.h>

struct arch_leave; /* the program's registers */

#define ARCH_RED_ZONE 128

uint64_t arch_leave_sp(const struct arch_leave *l);
uint64_t arch_call_sp(void); /* of the call that is being made */

/* What the body of the call returned; 0 if it is no call, or is one that
 * is finished or made again already. */
long arch_leave_result(const struct arch_leave *l);
void arch_leave_finish(struct arch_leave *l, long result);
/* The program makes the call again, or calls `body` (no arguments). */
void arch_leave_again(struct arch_leave *l, long (*body)(void));

struct arch_handler {
	uint64_t handler, restorer;
	uint64_t mask; /* comes back with the handler's return */
	uint64_t low;  /* the frame stays above it */
	int sig;
	const siginfo_t *info;
	stack_t alt; /* as it was before */
};

/* Writes the frame below `sp` and changes *l so that the handler runs;
 * -EFAULT if it cannot be written. May sleep. */
int arch_leave_handler(
	struct arch_leave *l, const struct arch_handler *h, uint64_t sp);

#endif
