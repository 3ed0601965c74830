/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of timers against a list, with a clock of our own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kern/time.h"
#include "sched/timer.h"
#include "sched/waitq.h"
#include "sched/work.h"

enum { TIMERS = 200, STEPS = 200000 };

static uint64_t now = 1000, armed = NEVER;
static void (*interrupt)(void *arg);
static struct work *queued;
static unsigned nset;
static int failed, count;

static void check(const char *what, bool good)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, what);
	failed |= !good;
}

/* --- what the queue stands on ----------------------------------------------*/

uint64_t clock_now(void)
{
	return now;
}

void timer_set(uint64_t deadline_ns)
{
	armed = deadline_ns;
	nset++;
}

void timer_attach(void (*fn)(void *arg))
{
	interrupt = fn;
}

void work_queue(struct work *w)
{
	queued = w;
}

uint64_t spin_lock(struct spinlock *l)
{
	if (l->locked++)
		abort();
	return 0;
}

void spin_unlock(struct spinlock *l, uint64_t irq)
{
	(void)irq;
	l->locked--;
}

/* Time goes on; the interrupt comes if it is due, and its work is done. */
static void pass(uint64_t ns)
{
	now += ns;
	if (armed > now)
		return;
	armed = NEVER;
	interrupt(NULL);
	while (queued) {
		struct work *w = queued;

		queued = NULL;
		w->fn(w);
	}
}

/* --- tests -----------------------------------------------------------------*/

struct item {
	struct timer timer;
	uint64_t due; /* 0: not started */
	unsigned ran;
};

static struct item items[TIMERS];
static uint64_t last_due;
static unsigned out_of_order, too_early, unexpected;

static void note(struct timer *t)
{
	struct item *i = container_of(t, struct item, timer);

	unexpected += !i->due;
	too_early += i->due > now;
	out_of_order += i->due < last_due;
	last_due = i->due;
	i->due = 0;
	i->ran++;
}

static void start(struct item *i, uint64_t when)
{
	i->due = when;
	timer_start(&i->timer, when);
}

static void stop(struct item *i)
{
	i->due = 0;
	timer_stop(&i->timer);
}

static void random_steps(void)
{
	unsigned late = 0, ran = 0;

	for (unsigned step = 0; step < STEPS; step++) {
		struct item *i = &items[rand() % TIMERS];

		switch (rand() % 4) {
		case 0:
		case 1:
			start(i, now + (uint64_t)(rand() % 5000));
			break;
		case 2:
			stop(i);
			break;
		case 3:
			last_due = 0;
			pass((uint64_t)(rand() % 200));
			/* A timer that is due now has not been run only if it
			 * was started for the past and nobody looked yet. */
			for (unsigned k = 0; k < TIMERS; k++)
				late += items[k].due && items[k].due < now &&
					armed > now;
			break;
		}
	}
	for (unsigned k = 0; k < TIMERS; k++)
		ran += items[k].ran;
	check("timers run in order", !out_of_order);
	check("no timer runs early", !too_early);
	check("no stopped timer runs", !unexpected);
	check("none that is due is left without an interrupt", !late);
	check("timers ran", ran > STEPS / 20);
	for (unsigned k = 0; k < TIMERS; k++)
		stop(&items[k]);
}

static unsigned rounds;

static void again(struct timer *t)
{
	if (++rounds < 10)
		timer_start(t, now + 50);
}

static struct item *victim;

static void stop_other(struct timer *t)
{
	(void)t;
	stop(victim);
}

static void special(void)
{
	struct timer periodic = {.fn = again}, killer = {.fn = stop_other};
	unsigned before, sets = nset;

	timer_start(&periodic, now + 50);
	for (int i = 0; i < 20; i++)
		pass(50);
	check("a function starts its timer again", rounds == 10);
	victim = &items[0];
	before = victim->ran;
	timer_start(&killer, now + 10);
	start(victim, now + 20);
	pass(30);
	check("a function stops one that is due", victim->ran == before);
	pass(10000);
	sets = nset;
	start(victim, now + 1000);
	for (int i = 0; i < 100; i++)
		start(victim, now + 1000 + (uint64_t)i);
	check("moving to later does not set the interrupt", nset == sets + 1);
	pass(1000);
	check("it is set for the later time then", armed == now + 99);
	pass(99);
	check("and comes", victim->ran == before + 1);
	check("nothing is set without timers", armed == NEVER);
}

int main(void)
{
	srand(1);
	for (unsigned i = 0; i < TIMERS; i++)
		items[i].timer.fn = note;
	random_steps();
	special();
	printf("1..%d\n", count);
	return failed;
}
