/* SPDX-License-Identifier: Apache-2.0 */
/* Time. */
#ifndef KERN_TIME_H
#define KERN_TIME_H

#include "kern/types.h"

uint64_t clock_now(void);      /* monotonic, ns since boot */
uint64_t clock_realtime(void); /* ns since the epoch */
void clock_set_realtime(uint64_t ns);
/* Both linked in by who waits for times of that clock. */
weak void clock_was_set(void);
weak void posix_timer_clock_was_set(void);
uint64_t clock_cycles_to_ns(uint64_t cycles);
/* A one-shot interrupt at or after this monotonic time; NEVER: none. */
void timer_set(uint64_t deadline_ns);
/* What that interrupt calls, once for all; without, it only ends arch_idle.
 * Of sched/timer.c, which gives out timers. */
void timer_attach(void (*fn)(void *arg));

#endif
