/* SPDX-License-Identifier: Apache-2.0 */
/* Timers of keel: any number over the one of kern/time.h. */
#ifndef SCHED_TIMER_H
#define SCHED_TIMER_H

#include "kern/types.h"

/* Zero-initialised but for fn, which runs like work (sched/work.h), once,
 * at or soon after `when`; it may start the timer again. */
struct timer {
	uint64_t when; /* monotonic ns (clock_now()) */
	void (*fn)(struct timer *t);
	/* A pairing heap: prev is the parent for a first child. */
	struct timer *child, *next, *prev;
	bool active; /* started, fn has not begun */
};

/* An active timer is moved. From anywhere, also interrupts. */
void timer_start(struct timer *t, uint64_t when_ns);
/* fn does not run after this. An inactive timer stays so. */
void timer_stop(struct timer *t);

#endif
