/* SPDX-License-Identifier: Apache-2.0 */
/* System calls of timers that send signals: timer_create and its kin. */
#include "arch/arch.h"
#include "kern/signal_queue.h"
#include "kern/time.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "sched/thread.h"
#include "sys/cpu_timer.h"
#include "sys/proto.h"
#include "sys/time.h"

#include <linux/errno.h>
#include <linux/time.h>
#include <linux/types.h>

enum { OVERRUN_MAX = INT32_MAX, IGNORED_NS = 1000000 };

/*
 * An interval timer goes on when its signal was taken: what passed until
 * then are overruns, so that no timer is faster than the program.
 */
struct posix_timer {
	struct timer timer;
	struct signal_info signal; /* waits at most once */
	struct posix_timer *link;
	int id, notify, tid;     /* tid 0: the process */
	int clock, base;         /* as it was made; what `next` is a time of */
	uint64_t next, interval; /* ns; next 0: off */
	uint64_t overrun;        /* of the signal that was taken last */
};

static struct posix_timer *timers; /* changed with irqs off */
static int next_id;

static bool is_cpu_clock(int clock)
{
	return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID;
}

static uint64_t now_of(const struct posix_timer *p)
{
	uint64_t now = 0;

	clock_read(p->base, &now);
	return now;
}

static void arm(struct posix_timer *p, uint64_t at_least)
{
	uint64_t now = now_of(p);
	uint64_t left = p->next > now ? p->next - now : 0;

	if (is_cpu_clock(p->base))
		cpu_timer_start(&p->timer, left);
	else
		timer_start(
			&p->timer, time_add(clock_now(), MAX(left, at_least)));
}

/* Goes on to the first time that is not past; how many it left behind. */
static uint64_t forward(struct posix_timer *p)
{
	uint64_t now = now_of(p), n;

	if (!p->next || !p->interval || p->next > now)
		return 0;
	n = (now - p->next) / p->interval + 1;
	p->next += n * p->interval;
	return n;
}

static void taken(struct signal_info *i, siginfo_t *out)
{
	struct posix_timer *p = container_of(i, struct posix_timer, signal);

	uint64_t missed = forward(p);

	p->overrun = MIN(missed, (uint64_t)OVERRUN_MAX);
	if (p->interval && p->next)
		arm(p, out ? 0 : IGNORED_NS);
	if (out)
		out->si_overrun = (int)p->overrun;
}

static void fire(struct timer *t)
{
	struct posix_timer *p = container_of(t, struct posix_timer, timer);
	uint64_t irq = arch_irq_save();
	struct thread *to = p->tid ? signal_thread(p->tid) : NULL;

	if (!p->next) {
		; /* it was turned off meanwhile */
	} else if (now_of(p) < p->next) {
		arm(p, 0); /* the clock was set, or CPU time goes slower */
	} else {
		/* The time of this signal is over: the next, if any. */
		p->next = p->interval ? p->next + p->interval : 0;
		if (!p->signal.queued && (to || !p->tid))
			signal_post(to, p->signal.info.si_signo, &p->signal);
	}
	arch_irq_restore(irq);
}

/* As struct sigevent of the kernel's ABI begins. */
struct event {
	sigval_t value;
	int signo, notify, tid;
};

static int check(const struct event *e)
{
	switch (e->notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD: /* the C library's; the kernel sends a signal */
		break;
	case SIGEV_THREAD_ID:
		if (signal_thread(e->tid))
			break;
		return -EINVAL;
	default:
		return -EINVAL;
	}
	return e->signo > 0 && e->signo <= SIGNAL_MAX ? 0 : -EINVAL;
}

/* The calling thread's own clocks get its number. */
static int name_clock(int clock)
{
	enum { SCHED = 2, OF_THREAD = 4 };
	int own = (int)(~0u << 3 | OF_THREAD);
	int mine = (int)(~(unsigned)thread_this()->tid << 3);

	if (clock == CLOCK_THREAD_CPUTIME_ID)
		return mine | OF_THREAD | SCHED;
	return (clock & ~3) == own ? mine | (clock & 7) : clock;
}

static int check_clock(int clock)
{
	uint64_t ns;

	if (clock < 0)
		return clock_read(clock, &ns);
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
	case CLOCK_PROCESS_CPUTIME_ID:
		return 0;
	}
	return clock_read(clock, &ns) ? -EINVAL : -EOPNOTSUPP;
}

static struct posix_timer *find(long id)
{
	struct posix_timer *p = timers;

	while (p && p->id != (int)id)
		p = p->link;
	return p;
}

long do_timer_create(long clock, long uevent, long uid)
{
	struct event e = {.signo = SIGALRM, .notify = SIGEV_SIGNAL};
	struct posix_timer *p;
	uint64_t irq;
	int id = name_clock((int)clock), err = check_clock(id);

	if (err)
		return err;
	e.value.sival_int = next_id;
	if (uevent && copy_from_user(&e, (const void *)uevent, sizeof(e)))
		return -EFAULT;
	err = check(&e);
	if (err)
		return err;
	p = kzalloc(sizeof(*p));
	if (!p)
		return -EAGAIN;
	p->timer.fn = fire;
	p->signal.taken = taken;
	p->clock = p->base = id;
	p->notify = e.notify;
	p->tid = e.notify == SIGEV_THREAD_ID ? e.tid : 0;
	p->id = next_id;
	p->signal.info.si_signo = e.signo;
	p->signal.info.si_code = SI_TIMER;
	p->signal.info.si_tid = p->id;
	p->signal.info.si_value = e.value;
	if (copy_to_user((void *)uid, &p->id, sizeof(p->id))) {
		kfree(p);
		return -EFAULT;
	}
	next_id = (next_id + 1) & INT32_MAX;
	irq = arch_irq_save();
	p->link = timers;
	timers = p;
	arch_irq_restore(irq);
	return 0;
}

static void get(struct posix_timer *p, struct __kernel_itimerspec *out)
{
	uint64_t now = now_of(p), left = 0;

	if (p->signal.queued || p->notify == SIGEV_NONE)
		forward(p);
	if (p->next > now)
		left = p->next - now;
	else if (p->next && p->notify != SIGEV_NONE)
		left = 1; /* its signal is on the way */
	out->it_interval.tv_sec = p->interval / NS_PER_S;
	out->it_interval.tv_nsec = p->interval % NS_PER_S;
	out->it_value.tv_sec = left / NS_PER_S;
	out->it_value.tv_nsec = left % NS_PER_S;
}

long do_timer_gettime(long id, long uvalue)
{
	struct posix_timer *p = find(id);
	struct __kernel_itimerspec t;

	if (!p)
		return -EINVAL;
	get(p, &t);
	return copy_to_user((void *)uvalue, &t, sizeof(t));
}

long do_timer_settime(long id, long flags, long unew, long uold)
{
	struct posix_timer *p = find(id);
	struct __kernel_itimerspec old;
	uint64_t interval, value, irq;
	int err;

	if (!unew)
		return -EINVAL;
	err = get_timespec(unew, &interval);
	if (!err)
		err = get_timespec(
			unew + (long)sizeof(old.it_interval), &value);
	if (err)
		return err;
	if (!p)
		return -EINVAL;
	timer_stop(&p->timer);
	irq = arch_irq_save();
	get(p, &old);
	p->interval = interval;
	p->next = value;
	p->base = p->clock;
	if (!(flags & TIMER_ABSTIME)) {
		/* Setting the clock does not change how long it takes. */
		if (!is_cpu_clock(p->base))
			p->base = CLOCK_MONOTONIC;
		p->next = value ? time_add(now_of(p), value) : 0;
	}
	p->overrun = 0;
	if (p->next && p->notify != SIGEV_NONE)
		arm(p, 0);
	arch_irq_restore(irq);
	return uold ? copy_to_user((void *)uold, &old, sizeof(old)) : 0;
}

long do_timer_getoverrun(long id)
{
	const struct posix_timer *p = find(id);

	return p ? (long)p->overrun : -EINVAL;
}

long do_timer_delete(long id)
{
	struct posix_timer **at = &timers, *p;
	uint64_t irq = arch_irq_save();

	while (*at && (*at)->id != (int)id)
		at = &(*at)->link;
	p = *at;
	if (p) {
		*at = p->link;
		p->next = 0;
		signal_drop_entry(&p->signal);
	}
	arch_irq_restore(irq);
	if (!p)
		return -EINVAL;
	timer_stop(&p->timer);
	kfree(p);
	return 0;
}

/* CLOCK_REALTIME was set: absolute times of it may have come nearer. */
void posix_timer_clock_was_set(void)
{
	for (struct posix_timer *p = timers; p; p = p->link)
		if (p->timer.active)
			arm(p, 0);
}
