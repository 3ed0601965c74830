/* SPDX-License-Identifier: Apache-2.0 */
/* What keel's network needs of keel, on the host. */
#include "net-host.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/etharp.h"
#include "lwip/dhcp.h"
#include "lwip/nd6.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/udp.h"

#include "arch/arch.h"
#include "drivers/random.h"
#include "drivers/virtio.h"
#include "fs/proc.h"
#include "kern/boot.h"
#include "kern/cmdline.h"
#include "kern/log.h"
#include "kern/time.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "net/card.h"
#include "net/tcp_table.h"
#include "sched/timer.h"
#include "sched/waitq.h"
#include "sched/work.h"

uint64_t host_now = 1000000000;
unsigned host_fail_alloc, host_live;
uint64_t arch_direct_base; /* 0: physical addresses are the host's */

const struct text_entry proc_net_entries[1];

/* --- memory -------------------------------------------------------------- */

static bool alloc_fails(void)
{
	return host_fail_alloc && --host_fail_alloc == 0;
}

void *kmalloc(size_t size)
{
	void *p = alloc_fails() ? NULL : malloc(size);

	host_live += p != NULL;
	return p;
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

void kfree(void *p)
{
	host_live -= p != NULL;
	free(p);
}

void *pages_alloc(unsigned order, unsigned flags)
{
	(void)flags;
	return calloc(1, PAGE_SIZE << order);
}

void pages_free(void *va, unsigned order)
{
	(void)order;
	free(va);
}

uint64_t page_total(void)
{
	return 4096;
}

void arch_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Of the socket layer: short of memory when allocations are to fail. */
bool tcp_memory_below(unsigned parts)
{
	(void)parts;
	return host_fail_alloc;
}

int arch_lookup(uint64_t va, uint64_t *pa, unsigned *pte)
{
	*pa = va;
	*pte = 0;
	return 0;
}

/* --- time, waiting ------------------------------------------------------- */

static struct timer *timers;
static struct work *works;

uint64_t clock_now(void)
{
	return host_now;
}

void timer_stop(struct timer *t)
{
	struct timer **at = &timers;

	while (*at && *at != t)
		at = &(*at)->next;
	if (*at)
		*at = t->next;
	t->active = false;
}

void timer_start(struct timer *t, uint64_t when_ns)
{
	struct timer **at = &timers;

	timer_stop(t);
	while (*at && (*at)->when <= when_ns)
		at = &(*at)->next;
	t->when = when_ns;
	t->active = true;
	t->next = *at;
	*at = t;
}

void work_queue(struct work *w)
{
	if (w->queued)
		return;
	w->queued = true;
	w->next = works;
	works = w;
}

static void run_works(void)
{
	while (works) {
		struct work *w = works;

		works = w->next;
		w->queued = false;
		w->fn(w);
	}
}

void host_advance(uint64_t ms)
{
	uint64_t end = host_now + ms * 1000000;

	run_works();
	while (timers && timers->when <= end) {
		struct timer *t = timers;

		timers = t->next;
		t->active = false;
		host_now = MAX(host_now, t->when);
		t->fn(t);
		run_works();
	}
	host_now = end;
}

int waitq_sleep(uint64_t deadline_ns)
{
	(void)deadline_ns;
	return -ETIMEDOUT;
}

int waitq_sleep_ever(void)
{
	abort();
}

void waitq_prepare_for(struct waitq *q, struct waitq_entry *e, uint32_t events)
{
	(void)q;
	(void)e;
	(void)events;
}

void waitq_remove(struct waitq *q, struct waitq_entry *e)
{
	(void)q;
	(void)e;
}

void waitq_wake_for(struct waitq *q, uint32_t events)
{
	(void)q;
	(void)events;
}

/* --- the rest of keel ---------------------------------------------------- */

void random_bytes(void *p, size_t n)
{
	static uint32_t v = 1;
	uint8_t *b = p;

	while (n--) {
		v = v * 1664525 + 1013904223;
		*b++ = (uint8_t)(v >> 24);
	}
}

void klog(const char *fmt, ...)
{
	(void)fmt;
}

void kmsg(const char *fmt, ...)
{
	(void)fmt;
}

int ksnprintf(char *dst, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(dst, size, fmt, ap);
	va_end(ap);
	return n;
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	abort();
}

/* What the boot record says of the card. */
static const struct {
	struct record_item item;
	char text[160];
} record = {{RECORD_NET, 0},
	"mac=52:54:00:12:34:56 addr=10.0.0.2/24 addr=fd00::2/64 dhcp "
	"route=0.0.0.0/0@10.0.0.1 route=::/0@fd00::1 route=10.1.0.0/16"};

/* No engine starts this. */
void cmdline_to_record(void)
{
}

const struct record_item *record_next(
	const struct record_item *after, uint32_t type)
{
	static struct {
		struct record_item item;
		char text[160];
	} now;

	if (after || type != RECORD_NET)
		return NULL;
	memcpy(&now, &record, sizeof(now));
	now.item.len = (uint32_t)strlen(record.text);
	return &now.item;
}

void virtio_pci_init(void)
{
}

void virtio_mmio_init(void)
{
}

/* --- programs in the guest: what comes is sent back ---------------------- */

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	(void)arg;
	(void)err;
	if (!p)
		return ERR_OK;
	if (p->tot_len > 3000)
		return ERR_MEM; /* later */
	tcp_recved(pcb, p->tot_len);
	for (struct pbuf *q = p; q; q = q->next)
		tcp_write(pcb, q->payload, q->len, TCP_WRITE_FLAG_COPY);
	pbuf_free(p);
	return ERR_OK;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
	(void)arg;
	if (!pcb || err != ERR_OK)
		return ERR_VAL;
	tcp_recv(pcb, on_recv);
	return ERR_OK;
}

static void on_udp(void *arg, struct udp_pcb *u, struct pbuf *p,
	const ip_addr_t *from, u16_t port)
{
	(void)arg;
	udp_sendto(u, p, from, port);
	pbuf_free(p);
}

static void start_programs(void)
{
	struct tcp_pcb *l = tcp_new_ip_type(IPADDR_TYPE_ANY);
	struct udp_pcb *u = udp_new_ip_type(IPADDR_TYPE_ANY);

	tcp_bind(l, IP_ANY_TYPE, 80);
	l = tcp_listen(l);
	tcp_accept(l, on_accept);
	udp_bind(u, IP_ANY_TYPE, 7);
	udp_recv(u, on_udp, NULL);
}

static unsigned baseline;

static bool any(struct tcp_pcb *pcb, void *out)
{
	*(struct tcp_pcb **)out = pcb;
	return true;
}

/* What is queued for a neighbour that never answers, parts of packets. */
static void forget(struct netif *n)
{
	etharp_cleanup_netif(n);
	nd6_cleanup_netif(n);
	nd6_clear_destination_cache();
	memset(default_router_list, 0,
		LWIP_ND6_NUM_ROUTERS * sizeof(*default_router_list));
	memset(prefix_list, 0, LWIP_ND6_NUM_PREFIXES * sizeof(*prefix_list));
	for (unsigned i = 3; i < LWIP_IPV6_NUM_ADDRESSES; i++)
		netif_ip6_addr_set_state(n, (s8_t)i, IP6_ADDR_INVALID);
}

void host_begin(struct net_card *c)
{
	baseline = host_live;
	net_lock();
	net_card_link(c, true);
	dhcp_start(c->netif);
	net_unlock();
}

void host_end(struct net_card *c)
{
	struct netif *n = c->netif;
	struct tcp_pcb *pcb = NULL;

	host_fail_alloc = 0;
	net_lock();
	while (net_tcp_find(any, &pcb))
		tcp_abandon(pcb, 0);
	dhcp_stop(n);
	dhcp_cleanup(n);
	forget(n);
	net_unlock();
	host_advance(61000); /* the end of reassembly */
	net_lock();
	c->ops->reclaim(c);
	net_card_link(c, false);
	forget(n);
	net_unlock();
}

void host_check(void)
{
	if (host_live == baseline)
		return;
	fprintf(stderr, "%d allocations are lost\n",
		(int)(host_live - baseline));
	abort();
}

void host_start(void)
{
	struct net_card *c;

	net_lock();
	start_programs();
	net_unlock();
	net_start();
	for (c = net_cards; c; c = c->next)
		host_end(c);
}
