/* SPDX-License-Identifier: Apache-2.0 */
/* System calls of the three interval timers, and alarm. */
#include "kern/signal_queue.h"
#include "kern/time.h"
#include "mm/uaccess.h"
#include "sched/timer.h"
#include "sys/cpu_timer.h"
#include "sys/proto.h"
#include "sys/time.h"

#include <linux/errno.h>
#include <linux/time.h>

/* The program gets on between two signals, however short the interval. */
enum { US_PER_S = 1000000, NS_PER_US = 1000, GAP_NS = 50000 };

/* The first counts real time, the others the program's CPU time (keel does
 * not tell its own from the program's). */
static struct itimer {
	struct timer timer;
	uint64_t next, interval; /* ns of its clock; next 0: off */
	int sig;
} itimers[] = {
	[ITIMER_REAL] = {.sig = SIGALRM},
	[ITIMER_VIRTUAL] = {.sig = SIGVTALRM},
	[ITIMER_PROF] = {.sig = SIGPROF},
};

static uint64_t now_of(const struct itimer *i)
{
	return i == itimers ? clock_now() : cpu_time();
}

static void arm(struct itimer *i)
{
	uint64_t now = now_of(i);

	if (i == itimers)
		timer_start(&i->timer, MAX(i->next, time_add(now, GAP_NS)));
	else
		cpu_timer_start(&i->timer, i->next > now ? i->next - now : 0);
}

static void fire(struct timer *t)
{
	struct itimer *i = container_of(t, struct itimer, timer);
	siginfo_t info = {.si_signo = i->sig, .si_code = SI_KERNEL};
	uint64_t now = now_of(i);

	if (now < i->next) { /* CPU time goes slower */
		arm(i);
		return;
	}
	if (i->interval)
		i->next += ((now - i->next) / i->interval + 1) * i->interval;
	else
		i->next = 0;
	if (i->next)
		arm(i);
	signal_post(NULL, i->sig, signal_info_new(&info));
}

static void get(const struct itimer *i, uint64_t *left)
{
	uint64_t now = now_of(i);

	*left = 0;
	if (i->next)
		*left = i->next > now ? i->next - now : NS_PER_US;
}

static void set(struct itimer *i, uint64_t value, uint64_t interval)
{
	timer_stop(&i->timer);
	i->timer.fn = fire;
	i->next = value ? time_add(now_of(i), value) : 0;
	i->interval = interval;
	if (i->next)
		arm(i);
}

static int read_time(const struct __kernel_old_timeval *t, uint64_t *ns)
{
	if (t->tv_sec < 0 || t->tv_usec < 0 || t->tv_usec >= US_PER_S)
		return -EINVAL;
	*ns = INT64_MAX;
	if ((uint64_t)t->tv_sec < INT64_MAX / NS_PER_S)
		*ns = t->tv_sec * NS_PER_S + t->tv_usec * NS_PER_US;
	return 0;
}

static struct __kernel_old_timeval to_timeval(uint64_t ns)
{
	return (struct __kernel_old_timeval){
		ns / NS_PER_S, ns % NS_PER_S / NS_PER_US};
}

/* interval, value: as struct itimerval */
typedef struct __kernel_old_timeval pair[2];

static int put(long va, const struct itimer *i)
{
	uint64_t left;
	pair p;

	get(i, &left);
	p[0] = to_timeval(i->interval);
	p[1] = to_timeval(left);
	return copy_to_user((void *)va, p, sizeof(p));
}

long do_getitimer(long which, long value)
{
	if ((unsigned)which >= ARRAY_SIZE(itimers))
		return -EINVAL;
	return put(value, &itimers[(unsigned)which]);
}

long do_setitimer(long which, long unew, long uold)
{
	struct itimer *i = &itimers[(unsigned)which];
	uint64_t value = 0, interval = 0;
	pair p;

	if (unew) {
		if (copy_from_user(p, (const void *)unew, sizeof(p)))
			return -EFAULT;
		if (read_time(&p[0], &interval) || read_time(&p[1], &value))
			return -EINVAL;
	}
	if ((unsigned)which >= ARRAY_SIZE(itimers))
		return -EINVAL;
	if (uold && put(uold, i))
		return -EFAULT;
	set(i, value, interval);
	return 0;
}

/* Seconds are rounded to the nearest, but never to 0 while it runs. */
long do_alarm(long seconds)
{
	struct itimer *i = &itimers[ITIMER_REAL];
	uint64_t left;

	get(i, &left);
	set(i, (uint32_t)seconds * NS_PER_S, 0);
	if (left && left < NS_PER_S)
		return 1;
	return (left + NS_PER_S / 2) / NS_PER_S;
}
