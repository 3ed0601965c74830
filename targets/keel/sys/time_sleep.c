/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that sleep for a time. */
#include "kern/signal.h"
#include "kern/time.h"
#include "mm/uaccess.h"
#include "sched/thread.h"
#include "sched/waitq.h"
#include "sys/proto.h"
#include "sys/time.h"

#include <linux/errno.h>
#include <linux/time.h>

/* Clocks of CPU time do not go on while nobody runs: then they are looked at
 * so often. */
enum { CPU_TICK_NS = 1000000 };

static bool is_cpu_clock(int clock)
{
	return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID;
}

int sleep_until(int clock, uint64_t until)
{
	struct waitq q = {0};

	for (;;) {
		uint64_t now, left;
		int err = clock_read(clock, &now);

		if (err || now >= until)
			return err;
		left = MIN(until - now, (uint64_t)INT64_MAX);
		if (is_cpu_clock(clock))
			left = MAX(left, (uint64_t)CPU_TICK_NS);
		err = wait_event(&q, clock_now() + left, false);
		if (err != -ETIMEDOUT)
			return err;
	}
}

uint64_t time_add(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

/* The rest of a relative sleep; `rem` 0: nobody wants to know it. */
static long sleep_rest(uint64_t clock, uint64_t until, uint64_t rem)
{
	int err = sleep_until((int)clock, until);
	uint64_t now = 0;

	if (err != -ERESTARTSYS)
		return err;
	clock_read((int)clock, &now);
	if (rem && put_timespec((long)rem, until > now ? until - now : 0))
		return -EFAULT;
	return signal_restart_with(sleep_rest, clock, until, rem);
}

static long sleep_on(int clock, bool absolute, long req, long rem)
{
	uint64_t ns, now;
	int err = get_timespec(req, &ns);

	if (err)
		return err;
	err = clock_read(clock, &now);
	if (err)
		return err;
	if (!absolute)
		return sleep_rest((uint64_t)clock, time_add(now, ns), rem);
	err = sleep_until(clock, ns);
	return err == -ERESTARTSYS ? -ERESTARTNOHAND : err;
}

long do_nanosleep(long req, long rem)
{
	return sleep_on(CLOCK_MONOTONIC, false, req, rem);
}

long do_clock_nanosleep(long clock, long flags, long req, long rem)
{
	enum { OF_THREAD = 4 };
	int id = (int)clock, who = ~(id >> 3);

	/* The calling thread's own time does not go on. */
	if (id == CLOCK_THREAD_CPUTIME_ID || (int)flags & ~TIMER_ABSTIME ||
		(id < 0 && id & OF_THREAD &&
			(!who || who == thread_this()->tid)))
		return -EINVAL;
	if (id == CLOCK_MONOTONIC_RAW || id == CLOCK_REALTIME_COARSE ||
		id == CLOCK_MONOTONIC_COARSE)
		return -EOPNOTSUPP;
	return sleep_on(id, flags & TIMER_ABSTIME, req, rem);
}
