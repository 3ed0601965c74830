/* SPDX-License-Identifier: Apache-2.0 */
/* What system calls about time share. */
#ifndef SYS_TIME_H
#define SYS_TIME_H

#include "kern/types.h"

#define NS_PER_S 1000000000UL

/* A struct timespec of the program; -EFAULT, get also -EINVAL. Times that
 * are too long for a uint64_t are read as INT64_MAX. */
int get_timespec(long va, uint64_t *ns);
int put_timespec(long va, uint64_t ns);

/* The clock `id` (CLOCK_*) now, or -EINVAL. */
int clock_read(int id, uint64_t *ns);
uint64_t cpu_time(void); /* ns that the program has run */
struct thread;
uint64_t thread_time(const struct thread *t); /* and one of its threads */

/*
 * Sleeps until a signal or the time `until` of the clock: 0 at the time,
 * else -ERESTARTSYS. For CLOCK_REALTIME the clock may be set meanwhile.
 */
int sleep_until(int clock, uint64_t until);

uint64_t time_add(uint64_t a, uint64_t b); /* at most UINT64_MAX */
/* The sleep of a futex: -ETIMEDOUT, -EINTR, or the timespec is bad. In
 * sys/time.c, so that it is there when a program can read a clock. */
int futex_sleep(int clock, long timeout, int absolute);

#endif
