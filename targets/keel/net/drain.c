/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a server: the host's signal waits for requests under way. */
#include "net/drain.h"

#include "lwip/priv/tcp_priv.h"

#include "abi/record.h"
#include "drivers/channel.h"
#include "kern/boot.h"
#include "kern/signal.h"
#include "kern/string.h"
#include "kern/time.h"
#include "net/inet_tcp.h"
#include "net/net.h"
#include "net/tcp_table.h"
#include "sched/timer.h"

enum { LOOK_NS = 50000000, QUIET_LOOKS = 4 };

static void look(struct timer *t);

static struct timer timer = {.fn = look};
static uint64_t half_time, deadline;
static unsigned quiet; /* looks that have found nothing */
static int kept;       /* the signal; 0: none is kept back */

bool net_draining;

/* What the looks have seen, in order of weight. */
enum { NOBODY, IDLE, BUSY };

static bool weigh(struct tcp_pcb *pcb, void *arg)
{
	const struct tcp *t = pcb->callback_arg;
	int *seen = arg;

	if (pcb->state < ESTABLISHED || pcb->state == TIME_WAIT ||
		tcp_is_local(pcb))
		return false;
	*seen = IDLE;
	if (pcb->unsent || pcb->unacked ||
		(t && (t->held_len || (t->from_port && t->asked))))
		*seen = BUSY;
	return *seen == BUSY;
}

static void deliver(void)
{
	int sig = kept;

	kept = 0;
	timer_stop(&timer);
	signal_send_process(sig);
}

static void look(struct timer *t)
{
	int seen = NOBODY;
	uint64_t now;

	net_lock();
	net_tcp_find(weigh, &seen);
	net_unlock();
	now = clock_now();
	quiet = seen == BUSY ? 0 : quiet + 1;
	if (seen == NOBODY || quiet >= (now < half_time ? QUIET_LOOKS : 1) ||
		now >= deadline)
		deliver();
	else
		timer_start(t, MIN(now + LOOK_NS, deadline));
}

/* What the record says of this signal; 0: nothing. */
static uint64_t time_for(int sig)
{
	const struct record_item *i = record_next(NULL, RECORD_DRAIN);
	struct record_drain d;

	if (!i || i->len != sizeof(d))
		return 0;
	memcpy(&d, record_data(i), sizeof(d));
	return d.signals & SIGNAL_BIT(sig) ? d.ns : 0;
}

/* May be in an interrupt. */
void channel_signal(int sig)
{
	uint64_t ns = time_for(sig), now = clock_now();

	if (ns && !net_draining) {
		net_draining = true;
		kept = sig;
		half_time = now + ns / 2;
		deadline = now + ns;
		timer_start(&timer, now);
	} else {
		if (ns && kept) {
			kept = 0;
			timer_stop(&timer);
		}
		signal_send_process(sig);
	}
}
