/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of interfaces, addresses and routes for AF_NETLINK: rtnetlink(7). */
#include <asm/errno.h>
#include <linux/rtnetlink.h>

#include "lwip/priv/nd6_priv.h"

#include "kern/string.h"
#include "net/card.h"
#include "net/net.h"
#include "net/netlink.h"
#include "net/route.h"
#include "net/socket.h"

enum { HW_LOOPBACK = 772, HW_ETHER = 1 };
enum {
	UP = 0x1,
	BROADCAST = 0x2,
	LOOPBACK = 0x8,
	RUNNING = 0x40,
	MULTICAST = 0x1000,
	LOWER_UP = 0x10000
};
enum { STATE_UNKNOWN = 0, STATE_DOWN = 2, STATE_UP = 6 }; /* RFC 2863 */
enum { NAME_SIZE = 16, CARDS_MAX = 256, LINK_SIZE = 256, ADDRESS_SIZE = 128 };
enum { ROUTE_SIZE = 128, V4 = 4, V6 = 16 };

/* struct rtnl_link_stats */
enum { RX_PACKETS, TX_PACKETS, RX_BYTES, TX_BYTES, RX_DROPPED = 6, TX_DROPPED };
enum { STATS = 24 };

typedef void netif_fn(struct netlink_out *o, struct netif *n);

/* In the order of their numbers: lwIP's list has the newest first. */
static void each_netif(struct netlink_out *o, netif_fn *fn)
{
	for (unsigned i = 1; i < CARDS_MAX; i++) {
		struct netif *n = netif_get_by_index((uint8_t)i);

		if (n)
			fn(o, n);
	}
}

static void add_name(struct netlink_out *o, int type, const struct netif *n)
{
	char name[NAME_SIZE];

	card_name(n, name);
	netlink_add(o, type, name, strlen(name) + 1);
}

static void add_u32(struct netlink_out *o, int type, uint32_t v)
{
	netlink_add(o, type, &v, sizeof(v));
}

/* --- interfaces -----------------------------------------------------------*/

static uint32_t flags_of(const struct netif *n)
{
	uint32_t f = card_of(n) ? BROADCAST | MULTICAST : LOOPBACK;

	if (netif_is_up(n))
		f |= UP;
	if (netif_is_up(n) && netif_is_link_up(n))
		f |= RUNNING | LOWER_UP;
	return f;
}

static void add_stats(struct netlink_out *o, const struct net_card *c)
{
	uint32_t v[STATS] = {0};

	if (c) {
		v[RX_PACKETS] = (uint32_t)c->rx_packets;
		v[TX_PACKETS] = (uint32_t)c->tx_packets;
		v[RX_BYTES] = (uint32_t)c->rx_bytes;
		v[TX_BYTES] = (uint32_t)c->tx_bytes;
		v[RX_DROPPED] = (uint32_t)c->rx_dropped;
		v[TX_DROPPED] = (uint32_t)c->tx_dropped;
	}
	netlink_add(o, IFLA_STATS, v, sizeof(v));
}

static void link_message(struct netlink_out *o, struct netif *n)
{
	static const uint8_t none[6], all[6] = {255, 255, 255, 255, 255, 255};
	const struct net_card *c = card_of(n);
	struct ifinfomsg i = {.ifi_type = c ? HW_ETHER : HW_LOOPBACK,
		.ifi_index = netif_get_index(n),
		.ifi_flags = flags_of(n)};
	uint8_t state = STATE_UNKNOWN;

	if (c)
		state = netif_is_link_up(n) ? STATE_UP : STATE_DOWN;
	if (!netlink_begin(
		    o, RTM_NEWLINK, NLM_F_MULTI, LINK_SIZE, &i, sizeof(i)))
		return;
	add_name(o, IFLA_IFNAME, n);
	netlink_add(o, IFLA_OPERSTATE, &state, sizeof(state));
	add_u32(o, IFLA_MTU, c ? n->mtu : 65536);
	netlink_add(o, IFLA_ADDRESS, c ? n->hwaddr : none, sizeof(none));
	netlink_add(o, IFLA_BROADCAST, c ? all : none, sizeof(none));
	add_stats(o, c);
	netlink_end(o);
}

/* --- addresses ------------------------------------------------------------*/

static unsigned prefix_of(uint32_t mask)
{
	unsigned n = 0;

	for (; mask; mask &= mask - 1)
		n++;
	return n;
}

static void address4(struct netlink_out *o, struct netif *n)
{
	uint32_t ip = netif_ip4_addr(n)->addr,
		 mask = netif_ip4_netmask(n)->addr;
	struct ifaddrmsg i = {.ifa_family = AF_INET,
		.ifa_prefixlen = (uint8_t)prefix_of(mask),
		.ifa_flags = IFA_F_PERMANENT,
		.ifa_scope = card_of(n) ? RT_SCOPE_UNIVERSE : RT_SCOPE_HOST,
		.ifa_index = netif_get_index(n)};

	if (!ip || !netlink_begin(o, RTM_NEWADDR, NLM_F_MULTI, ADDRESS_SIZE, &i,
			   sizeof(i)))
		return;
	netlink_add(o, IFA_ADDRESS, &ip, V4);
	netlink_add(o, IFA_LOCAL, &ip, V4);
	if (card_of(n))
		add_u32(o, IFA_BROADCAST, ip | ~mask);
	add_name(o, IFA_LABEL, n);
	netlink_end(o);
}

static void address6(struct netlink_out *o, struct netif *n)
{
	for (unsigned k = 0; k < LWIP_IPV6_NUM_ADDRESSES; k++) {
		const ip6_addr_t *a = netif_ip6_addr(n, k);
		unsigned state = netif_ip6_addr_state(n, k);
		struct ifaddrmsg i = {.ifa_family = AF_INET6,
			.ifa_prefixlen = card_of(n) ? 64 : 128,
			.ifa_index = netif_get_index(n)};

		if (ip6_addr_isinvalid(state))
			continue;
		if (ip6_addr_isloopback(a))
			i.ifa_scope = RT_SCOPE_HOST;
		else if (ip6_addr_islinklocal(a))
			i.ifa_scope = RT_SCOPE_LINK;
		if (ip6_addr_istentative(state))
			i.ifa_flags |= IFA_F_TENTATIVE;
		if (netif_ip6_addr_isstatic(n, k))
			i.ifa_flags |= IFA_F_PERMANENT;
		if (!netlink_begin(o, RTM_NEWADDR, NLM_F_MULTI, ADDRESS_SIZE,
			    &i, sizeof(i)))
			return;
		netlink_add(o, IFA_ADDRESS, a->addr, V6);
		netlink_end(o);
	}
}

/* --- routes ---------------------------------------------------------------*/

struct route {
	int family;
	unsigned prefix;
	uint8_t protocol;
	const void *dst, *gateway, *source; /* NULL: none */
	const struct netif *card;
};

static void route_message(struct netlink_out *o, const struct route *r)
{
	size_t len = r->family == AF_INET ? V4 : V6;
	struct rtmsg m = {.rtm_family = (uint8_t)r->family,
		.rtm_dst_len = (uint8_t)r->prefix,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = r->protocol,
		.rtm_scope = r->gateway || r->family == AF_INET6
				     ? RT_SCOPE_UNIVERSE
				     : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST};

	if (!netlink_begin(
		    o, RTM_NEWROUTE, NLM_F_MULTI, ROUTE_SIZE, &m, sizeof(m)))
		return;
	add_u32(o, RTA_TABLE, RT_TABLE_MAIN);
	if (r->prefix)
		netlink_add(o, RTA_DST, r->dst, len);
	if (r->gateway)
		netlink_add(o, RTA_GATEWAY, r->gateway, len);
	if (r->source)
		netlink_add(o, RTA_PREFSRC, r->source, len);
	add_u32(o, RTA_OIF, netif_get_index(r->card));
	netlink_end(o);
}

/* Those of the boot record; of DHCP are those of the cards. */
static void routes_of(struct netlink_out *o, int family)
{
	for (const struct net_route *r = net_routes; r; r = r->next) {
		bool v6 = IP_IS_V6(&r->dst);
		struct route out = {.family = v6 ? AF_INET6 : AF_INET,
			.prefix = r->prefix,
			.protocol = RTPROT_BOOT,
			.dst = v6 ? (const void *)ip_2_ip6(&r->dst)->addr
				  : &ip_2_ip4(&r->dst)->addr,
			.card = r->card};

		if (!ip_addr_isany(&r->gateway))
			out.gateway =
				v6 ? (const void *)ip_2_ip6(&r->gateway)->addr
				   : &ip_2_ip4(&r->gateway)->addr;
		if (out.family == family)
			route_message(o, &out);
	}
}

static void card_routes4(struct netlink_out *o, struct netif *n)
{
	uint32_t ip = netif_ip4_addr(n)->addr,
		 mask = netif_ip4_netmask(n)->addr;
	uint32_t net = ip & mask, gateway = netif_ip4_gw(n)->addr;
	struct route link = {.family = AF_INET,
		.prefix = prefix_of(mask),
		.protocol = RTPROT_KERNEL,
		.dst = &net,
		.source = &ip,
		.card = n};
	struct route any = {.family = AF_INET,
		.protocol = RTPROT_BOOT,
		.gateway = &gateway,
		.card = n};

	if (!ip || !card_of(n))
		return;
	if (gateway)
		route_message(o, &any);
	route_message(o, &link);
}

static void card_routes6(struct netlink_out *o, struct netif *n)
{
	for (unsigned k = 0; k < LWIP_IPV6_NUM_ADDRESSES && card_of(n); k++) {
		uint32_t net[4] = {0};
		struct route link = {.family = AF_INET6,
			.prefix = 64,
			.protocol = RTPROT_KERNEL,
			.dst = net,
			.card = n};

		if (!ip6_addr_isvalid(netif_ip6_addr_state(n, k)))
			continue;
		memcpy(net, netif_ip6_addr(n, k)->addr, 8);
		route_message(o, &link);
	}
}

/* Routers that have made themselves known. */
static void routers6(struct netlink_out *o)
{
	for (unsigned k = 0; k < LWIP_ND6_NUM_ROUTERS; k++) {
		const struct nd6_neighbor_cache_entry *e =
			default_router_list[k].neighbor_entry;
		struct route any = {.family = AF_INET6, .protocol = RTPROT_RA};

		if (!e || !e->netif)
			continue;
		any.gateway = e->next_hop_address.addr;
		any.card = e->netif;
		route_message(o, &any);
	}
}

int netlink_dump(struct netlink_out *o, int type, int family)
{
	bool v4 = family == AF_INET || family == AF_UNSPEC;
	bool v6 = family == AF_INET6 || family == AF_UNSPEC;
	int err = 0;

	net_lock();
	switch (type) {
	case RTM_GETLINK:
		each_netif(o, link_message);
		break;
	case RTM_GETADDR:
		if (v4)
			each_netif(o, address4);
		if (v6)
			each_netif(o, address6);
		break;
	case RTM_GETROUTE:
		if (v4) {
			routes_of(o, AF_INET);
			each_netif(o, card_routes4);
		}
		if (v6) {
			routes_of(o, AF_INET6);
			each_netif(o, card_routes6);
			routers6(o);
		}
		break;
	default:
		err = -EOPNOTSUPP;
	}
	net_unlock();
	return err;
}
