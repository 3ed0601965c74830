/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwIP looks for a packet's connection in two linear lists, active ones and
 * those in TIME-WAIT. Here is a pair of lists for each value of a hash, and
 * lwIP is given the pair that a packet or connection belongs to. net.mk
 * compiles lwIP's own functions as lwip_NAME, those here stand in for them.
 *
 * Connections that have nothing to wait for, which lwIP's timers would look
 * at again and again, are apart, until there is something to do with them.
 */
#include "net/tcp_table.h"

#include "lwip/priv/tcp_priv.h"

#include "net/inet_tcp.h"
#include "net/card.h"
#include "net/net.h"

enum {
	BUCKETS = 512,
	PASSES = 256,
	MEMORY_LAST = 64, /* parts of the memory: one stays */
	SLICES = 16,      /* a slow tick looks for idle ones in one of these */
	BUCKETS_KEPT = 4, /* for keepalive: in so many */
	KEEP_SHORT_MS = 30000,
	IDLE_TICKS = 1000 / TCP_SLOW_INTERVAL,
	IDLE_ARG = 1 /* ext_args: not NULL for one in `idle` */
};

struct bucket {
	struct tcp_pcb *active, *time_wait;
	struct tcp_pcb *idle; /* always here, never lwIP's */
};

static struct bucket buckets[BUCKETS];
/* Its lists are lwIP's at present; what is in the table is out of date. */
static struct bucket *given = buckets;

uint32_t net_time_wait_max;

err_t lwip_tcp_close(struct tcp_pcb *pcb);
err_t lwip_tcp_shutdown(struct tcp_pcb *pcb, int rx, int tx);
void lwip_tcp_abort(struct tcp_pcb *pcb);
void lwip_tcp_abandon(struct tcp_pcb *pcb, int reset);
err_t lwip_tcp_connect(struct tcp_pcb *pcb, const ip_addr_t *addr, u16_t port,
	tcp_connected_fn done);
void lwip_tcp_input(struct pbuf *p, struct netif *card);
void lwip_tcp_fasttmr(void);
void lwip_tcp_slowtmr(void);
void lwip_tcp_txnow(void);
void lwip_tcp_netif_ip_addr_changed(
	const ip_addr_t *before, const ip_addr_t *after);

/* lwIP's lists are those of b; which they were before. */
static struct bucket *give(struct bucket *b)
{
	struct bucket *before = given;

	if (b == before)
		return before;
	before->active = tcp_active_pcbs;
	before->time_wait = tcp_tw_pcbs;
	tcp_active_pcbs = b->active;
	tcp_tw_pcbs = b->time_wait;
	given = b;
	return before;
}

static struct bucket *bucket_of(
	const ip_addr_t *remote, uint16_t remote_port, uint16_t local_port)
{
	uint32_t h = (uint32_t)remote_port << 16 | local_port;

	if (IP_IS_V6(remote)) {
		const uint32_t *a = ip_2_ip6(remote)->addr;

		h ^= a[0] ^ a[1] ^ a[2] ^ a[3];
	} else {
		h ^= ip_2_ip4(remote)->addr;
	}
	/* Knuth's multiplier: ports that follow each other part. */
	h = (h ^ h >> 16) * 2654435761U;
	return &buckets[h >> 23];
}
_Static_assert(BUCKETS == 1 << 9, "bucket_of takes 9 bits");

void net_tcp_busy(struct tcp_pcb *pcb)
{
	struct tcp_pcb **at, **list;
	struct bucket *b;

	if (!pcb->ext_args[IDLE_ARG].data)
		return;
	b = bucket_of(&pcb->remote_ip, pcb->remote_port, pcb->local_port);
	for (at = &b->idle; *at != pcb;)
		at = &(*at)->next;
	*at = pcb->next;
	pcb->ext_args[IDLE_ARG].data = NULL;
	list = b == given ? &tcp_active_pcbs : &b->active;
	pcb->next = *list;
	*list = pcb;
	tcp_timer_needed();
}

static void all_busy(struct bucket *b)
{
	while (b->idle)
		net_tcp_busy(b->idle);
}

static struct bucket *give_for(struct tcp_pcb *pcb)
{
	net_tcp_busy(pcb);
	return give(
		bucket_of(&pcb->remote_ip, pcb->remote_port, pcb->local_port));
}

/* Whether the packet at hand, between these ports, is of the connection. */
static bool is_for(const struct tcp_pcb *pcb, uint16_t src, uint16_t dest)
{
	return pcb->remote_port == src && pcb->local_port == dest &&
	       ip_addr_cmp(&pcb->remote_ip, ip_current_src_addr()) &&
	       ip_addr_cmp(&pcb->local_ip, ip_current_dest_addr());
}

/* lwIP shall find it. Whoever had the last packet is first in its list. */
static void find_idle(const struct bucket *b, const struct tcp_hdr *h)
{
	uint16_t src = lwip_ntohs(h->src), dest = lwip_ntohs(h->dest);
	struct tcp_pcb *pcb = b->idle;

	if (!pcb || (tcp_active_pcbs && is_for(tcp_active_pcbs, src, dest)))
		return;
	while (pcb && !is_for(pcb, src, dest))
		pcb = pcb->next;
	if (pcb)
		net_tcp_busy(pcb);
}

/*
 * TIME-WAIT ends when the same ends begin a new connection with a later
 * number (RFC 1122, 4.2.2.13), and by a reset with the right one; lwIP would
 * refuse the first and not listen to the second.
 */
static void end_time_wait(const struct tcp_hdr *h)
{
	uint16_t src = lwip_ntohs(h->src), dest = lwip_ntohs(h->dest);
	uint32_t seq = lwip_ntohl(h->seqno);
	struct tcp_pcb *pcb = tcp_tw_pcbs;

	while (pcb && !is_for(pcb, src, dest))
		pcb = pcb->next;
	if (!pcb)
		return;
	if (TCPH_FLAGS(h) & TCP_RST ? seq == pcb->rcv_nxt
				    : TCP_SEQ_GT(seq, pcb->rcv_nxt))
		lwip_tcp_abandon(pcb, 0);
}

/* The last memory is the program's: data is not taken, its sender repeats
 * it. The rest of TCP goes on, so that what is queued can become less. */
static bool no_memory_for(const struct pbuf *p, const struct tcp_hdr *h)
{
	return p->tot_len > TCPH_HDRLEN_BYTES(h) &&
	       tcp_memory_below(MEMORY_LAST);
}

void tcp_input(struct pbuf *p, struct netif *card)
{
	const struct tcp_hdr *h = p->payload;

	/* A shorter one lwIP drops before it looks for a connection. */
	if (p->len >= TCP_HLEN) {
		uint8_t flags = TCPH_FLAGS(h) & (TCP_SYN | TCP_ACK | TCP_RST);

		give(bucket_of(ip_current_src_addr(), lwip_ntohs(h->src),
			lwip_ntohs(h->dest)));
		if (tcp_tw_pcbs && (flags == TCP_SYN || flags & TCP_RST))
			end_time_wait(h);
		if (no_memory_for(p, h)) {
			pbuf_free(p);
			return;
		}
		find_idle(given, h);
	}
	lwip_tcp_input(p, card);
}

/* A listener's connections on their way to being accepted know it. */
static bool forget(struct tcp_pcb *pcb, void *listener)
{
	if (pcb->listener == listener)
		pcb->listener = NULL;
	return false;
}

err_t tcp_close(struct tcp_pcb *pcb)
{
	struct bucket *before;
	err_t err;

	if (pcb->state == LISTEN)
		net_tcp_find(forget, pcb);
	before = give_for(pcb);
	err = lwip_tcp_close(pcb);
	give(before);
	return err;
}

err_t tcp_shutdown(struct tcp_pcb *pcb, int rx, int tx)
{
	struct bucket *before = give_for(pcb);
	err_t err = lwip_tcp_shutdown(pcb, rx, tx);

	give(before);
	return err;
}

void tcp_abandon(struct tcp_pcb *pcb, int reset)
{
	struct bucket *before = give_for(pcb);

	lwip_tcp_abandon(pcb, reset);
	give(before);
}

void tcp_abort(struct tcp_pcb *pcb)
{
	tcp_abandon(pcb, 1);
}

/* The port is chosen first, since it decides on the list. */
err_t tcp_connect(struct tcp_pcb *pcb, const ip_addr_t *addr, u16_t port,
	tcp_connected_fn done)
{
	struct bucket *before;
	err_t err = ERR_OK;

	if (!pcb->local_port)
		err = tcp_bind(pcb, &pcb->local_ip, 0);
	if (err != ERR_OK)
		return err;
	before = give(bucket_of(addr, port, pcb->local_port));
	all_busy(given); /* lwIP looks whether there is one like it */
	err = lwip_tcp_connect(pcb, addr, port, done);
	give(before);
	return err;
}

static bool is_empty(const struct bucket *b)
{
	if (b == given)
		return !tcp_active_pcbs && !tcp_tw_pcbs;
	return !b->active && !b->time_wait;
}

bool net_tcp_any(void)
{
	for (unsigned i = 0; i < BUCKETS; i++)
		if (!is_empty(&buckets[i]) || buckets[i].idle)
			return true;
	return false;
}

static bool find_in(struct tcp_pcb *pcb,
	bool (*fn)(struct tcp_pcb *pcb, void *arg), void *arg)
{
	for (; pcb; pcb = pcb->next)
		if (fn(pcb, arg))
			return true;
	return false;
}

bool net_tcp_find(bool (*fn)(struct tcp_pcb *pcb, void *arg), void *arg)
{
	struct bucket *before = given;
	bool found = false;

	for (unsigned i = 0; i < BUCKETS && !found; i++) {
		give(&buckets[i]);
		found = find_in(tcp_active_pcbs, fn, arg) ||
			find_in(tcp_tw_pcbs, fn, arg) ||
			find_in(buckets[i].idle, fn, arg);
	}
	give(before);
	return found;
}

/*
 * lwIP counts its rounds in 8 bits, and passes over a connection that it has
 * looked at in a round of the same number: after a pass over the table the
 * count must never be where it was.
 */
static void pass(void (*round)(void))
{
	struct bucket *before = given, none = {0};
	uint32_t ticks = tcp_ticks;
	unsigned rounds = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		if (is_empty(&buckets[i]))
			continue;
		give(&buckets[i]);
		tcp_ticks = ticks;
		round();
		rounds++;
	}
	if (rounds % PASSES == 0) {
		give(&none);
		tcp_ticks = ticks;
		round();
	}
	give(before);
}

/* Of lwIP's list, which begins with the newest, all but `keep`. */
static void trim(unsigned keep)
{
	struct tcp_pcb *last = tcp_tw_pcbs;

	for (; last && keep > 1; keep--)
		last = last->next;
	while (last && last->next)
		lwip_tcp_abandon(last->next, 0);
}

static void trim_time_wait(void)
{
	struct bucket *before = given;
	uint32_t n = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		const struct tcp_pcb *pcb = &buckets[i] == given
						    ? tcp_tw_pcbs
						    : buckets[i].time_wait;

		for (; pcb; pcb = pcb->next)
			n++;
	}
	if (n <= net_time_wait_max)
		return;
	for (unsigned i = 0; i < BUCKETS; i++) {
		give(&buckets[i]);
		trim(MAX(net_time_wait_max / 2 / BUCKETS, 1U));
	}
	give(before);
}

static bool keepalive_due(const struct tcp_pcb *pcb)
{
	return ip_get_option(pcb, SOF_KEEPALIVE) &&
	       tcp_ticks - pcb->tmr >= pcb->keep_idle / TCP_SLOW_INTERVAL;
}

/* Nothing is under way, kept back or announced, and nothing is due. */
static bool is_idle(const struct tcp_pcb *pcb)
{
	const unsigned open = TF_ACK_DELAY | TF_ACK_NOW | TF_INFR |
			      TF_CLOSEPEND | TF_RXCLOSED | TF_FIN |
			      TF_NAGLEMEMERR | TF_RTO;

	return (pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT) &&
	       !(pcb->flags & open) && !pcb->unsent && !pcb->unacked &&
	       !pcb->ooseq && !pcb->refused_data && !pcb->persist_backoff &&
	       !pcb->keep_cnt_sent && tcp_ticks - pcb->tmr >= IDLE_TICKS &&
	       !(ip_get_option(pcb, SOF_KEEPALIVE) &&
		       pcb->keep_idle < KEEP_SHORT_MS) &&
	       !keepalive_due(pcb);
}

/* Those of lwIP's list, that of bucket b, which have become idle. */
static void set_aside(struct bucket *b)
{
	struct tcp_pcb **at = &tcp_active_pcbs, *pcb;

	while ((pcb = *at)) {
		if (!is_idle(pcb)) {
			at = &pcb->next;
			continue;
		}
		*at = pcb->next;
		pcb->next = b->idle;
		b->idle = pcb;
		pcb->ext_args[IDLE_ARG].data = b;
	}
}

/* A look at all takes some 13 s: connections that are asked sooner than in
 * half a minute are not set aside. */
static void look_for_keepalive(void)
{
	static unsigned at;

	for (unsigned n = 0; n < BUCKETS_KEPT; n++) {
		struct tcp_pcb *pcb, *next;

		at = (at + 1) % BUCKETS;
		for (pcb = buckets[at].idle; pcb; pcb = next) {
			next = pcb->next;
			if (keepalive_due(pcb))
				net_tcp_busy(pcb);
		}
	}
}

static void look_for_idle(void)
{
	struct bucket *before = given;
	static unsigned slice;

	slice = (slice + 1) % SLICES;
	for (unsigned i = slice; i < BUCKETS; i += SLICES) {
		give(&buckets[i]);
		set_aside(&buckets[i]);
	}
	give(before);
}

void tcp_tmr(void)
{
	static bool fast_only;

	pass(lwip_tcp_fasttmr);
	fast_only = !fast_only;
	if (fast_only)
		return;
	pass(lwip_tcp_slowtmr);
	look_for_idle();
	look_for_keepalive();
	trim_time_wait();
}

/* A queue has room again: who was not reached the last time is first. */
void tcp_txnow(void)
{
	static unsigned first;
	struct bucket *before = given;

	for (unsigned i = 0; i < BUCKETS && !card_is_blocked(); i++) {
		first = (first + 1) % BUCKETS;
		if (is_empty(&buckets[first]))
			continue;
		give(&buckets[first]);
		lwip_tcp_txnow();
	}
	give(before);
}

void tcp_netif_ip_addr_changed(const ip_addr_t *before, const ip_addr_t *after)
{
	struct bucket *was = given;

	for (unsigned i = 0; i < BUCKETS; i++) {
		give(&buckets[i]);
		all_busy(given);
		lwip_tcp_netif_ip_addr_changed(before, after);
	}
	give(was);
}
