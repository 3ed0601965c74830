/* SPDX-License-Identifier: Apache-2.0 */
/* Timers of CPU time. */
#ifndef SYS_CPU_TIMER_H
#define SYS_CPU_TIMER_H

#include "sched/timer.h"

/*
 * Starts a timer that runs when `left` more ns of CPU time may have passed:
 * its fn looks whether they have, and starts it again if not.
 */
void cpu_timer_start(struct timer *t, uint64_t left);

#endif
