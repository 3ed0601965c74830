/* SPDX-License-Identifier: Apache-2.0 */
/* futex between threads. */
#ifndef SYS_FUTEX_H
#define SYS_FUTEX_H

#include "kern/types.h"

/* The system call, all of it. */
long futex_call(long uaddr, long op, long value, long timeout, long uaddr2,
	long value3);

/* Wakes at most n that wait at the program's address, shared or private. */
int futex_wake(uint64_t va, int n);

/* The end of a thread whose list of robust locks (<linux/futex.h>) begins
 * there: they become FUTEX_OWNER_DIED, one waiter of each is woken. */
void futex_release(uint64_t robust_list, int tid);

#endif
