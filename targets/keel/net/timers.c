/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP's cyclic timers over one timer of the kernel. */
#include "net/timers.h"

#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/priv/tcp_priv.h"

#include "kern/time.h"
#include "net/card.h"
#include "net/net.h"
#include "net/tcp_table.h"
#include "sched/timer.h"
#include "sched/waitq.h"

enum { MS = 1000000 };

struct cycle {
	void (*fn)(void);
	uint32_t ms;
	uint64_t due; /* under net_lock; 0: not running */
};

static void every_second(void);
static void group_tmr(void);

_Static_assert(MLD6_TMR_INTERVAL == IGMP_TMR_INTERVAL, "group_tmr");
_Static_assert(IP_TMR_INTERVAL == 1000 && ARP_TMR_INTERVAL == 1000 &&
		       ND6_TMR_INTERVAL == 1000 &&
		       IP6_REASS_TMR_INTERVAL == 1000,
	"every_second");

static struct cycle cycles[] = {
	{tcp_tmr, TCP_TMR_INTERVAL, 0},
	{group_tmr, MLD6_TMR_INTERVAL, 0},
	{every_second, 1000, 0},
	{dhcp_fine_tmr, DHCP_FINE_TIMER_MSECS, 0},
	{dhcp_coarse_tmr, DHCP_COARSE_TIMER_SECS * 1000, 0},
};
enum { TCP = 0, GROUPS = 1, OTHERS = 2 };

static void run(struct timer *t);
static struct timer timer = {.fn = run};

static void start(struct cycle *c, uint64_t now)
{
	if (!c->due)
		c->due = now + (uint64_t)c->ms * MS;
}

static bool groups_needed(void)
{
	struct netif *n;

	NETIF_FOREACH(n)
	{
		struct mld_group *g = netif_mld6_data(n);

		for (; g; g = g->next)
			if (g->timer)
				return true;
		for (struct igmp_group *i = netif_igmp_data(n); i; i = i->next)
			if (i->timer)
				return true;
	}
	return false;
}

static void group_tmr(void)
{
	mld6_tmr();
	igmp_tmr();
}

/* Nobody tells when a group has a report to send. */
static void every_second(void)
{
	if (groups_needed())
		start(&cycles[GROUPS], clock_now());
	ip_reass_tmr();
	etharp_tmr();
	nd6_tmr();
	ip6_reass_tmr();
}

static void arm(void)
{
	uint64_t next = NEVER;

	for (unsigned i = 0; i < ARRAY_SIZE(cycles); i++)
		if (cycles[i].due)
			next = MIN(next, cycles[i].due);
	if (next != NEVER)
		timer_start(&timer, next);
}

/* Whether a cycle has anything to wait for. */
static bool needed(const struct cycle *c)
{
	if (c == &cycles[TCP])
		return net_tcp_any();
	return c != &cycles[GROUPS] || groups_needed();
}

static void run(struct timer *t)
{
	uint64_t now = clock_now();

	(void)t;
	net_lock();
	card_reclaim();
	for (unsigned i = 0; i < ARRAY_SIZE(cycles); i++) {
		struct cycle *c = &cycles[i];

		if (!c->due || c->due > now)
			continue;
		c->fn();
		c->due += (uint64_t)c->ms * MS;
		/* After a long stop no rounds are made up for. */
		if (c->due <= now)
			c->due = now + (uint64_t)c->ms * MS;
		if (!needed(c))
			c->due = 0;
	}
	arm();
	net_unlock();
}

/* Called whenever lwIP puts a connection on its lists. */
void tcp_timer_needed(void)
{
	if (cycles[TCP].due)
		return;
	start(&cycles[TCP], clock_now());
	arm();
}

void net_timers_start(void)
{
	uint64_t now = clock_now();

	for (unsigned i = OTHERS; i < ARRAY_SIZE(cycles); i++)
		start(&cycles[i], now);
	arm();
}
