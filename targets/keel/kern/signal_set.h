/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of signals that wait; for kern/signal_*.c, interrupts are off. */
#ifndef KERN_SIGNAL_SET_H
#define KERN_SIGNAL_SET_H

#include "kern/signal_queue.h"

void signal_set_add(struct signal_set *s, int sig, struct signal_info *i);
/* The oldest of `sig`, which is in the set. */
void signal_set_take(struct signal_set *s, int sig, siginfo_t *out);
void signal_set_drop(struct signal_set *s, uint64_t which);
/* Takes `i` off the set, if it is there. */
void signal_set_unlink(struct signal_set *s, struct signal_info *i);
/* `i` is in no set any more; frees it. `out` as for taken(). */
void signal_info_done(struct signal_info *i, siginfo_t *out);

/* Of all threads together. */
extern struct signal_set signal_process;
extern struct signal_action signal_actions[SIGNAL_MAX];

/* SIGCONT or SIGKILL was sent: a stopped program goes on. */
void signal_go_on(void);

static inline bool signal_ignores(int sig)
{
	const struct signal_action *a = &signal_actions[sig - 1];

	return a->handler == (uint64_t)SIG_IGN ||
	       (a->handler == (uint64_t)SIG_DFL &&
		       SIGNAL_IGNORED & SIGNAL_BIT(sig));
}

#endif
