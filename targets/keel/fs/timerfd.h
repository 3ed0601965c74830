/* SPDX-License-Identifier: Apache-2.0 */
/* Timers as open files: timerfd_create(2). */
#ifndef FS_TIMERFD_H
#define FS_TIMERFD_H

#include "kern/types.h"

struct file;

/* A setting: both in ns, 0 value: off. */
struct timerfd_time {
	uint64_t interval, value;
};
enum {
	TIMERFD_ABSOLUTE = 1,
	TIMERFD_CANCEL = 2, /* ECANCELED when CLOCK_REALTIME is set */
};

/* With one reference; flags: O_NONBLOCK. NULL: no memory. */
struct file *timerfd_new(bool realtime, uint32_t flags);
bool timerfd_is(const struct file *f);
/* `value` in *old is what is left. -ECANCELED. */
int timerfd_set(struct file *f, unsigned mode, struct timerfd_time new,
	struct timerfd_time *old);
void timerfd_get(struct file *f, struct timerfd_time *t);

#endif
