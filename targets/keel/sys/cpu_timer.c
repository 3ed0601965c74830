/* SPDX-License-Identifier: Apache-2.0 */
/* Timers of CPU time. */
#include "sys/cpu_timer.h"
#include "kern/time.h"
#include "sys/time.h"

/* So seldom, at least, is looked at a program that sleeps near its time. */
enum { TICK_NS = 1000000 };

void cpu_timer_start(struct timer *t, uint64_t left)
{
	timer_start(t, time_add(clock_now(), left < TICK_NS ? TICK_NS : left));
}
