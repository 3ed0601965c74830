/* SPDX-License-Identifier: Apache-2.0 */
/* Deferred work: what interrupts leave for later. */
#ifndef SCHED_WORK_H
#define SCHED_WORK_H

#include "kern/types.h"

/*
 * fn runs soon, once, with interrupts on, on some thread's kernel stack:
 * before the CPU goes back to a program or idles, and while threads wait. It
 * may wake threads, take spin locks and queue work, also its own; it never
 * sleeps and never touches the program's memory.
 */
struct work {
	void (*fn)(struct work *w);
	struct work *next;
	bool queued; /* from work_queue until fn begins */
};

void work_queue(struct work *w); /* from anywhere, also interrupts */

/* With interrupts off, also after it. Runs what is queued: whether there was
 * any. In a wait: or another thread. On the way to the program, with
 * cpu.pending: and another thread if one is due. */
bool work_run(void);
bool work_wait(void);
void work_leave(uint32_t pending);

#endif
