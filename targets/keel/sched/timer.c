/* SPDX-License-Identifier: Apache-2.0 */
/* Timers: a pairing heap, its root is the next that is due. */
#include "sched/timer.h"
#include "kern/time.h"
#include "sched/waitq.h"
#include "sched/work.h"

static struct {
	struct spinlock lock;
	/* All below are under lock. */
	struct timer *root;
	uint64_t armed; /* when the interrupt comes; 0: never was set up */
} queue;

static void run_due(struct work *w);
static struct work due = {.fn = run_due};

/* Two heaps into one. */
static struct timer *merge(struct timer *a, struct timer *b)
{
	struct timer *parent = a;

	if (!a || !b)
		return a ? a : b;
	if (b->when < a->when) {
		parent = b;
		b = a;
	}
	b->prev = parent;
	b->next = parent->child;
	if (b->next)
		b->next->prev = b;
	parent->child = b;
	return parent;
}

/* A list of siblings into one heap: in pairs, then from the last back. */
static struct timer *merge_list(struct timer *t)
{
	struct timer *pairs = NULL, *heap = NULL;

	while (t) {
		struct timer *a = t, *b = t->next, *pair;

		t = b ? b->next : NULL;
		pair = merge(a, b);
		pair->next = pairs;
		pairs = pair;
	}
	while (pairs) {
		struct timer *rest = pairs->next;

		heap = merge(heap, pairs);
		pairs = rest;
	}
	return heap;
}

static void set_root(struct timer *t)
{
	queue.root = t;
	if (t)
		t->prev = t->next = NULL;
}

static void take(struct timer *t)
{
	struct timer *heap = merge_list(t->child);

	if (t != queue.root) {
		if (t->prev->child == t)
			t->prev->child = t->next;
		else
			t->prev->next = t->next;
		if (t->next)
			t->next->prev = t->prev;
		heap = merge(queue.root, heap);
	}
	set_root(heap);
	t->active = false;
}

static void tick(void *arg)
{
	(void)arg;
	work_queue(&due);
}

/* Stopping leaves the interrupt as it was: most timers are started again for
 * a later time before that, and so it need not be set each time. */
static void arm(void)
{
	if (!queue.armed) {
		timer_attach(tick);
		queue.armed = NEVER;
	}
	if (queue.root && queue.root->when < queue.armed) {
		queue.armed = MAX(queue.root->when, 1UL);
		timer_set(queue.armed);
	}
}

void timer_start(struct timer *t, uint64_t when_ns)
{
	uint64_t irq = spin_lock(&queue.lock);

	if (t->active)
		take(t);
	t->when = when_ns;
	t->child = NULL;
	t->active = true;
	set_root(merge(queue.root, t));
	arm();
	spin_unlock(&queue.lock, irq);
}

void timer_stop(struct timer *t)
{
	uint64_t irq = spin_lock(&queue.lock);

	if (t->active)
		take(t);
	spin_unlock(&queue.lock, irq);
}

static void run_due(struct work *w)
{
	uint64_t now = clock_now(), irq = spin_lock(&queue.lock);

	(void)w;
	while (queue.root && queue.root->when <= now) {
		struct timer *t = queue.root;

		take(t);
		spin_unlock(&queue.lock, irq);
		t->fn(t);
		irq = spin_lock(&queue.lock);
	}
	queue.armed = NEVER;
	if (queue.root)
		arm();
	else
		timer_set(NEVER);
	spin_unlock(&queue.lock, irq);
}
