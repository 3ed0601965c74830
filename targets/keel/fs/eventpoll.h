/* SPDX-License-Identifier: Apache-2.0 */
/* Readiness of many files: what epoll(7) keeps. */
#ifndef FS_EVENTPOLL_H
#define FS_EVENTPOLL_H

#include "kern/types.h"

struct epoll_event;
struct file;
struct waitq;

/*
 * An epoll file holds one item for each pair of an open file and a
 * descriptor. An item hangs on the wait queue that the file's `poll` names,
 * and a wake-up there puts it on the ready list, so that a wait costs as much
 * as there is to report. An item holds no reference to its file: file_put
 * calls epoll_forget (fs/file.h) with the last one.
 *
 * The ready list is under a spin lock, since interrupts wake. All else
 * relies on that `poll` does not sleep: keel's code is not preempted.
 */

/* With one reference; NULL: no memory. */
struct file *epoll_file_new(void);
bool epoll_is(const struct file *f);

/* EPOLL_CTL_* on an epoll file, as epoll_ctl(2) from EPERM on. */
long epoll_control(struct file *ep, int op, struct file *f, int fd,
	const struct epoll_event *event);

/*
 * What is ready, at most `max`, without waiting: how many went to the
 * program's array; -EFAULT if not even the first did.
 */
long epoll_harvest(struct file *ep, void *uevents, long max);
/* The queue of those who wait, with WAITQ_EXCLUSIVE, and whether a harvest
 * is worth it. Who was woken but does not harvest passes it on. */
struct waitq *epoll_waitq(struct file *ep);
bool epoll_has_ready(struct file *ep);
void epoll_pass_on(struct file *ep);

#endif
