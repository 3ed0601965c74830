/* SPDX-License-Identifier: Apache-2.0 */
/* The program's threads. */
#ifndef SYS_THREAD_H
#define SYS_THREAD_H

#include "kern/types.h"

/* The bodies of clone and clone3, called by arch with the registers of the
 * child but for its stack pointer. */
struct trap_frame;
long thread_clone(long flags, long stack, long ptid, long ctid, long tls,
	const struct trap_frame *regs);
long thread_clone3(long args, long size, long c, long d, long e,
	const struct trap_frame *regs);

/* Ends this thread, the last one ends the program. */
noreturn void thread_end(int status);

#endif
