/* SPDX-License-Identifier: Apache-2.0 */
/* UDP and RAW sockets: sending, where a datagram goes, and its data. */
#include <asm/errno.h>
#include <asm/socket.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>

#include "kern/string.h"
#include "net/inet_dgram.h"
#include "net/net.h"

static int one_int(struct cmsghdr *c, int *v)
{
	if (c->len < CMSG_HEADER + sizeof(int))
		return -EINVAL;
	memcpy(v, cmsg_data(c), sizeof(*v));
	return *v < -1 || *v > 255 ? -EINVAL : 0;
}

static int control4(struct cmsghdr *c, struct dgram_to *to)
{
	struct in_pktinfo info;

	switch (c->type) {
	case IP_PKTINFO:
		if (c->len != CMSG_HEADER + sizeof(info))
			return -EINVAL;
		memcpy(&info, cmsg_data(c), sizeof(info));
		to->card = (uint8_t)info.ipi_ifindex;
		ip_addr_set_ip4_u32(&to->source, info.ipi_spec_dst.s_addr);
		return 0;
	case IP_TTL:
		return one_int(c, &to->ttl) || to->ttl < 1 ? -EINVAL : 0;
	case IP_TOS:
		if (c->len == CMSG_HEADER + 1) {
			to->tos = *(uint8_t *)cmsg_data(c);
			return 0;
		}
		return one_int(c, &to->tos);
	}
	return -EINVAL;
}

static int control6(struct cmsghdr *c, struct dgram_to *to)
{
	struct in6_pktinfo info;
	ip6_addr_t *source = ip_2_ip6(&to->source);

	switch (c->type) {
	case IPV6_PKTINFO:
		if (c->len < CMSG_HEADER + sizeof(info))
			return -EINVAL;
		memcpy(&info, cmsg_data(c), sizeof(info));
		to->card = (uint8_t)info.ipi6_ifindex;
		memset(&to->source, 0, sizeof(to->source));
		memcpy(source->addr, &info.ipi6_addr, 16);
		IP_SET_TYPE_VAL(to->source, IPADDR_TYPE_V6);
		if (ip6_addr_isipv4mappedipv6(source))
			ip_addr_set_ip4_u32(&to->source, source->addr[3]);
		return 0;
	case IPV6_HOPLIMIT:
		return one_int(c, &to->ttl);
	case IPV6_TCLASS:
		return one_int(c, &to->tos);
	}
	return -EINVAL;
}

static int read_control(const struct socket_msg *m, struct dgram_to *to)
{
	struct cmsghdr *c = NULL;
	int err = 0;

	while (!err && (c = msg_control_next(m, c, &err))) {
		if (c->level == IPPROTO_IP)
			err = control4(c, to);
		else if (c->level == IPPROTO_IPV6)
			err = control6(c, to);
		else if (c->level == SOL_SOCKET && c->type != SCM_RIGHTS &&
			 c->type != SCM_CREDENTIALS)
			err = -EINVAL;
	}
	return err;
}

/* Sockets of IPv6 also take addresses of IPv4 here. */
static int named(struct socket *s, struct socket_msg *m, struct dgram_to *to)
{
	struct socket as = *s;
	int err;

	if (m->name.family == AF_INET ||
		(m->name.family == AF_UNSPEC && s->domain == AF_INET)) {
		as.domain = AF_INET;
		m->name.family = AF_INET;
	}
	err = inet_get_addr(&as, &m->name, m->name_len, &to->ip, &to->port);
	if (!err && s->domain == AF_INET6 && IP_IS_V4_VAL(to->ip) &&
		inet_of(s)->options & INET_V6ONLY)
		err = -ENETUNREACH;
	if (!err)
		inet_fix_destination(&to->ip);
	return err;
}

int dgram_destination(
	struct socket *s, struct socket_msg *m, struct dgram_to *to)
{
	const struct dgram *d = dgram_of(s);
	int err = 0;

	memset(to, 0, sizeof(*to));
	to->ttl = to->tos = -1;
	if (m->name_len) {
		err = named(s, m, to);
	} else if (d->connected) {
		to->ip = d->udp ? d->udp->remote_ip : d->raw->remote_ip;
		to->port = d->remote_port;
	} else {
		err = -EDESTADDRREQ;
	}
	if (!err && m->control_len)
		err = read_control(m, to);
	return err;
}

struct pbuf *dgram_copy_in(struct socket_msg *m, pbuf_layer layer, int *err)
{
	size_t n = m->left;
	struct pbuf *p = pbuf_alloc(layer, (u16_t)n, PBUF_RAM);

	*err = -ENOBUFS;
	if (!p)
		return NULL;
	*err = n ? msg_copy_from(m, p->payload, n) : 0;
	if (!*err)
		return p;
	pbuf_free(p);
	return NULL;
}

/* The choice of the program for multicast, else the table of routes. */
static struct netif *card_for(
	const struct inet *i, const struct dgram_to *to, const ip_addr_t *local)
{
	struct netif *n;

	if (to->card)
		return netif_get_by_index(to->card);
	if (ip_addr_ismulticast(&to->ip)) {
		if (i->mc_card)
			return netif_get_by_index((uint8_t)i->mc_card);
		NETIF_FOREACH(n)
		{
			if (IP_IS_V4_VAL(to->ip) && i->mc_source.addr &&
				ip4_addr_cmp(&i->mc_source, netif_ip4_addr(n)))
				return n;
		}
	}
	return ip_route(local, &to->ip);
}

int dgram_route(struct socket *s, struct dgram_to *to, struct netif **card)
{
	struct dgram *d = dgram_of(s);
	const ip_addr_t *local = d->udp ? &d->udp->local_ip : &d->raw->local_ip;
	const ip_addr_t *source;

	*card = card_for(&d->inet, to, local);
	if (!*card)
		return to->card ? -ENODEV : -ENETUNREACH;
	if (ip_addr_isbroadcast(&to->ip, *card) &&
		!(s->options & SOCKET_BROADCAST))
		return -EACCES;
	if (!ip_addr_isany(&to->source))
		return IP_GET_TYPE(&to->source) == IP_GET_TYPE(&to->ip)
			       ? 0
			       : -EINVAL;
	if (!IP_IS_ANY_TYPE_VAL(*local) && !ip_addr_isany(local) &&
		!ip_addr_ismulticast(local) &&
		!ip_addr_isbroadcast(local, *card)) {
		if (IP_IS_V6(local) != IP_IS_V6_VAL(to->ip))
			return -ENETUNREACH;
		to->source = *local;
		return 0;
	}
	source = ip_netif_get_local_ip(*card, &to->ip);
	if (!source)
		return -EADDRNOTAVAIL;
	to->source = *source;
	return 0;
}

uint8_t dgram_ttl(const struct inet *i, const struct dgram_to *to)
{
	bool v6 = IP_IS_V6_VAL(to->ip);

	if (to->ttl > 0)
		return (uint8_t)to->ttl;
	if (ip_addr_ismulticast(&to->ip))
		return v6 ? i->mc_hops : i->mc_ttl;
	if (v6)
		return i->hops < 0 ? 64 : (uint8_t)i->hops;
	return i->ttl < 0 ? 64 : (uint8_t)i->ttl;
}

uint8_t dgram_tos(const struct inet *i, const struct dgram_to *to)
{
	if (to->tos >= 0)
		return (uint8_t)to->tos;
	return IP_IS_V6_VAL(to->ip) ? i->tclass : i->tos;
}

long dgram_send(
	struct socket *s, struct socket_msg *m, const struct dgram_sender *how)
{
	size_t n = m->left;
	struct dgram_to to;
	struct pbuf *p;
	int err;

	if (n > how->most)
		return -EMSGSIZE;
	if (m->flags & (MSG_OOB | MSG_MORE))
		return -EOPNOTSUPP;
	err = dgram_destination(s, m, &to);
	if (!err)
		err = how->check(s, &to, n);
	if (err)
		return err;
	if (s->error)
		return socket_take_error(s);
	if (dgram_of(s)->shut & DGRAM_NO_MORE_OUT)
		return socket_broken(m->flags);
	p = dgram_copy_in(m, how->layer, &err);
	if (!p)
		return err;
	net_lock();
	err = how->packet(s, &to, p);
	pbuf_free(p);
	net_unlock();
	return err ? err : (long)n;
}
