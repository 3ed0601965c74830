/* SPDX-License-Identifier: Apache-2.0 */
/* What a device completes of a frame (virtio 1.2, 5.1.6.2). */
#include "net/offload.h"

#include "lwip/def.h"
#include "lwip/pbuf.h"
#include "lwip/prot/ethernet.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"

#include "drivers/virtio_net.h"

enum { CHECKSUM_AT = 16 }; /* in the TCP header */

/* The sum over both addresses, the protocol and the length. */
static uint16_t pseudo(const uint8_t *addresses, int n, uint16_t len)
{
	uint32_t sum = net_checksum(addresses, n);

	sum += PP_HTONS(IP_PROTO_TCP) + (uint32_t)lwip_htons(len);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(sum + (sum >> 16));
}

void net_offload_checksum(struct pbuf *p, struct virtio_net_hdr *h)
{
	uint8_t *ip = (uint8_t *)p->payload + SIZEOF_ETH_HDR;
	unsigned hlen;
	uint16_t sum;

	if (p->len < SIZEOF_ETH_HDR + IP_HLEN + TCP_HLEN)
		return;
	if ((ip[0] & 0xf0) == 0x40 && ip[9] == IP_PROTO_TCP &&
		!(ip[6] & 0x3f) && !ip[7]) {
		hlen = 4U * (ip[0] & 15);
		sum = pseudo(ip + 12, 8,
			(uint16_t)((ip[2] << 8 | ip[3]) - (int)hlen));
	} else if ((ip[0] & 0xf0) == 0x60 && ip[6] == IP_PROTO_TCP) {
		hlen = IP6_HLEN;
		sum = pseudo(ip + 8, 32, (uint16_t)(ip[4] << 8 | ip[5]));
	} else {
		return;
	}
	if (p->len < SIZEOF_ETH_HDR + hlen + TCP_HLEN)
		return;
	__builtin_memcpy(ip + hlen + CHECKSUM_AT, &sum, sizeof(sum));
	h->flags = NET_HDR_NEEDS_CSUM;
	h->csum_start = (uint16_t)(SIZEOF_ETH_HDR + hlen);
	h->csum_offset = CHECKSUM_AT;
}
