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
#include "kern/string.h"

/* Where fields are in their headers. */
enum {
	IP4_LEN = 2,
	IP4_FRAGMENT = 6,
	IP4_PROTOCOL = 9,
	IP4_CHECKSUM = 10,
	IP4_ADDRESSES = 12,
	IP6_LEN = 4,
	IP6_NEXT = 6,
	IP6_ADDRESSES = 8,
	TCP_SEQ = 4,
	TCP_ACKNO = 8,
	TCP_OFFSET = 12,
	TCP_FLAGS_AT = 13,
	TCP_WINDOW = 14,
	TCP_CHECKSUM = 16,
};

static unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t word(const uint8_t *p)
{
	uint32_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

bool net_segment_parse(const struct pbuf *p, struct net_segment *s)
{
	uint8_t *ip = (uint8_t *)p->payload + SIZEOF_ETH_HDR;
	unsigned ip_len;

	if (p->len < SIZEOF_ETH_HDR + IP_HLEN + TCP_HLEN)
		return false;
	s->ip = ip;
	s->v6 = ip[-2] == 0x86 && ip[-1] == 0xdd;
	if (s->v6) {
		if (ip[IP6_NEXT] != IP_PROTO_TCP)
			return false;
		s->tcp = ip + IP6_HLEN;
		ip_len = IP6_HLEN + get16(ip + IP6_LEN);
	} else {
		if (ip[-2] != 0x08 || ip[-1] ||
			ip[IP4_PROTOCOL] != IP_PROTO_TCP ||
			get16(ip + IP4_FRAGMENT) & 0x3fff)
			return false;
		s->tcp = ip + (size_t)4 * (ip[0] & 15U);
		ip_len = get16(ip + IP4_LEN);
	}
	s->hdr_len = (unsigned)(s->tcp - ip) + SIZEOF_ETH_HDR;
	if (p->len < s->hdr_len + TCP_HLEN)
		return false;
	s->hdr_len += 4 * (s->tcp[TCP_OFFSET] >> 4U);
	if (p->len < s->hdr_len || ip_len + SIZEOF_ETH_HDR != p->tot_len)
		return false;
	s->len = s->piece = p->tot_len - s->hdr_len;
	s->seq = lwip_ntohl(word(s->tcp + TCP_SEQ));
	return true;
}

/* The same but for lengths, identification and checksums. */
static bool same_ip(const struct net_segment *a, const struct net_segment *b)
{
	if (a->v6)
		return word(a->ip) == word(b->ip) &&
		       !memcmp(a->ip + IP6_NEXT, b->ip + IP6_NEXT,
			       IP6_HLEN - IP6_NEXT);
	return get16(a->ip) == get16(b->ip) &&
	       word(a->ip + IP4_FRAGMENT) == word(b->ip + IP4_FRAGMENT) &&
	       word(a->ip + IP4_ADDRESSES) == word(b->ip + IP4_ADDRESSES) &&
	       word(a->ip + IP4_ADDRESSES + 4) ==
		       word(b->ip + IP4_ADDRESSES + 4);
}

static bool same_tcp(const uint8_t *a, const uint8_t *b)
{
	return word(a) == word(b) &&
	       word(a + TCP_ACKNO) == word(b + TCP_ACKNO) &&
	       a[TCP_OFFSET] == b[TCP_OFFSET] &&
	       get16(a + TCP_WINDOW) == get16(b + TCP_WINDOW);
}

bool net_segment_follows(const struct net_segment *first, uint32_t next,
	const struct net_segment *s)
{
	return s->seq == next && s->v6 == first->v6 &&
	       s->hdr_len == first->hdr_len && same_tcp(first->tcp, s->tcp) &&
	       same_ip(first, s) &&
	       !memcmp(first->ip - SIZEOF_ETH_HDR, s->ip - SIZEOF_ETH_HDR,
		       ETH_HWADDR_LEN);
}

/* The sum over both addresses, the protocol and the length. */
static uint16_t pseudo(const uint8_t *addresses, int n, unsigned len)
{
	uint32_t sum = net_checksum(addresses, n);

	sum += PP_HTONS(IP_PROTO_TCP) + (uint32_t)lwip_htons((uint16_t)len);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(sum + (sum >> 16));
}

void net_segment_offload(
	const struct net_segment *s, unsigned total, struct virtio_net_hdr *h)
{
	unsigned tcp_len = s->hdr_len - (unsigned)(s->tcp - s->ip) -
			   SIZEOF_ETH_HDR + total;
	uint16_t sum;

	if (s->v6)
		sum = pseudo(s->ip + IP6_ADDRESSES, 32, tcp_len);
	else
		sum = pseudo(s->ip + IP4_ADDRESSES, 8, tcp_len);
	__builtin_memcpy(s->tcp + TCP_CHECKSUM, &sum, sizeof(sum));
	h->flags = NET_HDR_NEEDS_CSUM;
	h->csum_start = (uint16_t)(s->tcp - s->ip + SIZEOF_ETH_HDR);
	h->csum_offset = TCP_CHECKSUM;
	if (total <= s->piece)
		return;
	h->gso_type = s->v6 ? NET_GSO_TCPV6 : NET_GSO_TCPV4;
	h->gso_size = (uint16_t)s->piece;
	h->hdr_len = (uint16_t)s->hdr_len;
	if (s->v6) {
		put16(s->ip + IP6_LEN, tcp_len);
		return;
	}
	put16(s->ip + IP4_LEN, (unsigned)(s->tcp - s->ip) + tcp_len);
	put16(s->ip + IP4_CHECKSUM, 0);
	sum = (uint16_t)~net_checksum(s->ip, (int)(s->tcp - s->ip));
	__builtin_memcpy(s->ip + IP4_CHECKSUM, &sum, sizeof(sum));
}
