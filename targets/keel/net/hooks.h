/* SPDX-License-Identifier: Apache-2.0 */
/* What lwIP calls of this port (LWIP_HOOK_* in lwipopts.h). */
#ifndef NET_HOOKS_H
#define NET_HOOKS_H

#include "lwip/tcp.h"

struct netif;
struct pbuf;
struct dhcp;
struct dhcp_msg;

/* RFC 6528: unpredictable for others, growing for each pair of ends. */
uint32_t net_tcp_isn(const ip_addr_t *local, uint16_t local_port,
	const ip_addr_t *remote, uint16_t remote_port);

/* The static routes (net/route.c): the card for a destination, the next hop
 * on a card; NULL: no route of ours decides. */
struct netif *net_route4(const ip4_addr_t *src, const ip4_addr_t *dst);
struct netif *net_route6(const ip6_addr_t *src, const ip6_addr_t *dst);
const ip4_addr_t *net_gateway4(struct netif *card, const ip4_addr_t *dst);
const ip6_addr_t *net_gateway6(struct netif *card, const ip6_addr_t *dst);

/* A segment for a connection. One of several that the device made into one
 * is acknowledged at once, as a second one would be: the peer may have sent
 * all it is allowed to. */
static inline err_t net_tcp_packet(struct tcp_pcb *pcb, uint16_t len)
{
	if (pcb->state >= ESTABLISHED && len > pcb->mss)
		tcp_set_flags(pcb, TF_ACK_NOW);
	return ERR_OK;
}

/* An option of a DHCP answer that lwIP does not read itself. */
void net_dhcp_option(struct netif *card, struct dhcp *dhcp, uint8_t state,
	struct dhcp_msg *msg, uint8_t msg_type, uint8_t option, uint8_t len,
	struct pbuf *p, uint16_t offset);

#endif
