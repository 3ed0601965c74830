/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of ICMP that a packet of ours did not arrive. */
#include <asm/errno.h>
#include <linux/in.h>
#include <linux/in6.h>

#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/raw.h"

#include "net/inet_tcp.h"

enum {
	TYPE_UNREACHABLE = 3,  /* RFC 792 */
	TYPE_UNREACHABLE6 = 1, /* RFC 4443 */
	ICMP_HEADER = 8,
	PORTS = 4, /* bytes: source, destination */
	INNER_MAX = 60
};

/* By code; what is only for the moment ends no connection, but a try. */
static int error_of(unsigned code)
{
	static const uint8_t errors[] = {ENETUNREACH, EHOSTUNREACH, ENOPROTOOPT,
		ECONNREFUSED, EMSGSIZE, EOPNOTSUPP, ENETUNREACH, EHOSTDOWN,
		ENONET, ENETUNREACH, EHOSTUNREACH, ENETUNREACH, EHOSTUNREACH,
		EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH};

	return code < sizeof(errors) ? errors[code] : EHOSTUNREACH;
}

static int error_of6(unsigned code)
{
	static const uint8_t errors[] = {ENETUNREACH, EACCES, EHOSTUNREACH,
		EHOSTUNREACH, ECONNREFUSED, EACCES, EACCES};

	return code < sizeof(errors) ? errors[code] : EPROTO;
}

/* Whether it is for good (icmp(7)): then datagram sockets learn it, too. */
static bool is_fatal(int error)
{
	return error == ECONNREFUSED || error == ENOPROTOOPT || error == EACCES;
}

static void tell(unsigned protocol, const ip_addr_t *from, const ip_addr_t *to,
	const uint8_t *ports, int error)
{
	uint16_t local = (uint16_t)(ports[0] << 8 | ports[1]);
	uint16_t remote = (uint16_t)(ports[2] << 8 | ports[3]);

	if (protocol == IPPROTO_TCP)
		tcp_error(from, local, to, remote, error);
	else if (protocol == IPPROTO_UDP && is_fatal(error))
		udp_error(from, local, to, remote, error);
}

/* p begins with the IP header of the message. It is only looked at. */
static u8_t on_icmp(
	void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *source)
{
	uint8_t b[ICMP_HEADER + INNER_MAX + PORTS];
	uint16_t at = ip_current_header_tot_len(), n, inner;
	const struct ip_hdr *h = (const void *)(b + ICMP_HEADER);
	ip_addr_t from, to;

	(void)arg;
	(void)pcb;
	(void)source;
	n = pbuf_copy_partial(p, b, sizeof(b), at);
	if (n < ICMP_HEADER + IP_HLEN + PORTS || b[0] != TYPE_UNREACHABLE)
		return 0;
	inner = IPH_HL_BYTES(h);
	if (inner < IP_HLEN || n < ICMP_HEADER + inner + PORTS)
		return 0;
	ip_addr_copy_from_ip4(from, h->src);
	ip_addr_copy_from_ip4(to, h->dest);
	tell(IPH_PROTO(h), &from, &to, b + ICMP_HEADER + inner, error_of(b[1]));
	return 0;
}

/* Packets of ours have no extension headers. */
static u8_t on_icmp6(
	void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *source)
{
	uint8_t b[ICMP_HEADER + IP6_HLEN + PORTS];
	const struct ip6_hdr *h = (const void *)(b + ICMP_HEADER);
	ip_addr_t from, to;

	(void)arg;
	(void)pcb;
	(void)source;
	if (pbuf_copy_partial(p, b, sizeof(b), ip_current_header_tot_len()) <
			sizeof(b) ||
		b[0] != TYPE_UNREACHABLE6)
		return 0;
	ip_addr_copy_from_ip6_packed(from, h->src);
	ip_addr_copy_from_ip6_packed(to, h->dest);
	ip6_addr_assign_zone(
		ip_2_ip6(&from), IP6_UNICAST, ip_current_input_netif());
	ip6_addr_assign_zone(
		ip_2_ip6(&to), IP6_UNICAST, ip_current_input_netif());
	tell(IP6H_NEXTH(h), &from, &to, b + ICMP_HEADER + IP6_HLEN,
		error_of6(b[1]));
	return 0;
}

void inet_errors_init(void)
{
	static struct raw_pcb *icmp, *icmp6;

	if (!icmp && (icmp = raw_new_ip_type(IPADDR_TYPE_V4, IPPROTO_ICMP)))
		raw_recv(icmp, on_icmp, NULL);
	if (!icmp6 && (icmp6 = raw_new_ip_type(IPADDR_TYPE_V6, IPPROTO_ICMPV6)))
		raw_recv(icmp6, on_icmp6, NULL);
}

/* Only a connection that is not there yet ends by it. */
void tcp_error(const ip_addr_t *local, uint16_t local_port,
	const ip_addr_t *remote, uint16_t remote_port, int error)
{
	struct inet_port *p = NULL;

	while ((p = inet_port_next(p, IPPROTO_TCP, local_port))) {
		struct tcp *t = p->owner;

		if (!t || !t->pcb || t->pcb->state != SYN_SENT || !t->inet.s ||
			t->pcb->remote_port != remote_port ||
			!ip_addr_cmp(&t->pcb->remote_ip, remote) ||
			!ip_addr_cmp(&t->pcb->local_ip, local))
			continue;
		tcp_drop(t);
		t->inet.s->error = error;
		t->shut = TCP_NO_MORE_IN | TCP_NO_MORE_OUT;
		tcp_wake(t);
		return;
	}
}
