/* SPDX-License-Identifier: Apache-2.0 */
/* Cards as lwIP's network interfaces: frames in and out. */
#include "net/card.h"

#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/ip4.h"
#include "lwip/ip6.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "netif/ethernet.h"

#include <asm/errno.h>

#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "net/net.h"

enum {
	CHECKSUM_INPUT = NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP,
	FRAGMENT_HEADER = 44, /* RFC 8200, 4.5 */
};

struct net_card *net_cards;
static struct net_card *first_dirty;

/* The bits of lwIP's checksums that are its own work on this card. */
static void set_checksums(struct netif *n, unsigned off)
{
	NETIF_SET_CHECKSUM_CTRL(n, NETIF_CHECKSUM_ENABLE_ALL & ~off);
}

/* --- out ----------------------------------------------------------------- */

static void mark_dirty(struct net_card *c)
{
	if (c->dirty)
		return;
	c->dirty = true;
	c->next_dirty = first_dirty;
	first_dirty = c;
}

void card_flush(void)
{
	while (first_dirty) {
		struct net_card *c = first_dirty;

		first_dirty = c->next_dirty;
		c->dirty = false;
		c->ops->flush(c);
	}
}

bool card_is_blocked(void)
{
	struct net_card *c = net_cards;

	while (c && !c->blocked)
		c = c->next;
	return c;
}

void card_reclaim(void)
{
	struct net_card *c;

	for (c = net_cards; c; c = c->next)
		c->ops->reclaim(c);
}

static bool is_fragment(const struct pbuf *p)
{
	const uint8_t *ip = (const uint8_t *)p->payload + SIZEOF_ETH_HDR;

	if (p->len < SIZEOF_ETH_HDR + IP_HLEN)
		return false;
	if (ip[-2] == 0x08 && ip[-1] == 0x00)
		return (ip[6] & 0x3f) || ip[7];
	return ip[-2] == 0x86 && ip[-1] == 0xdd && ip[6] == FRAGMENT_HEADER;
}

/*
 * A device cannot complete the checksum of a packet in fragments. They are
 * rare for TCP (a path's MTU shrank): from then on lwIP does all of them,
 * and the retransmission is right.
 */
static err_t output(struct netif *n, struct pbuf *p)
{
	struct net_card *c = n->state;
	int err;

	if (c->flags & NET_CARD_CHECKSUM && is_fragment(p)) {
		c->flags &= ~(unsigned)NET_CARD_CHECKSUM;
		set_checksums(n, 0);
	}
	/* It waited for the peer's address: TCP will send it again. */
	if (!c->segment && p->tot_len > n->mtu + SIZEOF_ETH_HDR) {
		c->tx_dropped++;
		return ERR_OK;
	}
	err = c->ops->transmit(c, p);
	if (err) {
		c->tx_dropped++;
		c->blocked |= err == -ENOBUFS;
		return err == -ENOBUFS || err == -ENOMEM ? ERR_MEM : ERR_IF;
	}
	c->tx_packets++;
	c->tx_bytes += p->tot_len;
	mark_dirty(c);
	return ERR_OK;
}

void net_card_writable(struct net_card *c)
{
	if (!c->blocked)
		return;
	c->blocked = false;
	tcp_txnow();
}

/* --- in ------------------------------------------------------------------ */

static bool is_for_us(const struct net_card *c, const struct eth_addr *to)
{
	return (to->addr[0] & 1) || !memcmp(to->addr, c->mac, ETH_HWADDR_LEN);
}

/*
 * A packet that is not a fragment has 8 bytes behind its header in all
 * protocols there are, and lwIP quotes so many in ICMP's errors without a
 * look at the length.
 */
static bool is_whole4(const struct pbuf *p)
{
	const uint8_t *ip = p->payload;
	unsigned hlen;

	if (p->len < IP_HLEN)
		return false;
	hlen = 4U * (ip[0] & 15);
	if ((ip[6] & 0x3f) || ip[7])
		return p->len >= hlen;
	return p->len >= hlen + 8 && (ip[2] << 8 | ip[3]) >= (int)hlen + 8;
}

void net_card_input(struct net_card *c, struct pbuf *p, bool trusted)
{
	struct netif *n = c->netif;
	const struct eth_hdr *eth = p->payload;
	uint16_t type;
	unsigned off;

	c->rx_packets++;
	c->rx_bytes += p->tot_len;
	if (p->len < SIZEOF_ETH_HDR || !is_for_us(c, &eth->dest)) {
		c->rx_dropped++;
		pbuf_free(p);
		return;
	}
	type = eth->type;
	p->if_idx = netif_get_index(n);
	if (eth->dest.addr[0] & 1)
		p->flags |= eth->dest.addr[0] == 0xff ? PBUF_FLAG_LLBCAST
						      : PBUF_FLAG_LLMCAST;
	/* lwIP looks at these bits of the card while it has this packet. */
	off = trusted && !is_fragment(p) ? CHECKSUM_INPUT : 0;
	if (c->flags & NET_CARD_CHECKSUM)
		off |= NETIF_CHECKSUM_GEN_TCP;
	set_checksums(n, off);
	pbuf_remove_header(p, SIZEOF_ETH_HDR);
	/* Of a header that is not whole lwIP reads more than there is. */
	if (type == PP_HTONS(ETHTYPE_IP) && is_whole4(p))
		ip4_input(p, n);
	else if (type == PP_HTONS(ETHTYPE_IPV6) && p->len >= IP6_HLEN)
		ip6_input(p, n);
	else if (type == PP_HTONS(ETHTYPE_ARP) && p->len >= SIZEOF_ETHARP_HDR)
		etharp_input(p, n);
	else
		pbuf_free(p);
}

/* What the machine sends to itself was never on a wire. */
void card_loop(struct netif *n)
{
	struct net_card *c = card_of(n);
	unsigned off = CHECKSUM_INPUT;

	if (!c || c->flags & NET_CARD_CHECKSUM)
		off |= NETIF_CHECKSUM_GEN_TCP;
	if (!c)
		off |= NETIF_CHECKSUM_GEN_UDP;
	set_checksums(n, off);
	netif_poll(n);
}

/* --- cards --------------------------------------------------------------- */

struct net_card *card_of(const struct netif *n)
{
	return n->linkoutput == output ? n->state : NULL;
}

void card_name(const struct netif *n, char *dst)
{
	if (card_of(n))
		ksnprintf(dst, 16, "eth%u", n->num - 1U); /* 0: loopback */
	else
		memcpy(dst, "lo", 3);
}

static err_t init(struct netif *n)
{
	struct net_card *c = n->state;

	n->name[0] = 'e';
	n->name[1] = 't';
	n->mtu = n->mtu6 = c->mtu;
	n->hwaddr_len = ETH_HWADDR_LEN;
	memcpy(n->hwaddr, c->mac, ETH_HWADDR_LEN);
	n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP |
		   NETIF_FLAG_ETHERNET | NETIF_FLAG_MLD6 | NETIF_FLAG_IGMP;
	if (!(c->flags & NET_CARD_NO_LINK))
		n->flags |= NETIF_FLAG_LINK_UP;
	n->output = etharp_output;
	n->output_ip6 = ethip6_output;
	n->linkoutput = output;
	if (c->flags & NET_CARD_CHECKSUM)
		set_checksums(n, NETIF_CHECKSUM_GEN_TCP);
	return ERR_OK;
}

int net_card_add(struct net_card *c)
{
	struct netif *n = kzalloc(sizeof(*n));
	struct net_card **at = &net_cards;

	if (!n)
		return -ENOMEM;
	net_lock();
	c->netif = n;
	netif_add(n, NULL, NULL, NULL, c, init, NULL);
	while (*at)
		at = &(*at)->next;
	*at = c;
	net_unlock();
	return 0;
}

void net_card_link(struct net_card *c, bool up)
{
	if (up)
		netif_set_link_up(c->netif);
	else
		netif_set_link_down(c->netif);
}
