/* SPDX-License-Identifier: Apache-2.0 */
/* Timers of CPU time. */
#ifndef SYS_CPU_TIMER_H
#define SYS_CPU_TIMER_H

#include "sched/timer.h"

/*
 * Starts a timer that runs when the program's CPU time (cpu_time()) may have
 * come to `when`: its fn looks whether it has, and starts it again if not.
 */
void cpu_timer_start(struct timer *t, uint64_t when);

#endif
