/* SPDX-License-Identifier: Apache-2.0 */
/* Routes: the longest prefix decides over cards and next hops. */
#include "net/route.h"

#include <asm/errno.h>

#include "kern/string.h"
#include "mm/kmalloc.h"
#include "net/hooks.h"

struct net_route *net_routes;

static const uint8_t *bytes(const ip_addr_t *a)
{
	return IP_IS_V6(a) ? (const uint8_t *)ip_2_ip6(a)->addr
			   : (const uint8_t *)&ip_2_ip4(a)->addr;
}

static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned prefix)
{
	unsigned n = prefix / 8, rest = prefix % 8;

	if (memcmp(a, b, n) != 0)
		return false;
	return !rest || !((a[n] ^ b[n]) >> (8 - rest));
}

int net_route_add(struct netif *card, const ip_addr_t *dst, unsigned prefix,
	const ip_addr_t *gateway)
{
	struct net_route **at = &net_routes, *r;

	for (; (r = *at) && r->prefix >= prefix; at = &r->next)
		if (r->card == card && r->prefix == prefix &&
			IP_GET_TYPE(&r->dst) == IP_GET_TYPE(dst) &&
			same_prefix(bytes(&r->dst), bytes(dst), prefix))
			break;
	if (!r || r->prefix != prefix || r->card != card ||
		IP_GET_TYPE(&r->dst) != IP_GET_TYPE(dst) ||
		!same_prefix(bytes(&r->dst), bytes(dst), prefix)) {
		r = kzalloc(sizeof(*r));
		if (!r)
			return -ENOMEM;
		r->next = *at;
		*at = r;
	}
	r->card = card;
	r->dst = *dst;
	r->prefix = (uint8_t)prefix;
	r->gateway = *gateway;
	if (IP_IS_V6(gateway))
		ip6_addr_assign_zone(ip_2_ip6(&r->gateway), IP6_UNICAST, card);
	return 0;
}

static struct net_route *find(
	const struct netif *card, unsigned type, const void *dst)
{
	struct net_route *r;

	for (r = net_routes; r; r = r->next)
		if (IP_GET_TYPE(&r->dst) == type &&
			(!card || r->card == card) && netif_is_up(r->card) &&
			netif_is_link_up(r->card) &&
			same_prefix(bytes(&r->dst), dst, r->prefix))
			return r;
	return NULL;
}

struct netif *net_route4(const ip4_addr_t *src, const ip4_addr_t *dst)
{
	struct net_route *r;

	if (src)
		return NULL; /* the destination decides, as on Linux */
	r = find(NULL, IPADDR_TYPE_V4, dst);
	return r ? r->card : NULL;
}

struct netif *net_route6(const ip6_addr_t *src, const ip6_addr_t *dst)
{
	struct net_route *r;
	struct netif *n;

	(void)src;
	/* lwIP asks here before it looks at the machine's own addresses. */
	NETIF_FOREACH(n)
	{
		if (netif_get_ip6_addr_match(n, dst) >= 0)
			return n;
	}
	r = find(NULL, IPADDR_TYPE_V6, dst->addr);
	return r ? r->card : NULL;
}

const ip4_addr_t *net_gateway4(struct netif *card, const ip4_addr_t *dst)
{
	struct net_route *r = find(card, IPADDR_TYPE_V4, dst);

	if (!r)
		return NULL;
	return ip_addr_isany(&r->gateway) ? dst : ip_2_ip4(&r->gateway);
}

const ip6_addr_t *net_gateway6(struct netif *card, const ip6_addr_t *dst)
{
	struct net_route *r = find(card, IPADDR_TYPE_V6, dst->addr);

	if (!r)
		return NULL;
	return ip_addr_isany(&r->gateway) ? dst : ip_2_ip6(&r->gateway);
}
