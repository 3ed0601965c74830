/* SPDX-License-Identifier: Apache-2.0 */
/* Timers as open files. */
#include "fs/timerfd.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

#include "fs/anon.h"
#include "fs/file.h"
#include "kern/time.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "sched/timer.h"

/*
 * A timer fires once; how often its interval has passed since is counted when
 * it is read, which starts it again. So nobody is woken for ticks that nobody
 * reads, as on Linux.
 */
struct timerfd {
	struct timer timer;
	struct waitq wait;
	uint64_t next;     /* when it fires, by its clock; 0: it does not */
	uint64_t interval; /* 0: once */
	uint64_t ticks;
	bool realtime;                /* CLOCK_REALTIME */
	bool wall;                    /* next is a time of it */
	bool cancel;                  /* a change of it ends the wait */
	bool changed;                 /* it was changed */
	struct timerfd *link, **back; /* all that a change concerns */
};

static struct timerfd *all_wall;

static uint64_t now_of(const struct timerfd *t)
{
	return t->wall ? clock_realtime() : clock_now();
}

static void arm(struct timerfd *t)
{
	uint64_t when = t->next;

	if (t->wall) {
		uint64_t wall = clock_realtime(), now = clock_now();

		when = when > wall ? MIN(when - wall, NEVER - 1 - now) + now
				   : now;
	}
	timer_start(&t->timer, when);
}

/* Counts the times that have passed, and goes on to the next. */
static void update(struct timerfd *t)
{
	uint64_t now, n = 1;

	if (!t->next)
		return;
	now = now_of(t);
	if (now < t->next)
		return;
	timer_stop(&t->timer);
	if (t->interval) {
		n += (now - t->next) / t->interval;
		t->next += n * t->interval;
		arm(t);
	} else {
		t->next = 0;
	}
	t->ticks += n;
	waitq_wake(&t->wait);
}

static void fired(struct timer *timer)
{
	struct timerfd *t = container_of(timer, struct timerfd, timer);

	/* A wall clock may have been set back. */
	if (t->next && now_of(t) < t->next)
		arm(t);
	else
		waitq_wake(&t->wait);
}

/* Something is to be read; when it fires, the kernel's timer ends. */
static bool is_ready(const struct timerfd *t)
{
	return t->ticks || (t->next && !t->timer.active) ||
	       (t->cancel && t->changed);
}

static long timerfd_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	struct timerfd *t = f->priv;
	uint64_t ticks;
	int err;

	(void)pos;
	if (n < sizeof(ticks))
		return -EINVAL;
	for (;;) {
		if (t->cancel && t->changed) {
			t->changed = false;
			t->ticks = 0;
			return -ECANCELED;
		}
		update(t);
		if (t->ticks)
			break;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event(&t->wait, NEVER, is_ready(t));
		if (err)
			return err;
	}
	ticks = t->ticks;
	t->ticks = 0;
	return copy_to_user(ubuf, &ticks, sizeof(ticks)) ? -EFAULT
							 : (long)sizeof(ticks);
}

static unsigned timerfd_poll(struct file *f, struct waitq **q)
{
	struct timerfd *t = f->priv;

	*q = &t->wait;
	return is_ready(t) ? POLLIN : 0;
}

/* --- the wall clock -------------------------------------------------------*/

static void wall_leave(struct timerfd *t)
{
	if (!t->wall)
		return;
	*t->back = t->link;
	if (t->link)
		t->link->back = t->back;
	t->wall = false;
}

static void wall_enter(struct timerfd *t)
{
	t->wall = true;
	t->link = all_wall;
	t->back = &all_wall;
	if (t->link)
		t->link->back = &t->link;
	all_wall = t;
}

/* Called, if linked in, when CLOCK_REALTIME was set. */
void clock_was_set(void)
{
	for (struct timerfd *t = all_wall; t; t = t->link) {
		t->changed = true;
		if (t->next)
			arm(t);
		if (t->cancel)
			waitq_wake(&t->wait);
	}
}

/* --- setting --------------------------------------------------------------*/

void timerfd_get(struct file *f, struct timerfd_time *out)
{
	struct timerfd *t = f->priv;
	uint64_t now;

	update(t);
	now = now_of(t);
	*out = (struct timerfd_time){t->interval, 0};
	if (t->next)
		out->value = t->next > now ? t->next - now : 1;
}

int timerfd_set(struct file *f, unsigned mode, struct timerfd_time new,
	struct timerfd_time *old)
{
	struct timerfd *t = f->priv;
	bool changed = t->cancel && t->changed;
	uint64_t now;

	timerfd_get(f, old);
	timer_stop(&t->timer);
	wall_leave(t);
	t->ticks = 0;
	t->interval = new.interval;
	t->cancel =
		t->realtime && mode & TIMERFD_ABSOLUTE && mode & TIMERFD_CANCEL;
	if (t->realtime && mode & TIMERFD_ABSOLUTE)
		wall_enter(t);
	else
		changed = false;
	t->changed = false;
	t->next = new.value;
	if (!new.value)
		return 0;
	if (!(mode & TIMERFD_ABSOLUTE)) {
		now = clock_now();
		t->next = MIN(new.value, NEVER - 1 - now) + now;
	}
	arm(t);
	return changed && t->cancel ? -ECANCELED : 0;
}

static void timerfd_release(struct file *f)
{
	struct timerfd *t = f->priv;

	timer_stop(&t->timer);
	wall_leave(t);
	kfree(t);
}

static const struct file_ops timerfd_ops = {.read = timerfd_read,
	.poll = timerfd_poll,
	.release = timerfd_release,
	.stat = anon_stat,
	.seek = anon_seek,
	.name = "anon_inode:[timerfd]"};

bool timerfd_is(const struct file *f)
{
	return f->ops == &timerfd_ops;
}

struct file *timerfd_new(bool realtime, uint32_t flags)
{
	struct timerfd *t = kzalloc(sizeof(*t));
	struct file *f = t ? file_new(&timerfd_ops, O_RDWR | flags) : NULL;

	if (!f) {
		kfree(t);
		return NULL;
	}
	t->timer.fn = fired;
	t->realtime = realtime;
	f->priv = t;
	return f;
}
