/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwIP builds, sends and acknowledges segment by segment. Where the card cuts
 * up large ones (TSO), one in lwIP's queues may be several of pcb->mss, up to
 * half of the congestion window. lwIP's arithmetic stays in units of pcb->mss,
 * which is another only while data is queued. A large one that a smaller
 * window no longer has room for is cut in two here before lwIP looks at it.
 * net.mk compiles lwIP's own functions as lwip_NAME, those here stand in.
 */
#include "net/tcp_large.h"

#include "lwip/nd6.h"
#include "lwip/priv/tcp_priv.h"

#include "net/card.h"
#include "net/net.h"

enum {
	LARGE = 65400,     /* with all headers a packet, and a pbuf */
	PIECES = 16,       /* of memory, of one segment */
	IP6_HEADERS = 60,  /* with TCP's */
	NO_LIMIT = 0xffff, /* of a packet */
};

err_t lwip_tcp_output(struct tcp_pcb *pcb);
void lwip_tcp_rexmit_rto_commit(struct tcp_pcb *pcb);
u16_t lwip_nd6_get_destination_mtu(const ip6_addr_t *to, struct netif *n);

/* Whose limit for packets is lifted, while one connection sends. */
static struct netif *lifted;
static uint16_t lifted_mtu;

static struct netif *route(const struct tcp_pcb *pcb)
{
	if (pcb->netif_idx != NETIF_NO_INDEX)
		return netif_get_by_index(pcb->netif_idx);
	return ip_route(&pcb->local_ip, &pcb->remote_ip);
}

static bool cuts(const struct net_card *c, const struct tcp_pcb *pcb)
{
	unsigned tso =
		IP_IS_V6_VAL(pcb->remote_ip) ? NET_CARD_TSO6 : NET_CARD_TSO4;

	return c && c->flags & tso && c->flags & NET_CARD_CHECKSUM;
}

/* --- queueing ------------------------------------------------------------ */

uint16_t net_tcp_segment(const struct tcp_pcb *pcb, bool copied)
{
	uint32_t mss = pcb->mss, begun = 0, most = mss;
	const struct tcp_seg *last = pcb->unsent;
	struct netif *n;

	while (last && last->next)
		last = last->next;
	if (last) /* lwIP fills it up, and cannot have less */
		begun = (last->len + mss - 1) / mss * mss;
	if (!copied && (!last || pbuf_clen(last->p) < PIECES)) {
		most = MIN(pcb->cwnd, pcb->snd_wnd_max) / 2;
		most = MIN(most, LARGE) / mss * mss;
		n = most > mss ? route(pcb) : NULL;
		if (!n || !cuts(card_of(n), pcb))
			most = mss;
	}
	return (uint16_t)MAX(most, begun);
}

err_t net_tcp_write(struct tcp_pcb *pcb, const void *p, uint16_t n,
	uint16_t segment, uint8_t flags)
{
	uint16_t mss = pcb->mss;
	err_t err;

	pcb->mss = segment;
	err = tcp_write(pcb, p, n, flags);
	pcb->mss = mss;
	return err;
}

/* --- sending ------------------------------------------------------------- */

static bool any_large(const struct tcp_pcb *pcb)
{
	const struct tcp_seg *seg = pcb->unsent;

	while (seg && seg->len <= pcb->mss)
		seg = seg->next;
	return seg;
}

/* The first `n` bytes of pcb->unsent, and the rest after it. */
static void split(struct tcp_pcb *pcb, uint32_t n)
{
	uint16_t mss = pcb->mss;

	if (n >= pcb->unsent->len)
		return;
	pcb->mss = (uint16_t)MAX(n, mss);
	tcp_split_unsent_seg(pcb, (uint16_t)n);
	pcb->mss = mss;
}

/*
 * What is sent again, or when nothing is under way, goes as far as there is
 * room; a large one that is new waits for room for all of it. When there is
 * less than one of mss, lwIP waits, or asks for more.
 */
static void fit(struct tcp_pcb *pcb)
{
	const struct tcp_seg *seg = pcb->unsent;
	uint32_t window = MIN(pcb->snd_wnd, pcb->cwnd), n;
	int32_t at = (int32_t)(lwip_ntohl(seg->tcphdr->seqno) - pcb->lastack);

	if (seg->len <= pcb->mss || (pcb->unacked && at > 0))
		return;
	n = (uint32_t)((int32_t)window - at) / pcb->mss * pcb->mss;
	if ((int32_t)n + at > 0) /* not only what the peer has */
		split(pcb, n);
}

/* For a card that cannot: the way there has changed. */
static void cut_all(struct tcp_pcb *pcb)
{
	struct tcp_seg *first = pcb->unsent;

	for (; pcb->unsent; pcb->unsent = pcb->unsent->next)
		split(pcb, pcb->mss);
	pcb->unsent = first;
}

static void begin(struct tcp_pcb *pcb)
{
	struct netif *n;
	struct net_card *c;

	if (lifted || tcp_input_pcb == pcb || !any_large(pcb))
		return;
	n = route(pcb);
	c = n ? card_of(n) : NULL;
	if (!c)
		return;
	if (!cuts(c, pcb)) {
		cut_all(pcb);
		return;
	}
	fit(pcb);
	c->segment = pcb->mss;
	if (IP_IS_V6_VAL(pcb->remote_ip))
		c->segment =
			MIN(c->segment, lwip_nd6_get_destination_mtu(
						ip_2_ip6(&pcb->remote_ip), n) -
						IP6_HEADERS);
	lifted = n;
	lifted_mtu = n->mtu;
	n->mtu = NO_LIMIT;
}

static void end(void)
{
	if (!lifted)
		return;
	lifted->mtu = lifted_mtu;
	card_of(lifted)->segment = 0;
	lifted = NULL;
}

err_t tcp_output(struct tcp_pcb *pcb)
{
	err_t err;

	begin(pcb);
	err = lwip_tcp_output(pcb);
	end();
	return err;
}

void tcp_rexmit_rto_commit(struct tcp_pcb *pcb)
{
	begin(pcb);
	lwip_tcp_rexmit_rto_commit(pcb);
	end();
}

u16_t nd6_get_destination_mtu(const ip6_addr_t *to, struct netif *n)
{
	if (n && n == lifted)
		return NO_LIMIT;
	return lwip_nd6_get_destination_mtu(to, n);
}
