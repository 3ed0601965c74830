/* SPDX-License-Identifier: Apache-2.0 */
/* Sharing the CPU. */
#include "sched/sched.h"
#include "arch/arch.h"
#include "kern/log.h"
#include "kern/time.h"
#include "sched/timer.h"
#include "sched/waitq.h"

struct queue {
	struct thread *first, **end; /* end NULL: never used */
};

/* Changed with interrupts off. */
static struct {
	struct queue woken, spent;
	uint64_t since;       /* busy() when the running thread began */
	uint64_t spent_since; /* busy() when one of `spent` last ran */
	struct thread *ended; /* to be freed by the next one */
	bool over;
} sched;

static void slice_over(struct timer *t);
static struct timer slice = {.fn = slice_over};

/* Cycles that were not idle. */
static uint64_t busy(void)
{
	return arch_cycles() - cpu_this()->idle_cycles;
}

static void append(struct queue *q, struct thread *t)
{
	if (!q->first)
		q->end = &q->first;
	*q->end = t;
	q->end = &t->ready_next;
	t->ready_next = NULL;
	t->state = THREAD_READY;
}

static void prepend(struct queue *q, struct thread *t)
{
	t->ready_next = q->first;
	if (!q->first)
		q->end = &t->ready_next;
	q->first = t;
	t->state = THREAD_READY;
}

static struct thread *take(struct queue *q)
{
	struct thread *t = q->first;

	if (t) {
		q->first = t->ready_next;
		if (!q->first)
			q->end = &q->first;
	}
	return t;
}

static bool spent_is_due(uint64_t now)
{
	return sched.spent.first &&
	       (!sched.woken.first ||
		       clock_cycles_to_ns(now - sched.spent_since) >
			       3 * SCHED_SLICE_NS);
}

static struct thread *next_ready(uint64_t now)
{
	return take(spent_is_due(now) ? &sched.spent : &sched.woken);
}

/* Runs as work. The timer goes on only while it has a purpose. */
static void slice_over(struct timer *t)
{
	(void)t;
	sched.over = true;
	cpu_set_pending(PENDING_SWITCH);
}

static void slice_start(void)
{
	if (!slice.active && (sched.woken.first || sched.spent.first))
		timer_start(&slice, clock_now() + SCHED_SLICE_NS);
}

void sched_begin(void)
{
	if (sched.ended) {
		thread_free(sched.ended);
		sched.ended = NULL;
	}
}

static void switch_to(struct thread *next, uint64_t now)
{
	struct cpu *c = cpu_this();
	struct thread *t = c->thread;

	t->cycles += now - sched.since;
	sched.since = now;
	t->pending = c->pending & PENDING_SIGNAL;
	c->pending = (c->pending & PENDING_WORK) | next->pending;
	if (machine_ends)
		c->pending |= PENDING_SWITCH;
	next->pending = 0;
	next->state = THREAD_RUNS;
	if (t->state == THREAD_ENDED)
		sched.ended = t;
	c->thread = next;
	c->kstack_top = next->kstack_top;
	slice_start();
	arch_switch(t, next);
	sched_begin();
}

bool sched_switch(void)
{
	uint64_t now = busy();
	struct thread *t = thread_this(), *next;

	if (t->spent)
		sched.spent_since = now;
	next = next_ready(now);
	if (!next)
		return false;
	if (t->state == THREAD_RUNS)
		t->state = THREAD_SLEEPS;
	t->spent = t->batch;
	switch_to(next, now);
	return true;
}

void thread_ready(struct thread *t)
{
	uint64_t irq = arch_irq_save();

	t->poked = true;
	if (t->state == THREAD_SLEEPS) {
		append(t->spent ? &sched.spent : &sched.woken, t);
		cpu_set_pending(PENDING_SWITCH);
	}
	arch_irq_restore(irq);
}

void thread_interrupt(struct thread *t)
{
	uint64_t irq = arch_irq_save();

	if (t == thread_this())
		cpu_set_pending(PENDING_SIGNAL);
	else
		t->pending = PENDING_SIGNAL;
	thread_ready(t);
	arch_irq_restore(irq);
}

/* The running thread goes into the queue, another one goes on. */
static void give_way(bool last, uint64_t now)
{
	struct thread *t = thread_this(), *next;
	struct queue *q = t->spent ? &sched.spent : &sched.woken;

	if (t->spent)
		sched.spent_since = now;
	if (last)
		append(q, t);
	else
		prepend(q, t);
	next = next_ready(now);
	if (next == t)
		t->state = THREAD_RUNS;
	else
		switch_to(next, now);
}

void sched_leave(void)
{
	struct thread *t = thread_this();
	uint64_t now = busy();
	bool over = sched.over;

	sched.over = false;
	while (machine_ends)
		waitq_idle();
	if (!(sched.woken.first || sched.spent.first))
		return;
	/* The timer may have been started for a thread before this one. */
	over = over &&
	       clock_cycles_to_ns(now - sched.since) >= SCHED_SLICE_NS / 2;
	if (over)
		t->spent = true;
	if (over || (t->spent && sched.woken.first))
		give_way(over, now);
	slice_start();
}

void sched_yield(void)
{
	uint64_t irq = arch_irq_save();

	if (sched.woken.first || sched.spent.first) {
		thread_this()->spent = true;
		give_way(true, busy());
	}
	arch_irq_restore(irq);
}

void sched_exit(void)
{
	arch_irq_save();
	thread_this()->state = THREAD_ENDED;
	for (;;)
		waitq_idle();
}

uint64_t thread_cycles(const struct thread *t)
{
	uint64_t irq = arch_irq_save(), n = t->cycles;

	if (t == thread_this())
		n += busy() - sched.since;
	arch_irq_restore(irq);
	return n;
}
