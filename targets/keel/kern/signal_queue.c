/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of signals that wait, with what is known about each. */
#include "kern/signal_queue.h"
#include "arch/arch.h"
#include "kern/signal_set.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "sched/thread.h"

static unsigned entries; /* from signal_info_new; irqs off */

struct signal_info *signal_info_new(const siginfo_t *info)
{
	uint64_t irq = arch_irq_save();
	bool room = entries < SIGNAL_QUEUE_MAX;
	struct signal_info *i;

	entries += room;
	arch_irq_restore(irq);
	if (!room)
		return NULL;
	i = kzalloc(sizeof(*i));
	if (!i) {
		irq = arch_irq_save();
		entries--;
		arch_irq_restore(irq);
		return NULL;
	}
	i->info = *info;
	return i;
}

void signal_info_done(struct signal_info *i, siginfo_t *out)
{
	uint64_t irq;

	i->queued = false;
	if (i->taken) {
		i->taken(i, out);
		return;
	}
	irq = arch_irq_save();
	entries--;
	arch_irq_restore(irq);
	kfree(i);
}

void signal_set_add(struct signal_set *s, int sig, struct signal_info *i)
{
	struct signal_info **at = &s->first;

	s->bits |= SIGNAL_BIT(sig);
	if (!i)
		return;
	while (*at)
		at = &(*at)->next;
	i->next = NULL;
	i->queued = true;
	*at = i;
}

/* The link to the first entry for `sig`, or to NULL. */
static struct signal_info **find(struct signal_info **at, int sig)
{
	while (*at && (*at)->info.si_signo != sig)
		at = &(*at)->next;
	return at;
}

void signal_set_take(struct signal_set *s, int sig, siginfo_t *out)
{
	struct signal_info **at = find(&s->first, sig), *i = *at;

	memset(out, 0, sizeof(*out));
	out->si_signo = sig; /* of keel: SI_USER from nobody */
	if (i) {
		*at = i->next;
		*out = i->info;
	}
	if (!*find(at, sig))
		s->bits &= ~SIGNAL_BIT(sig);
	if (i)
		signal_info_done(i, out);
}

void signal_set_drop(struct signal_set *s, uint64_t which)
{
	struct signal_info **at = &s->first, *i;

	s->bits &= ~which;
	while ((i = *at)) {
		if (which & SIGNAL_BIT(i->info.si_signo)) {
			*at = i->next;
			signal_info_done(i, NULL);
		} else {
			at = &i->next;
		}
	}
}

void signal_set_unlink(struct signal_set *s, struct signal_info *i)
{
	struct signal_info **at = &s->first;
	int sig = i->info.si_signo;

	while (*at && *at != i)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = i->next;
	i->queued = false;
	if (!*find(&s->first, sig))
		s->bits &= ~SIGNAL_BIT(sig);
}
