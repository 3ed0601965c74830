/* SPDX-License-Identifier: Apache-2.0 */
/* Signals in full: queues with siginfo, actions, threads. Linked into
 * programs that have a system call about signals; see kern/signal.h. */
#ifndef KERN_SIGNAL_QUEUE_H
#define KERN_SIGNAL_QUEUE_H

#include "kern/signal.h"

#include <asm/signal.h>
#include <asm/siginfo.h>

/* signal(7): default actions; the others end the program. */
#define SIGNAL_IGNORED                                                    \
	(SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) | \
		SIGNAL_BIT(SIGWINCH))
#define SIGNAL_STOPS                                                       \
	(SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | \
		SIGNAL_BIT(SIGTTOU))
#define SIGNAL_UNBLOCKABLE (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))

/* Of which a set has more than one for real-time signals. */
struct signal_info {
	siginfo_t info;
	struct signal_info *next;
	bool queued;
	/* It has been taken or dropped, irqs off; NULL: kfree. May change
	 * the siginfo that the program gets, `out` (NULL when dropped). */
	void (*taken)(struct signal_info *i, siginfo_t *out);
};

/* As sigaction(2) passes it to a kernel. */
struct signal_action {
	uint64_t handler, flags, restorer, mask;
};

/* How many entries that kill, sigqueue and timers made may wait. */
enum { SIGNAL_QUEUE_MAX = 4096 };

/* An entry for `info`; NULL when there are too many or memory is short. */
struct signal_info *signal_info_new(const siginfo_t *info);
void signal_info_free(struct signal_info *i);

/*
 * Sends to `to`, or to the process if it is NULL. Takes over `i` (NULL: sent
 * by keel). An ignored signal, or one that waits already and is not
 * real-time, is dropped. Also from interrupts.
 */
void signal_post(struct thread *to, int sig, struct signal_info *i);

/* Takes the next of `from` off the thread's and the process's queues; the
 * signal, or 0. */
int signal_take(uint64_t from, siginfo_t *out);
bool signal_pending_of(const struct thread *t);
/* What waits for this thread. */
uint64_t signal_waiting(void);
/* An entry waits no more, if it did; it is still the caller's. irqs off. */
void signal_drop_entry(struct signal_info *i);

/* The thread's mask; SIGKILL and SIGSTOP stay free. Signals for the process
 * that it blocks now go to another thread. */
void signal_set_mask(uint64_t mask);

/* Reads and changes (NULL: not) the action for `sig`. */
void signal_action(
	int sig, const struct signal_action *set, struct signal_action *old);

/* The thread whose number is `tid`, or NULL. */
struct thread *signal_thread(int tid);

/* signal_fault, with all that there is to tell. */
void signal_force(struct arch_leave *l, const siginfo_t *info);

/* fs/signalfd.c, if linked in: something was sent. */
weak void signalfd_wake(void);

#endif
