/* SPDX-License-Identifier: Apache-2.0 */
/* Routes beside those that a card's own addresses make; under net_lock. */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include "lwip/netif.h"

/* gateway.type is the destination's; any: it is on the card's link. */
struct net_route {
	struct net_route *next; /* longest prefix first */
	struct netif *card;
	ip_addr_t dst, gateway;
	uint8_t prefix;
};

/* All routes, for who prints them. */
extern struct net_route *net_routes;

/* 0 or -ENOMEM. Replaces one to the same destination on the same card. */
int net_route_add(struct netif *card, const ip_addr_t *dst, unsigned prefix,
	const ip_addr_t *gateway);

#endif
