/* SPDX-License-Identifier: Apache-2.0 */
/* futex between threads. */
#ifndef SYS_FUTEX_H
#define SYS_FUTEX_H

#include "kern/types.h"

/* Wakes at most n that wait at the program's address, shared or private. */
int futex_wake(uint64_t va, int n);

/* The end of a thread whose list of robust locks (<linux/futex.h>) begins
 * there: they become FUTEX_OWNER_DIED, one waiter of each is woken. */
void futex_release(uint64_t robust_list, int tid);

#endif
