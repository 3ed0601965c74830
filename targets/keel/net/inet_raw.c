/* SPDX-License-Identifier: Apache-2.0 */
/* RAW sockets: ICMP and other protocols over IP. */
#include <asm/errno.h>
#include <linux/in.h>
#include <linux/in6.h>

#include "lwip/prot/ip4.h"

#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "net/inet_dgram.h"
#include "net/net.h"

enum { RAW_MAX = 65515, ICMP6_CHECKSUM = 2, FILTER = 1 };

/* Every socket gets a copy; lwIP goes on with the packet. IPv4 comes with
 * its header, IPv6 without. */
static u8_t on_recv(
	void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
	struct dgram *d = arg;
	uint16_t header = ip_current_header_tot_len();
	struct pbuf *copy;

	(void)pcb;
	if (d->inet.s->domain == AF_INET && d->raw->protocol == IPPROTO_ICMP &&
		p->len > header) {
		unsigned type = ((const uint8_t *)p->payload)[header];

		if (type < 32 && d->icmp_filter >> type & 1)
			return 0;
	}
	copy = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
	if (!copy)
		return 0;
	if (ip_current_is_v6())
		pbuf_remove_header(copy, header);
	dgram_input(d, copy, from, 0);
	return 0;
}

static int raw_bind_to(
	struct socket *s, const struct sockaddr_storage *a, unsigned len)
{
	struct dgram *d = dgram_of(s);
	uint16_t port;
	ip_addr_t ip;
	int err = inet_check_bind(s, a, len, &ip, &port);

	if (err)
		return err;
	if (s->domain == AF_INET6 && IP_IS_V4_VAL(ip))
		return -EADDRNOTAVAIL;
	if (IP_IS_ANY_TYPE_VAL(ip))
		IP_SET_TYPE_VAL(ip, IPADDR_TYPE_V6);
	net_lock();
	raw_bind(d->raw, &ip);
	d->bound = ip;
	net_unlock();
	return 0;
}

static int raw_name(struct socket *s, struct sockaddr_storage *a, bool peer)
{
	const struct dgram *d = dgram_of(s);

	if (!peer)
		return inet_put_addr(s, &d->raw->local_ip,
			s->domain == AF_INET ? s->protocol : 0, a);
	return d->connected ? inet_put_addr(s, &d->raw->remote_ip, 0, a)
			    : -ENOTCONN;
}

static int raw_connect_to(struct socket *s, const struct sockaddr_storage *a,
	unsigned len, unsigned flags)
{
	struct dgram *d = dgram_of(s);
	uint16_t port;
	ip_addr_t ip;
	int err;

	(void)flags;
	if (len < sizeof(a->family))
		return -EINVAL;
	if (a->family == AF_UNSPEC) {
		net_lock();
		raw_disconnect(d->raw);
		d->connected = false;
		net_unlock();
		return 0;
	}
	err = inet_get_addr(s, a, len, &ip, &port);
	if (err)
		return err;
	if ((s->domain == AF_INET6) != IP_IS_V6_VAL(ip))
		return -ENETUNREACH;
	inet_fix_destination(&ip);
	net_lock();
	err = inet_errno(raw_connect(d->raw, &ip));
	d->connected = !err;
	net_unlock();
	return err;
}

static int send_packet(struct socket *s, struct dgram_to *to, struct pbuf *p)
{
	struct dgram *d = dgram_of(s);
	struct netif *card;
	int err = dgram_route(s, to, &card);

	if (err)
		return err;
	d->raw->tos = dgram_tos(&d->inet, to);
	d->raw->ttl = d->raw->mcast_ttl = dgram_ttl(&d->inet, to);
	ip_set_option(d->raw, SOF_BROADCAST); /* dgram_route has asked */
	return inet_errno(
		raw_sendto_if_src(d->raw, p, &to->ip, card, &to->source));
}

static int check_packet(
	const struct socket *s, const struct dgram_to *to, size_t n)
{
	(void)n;
	return (s->domain == AF_INET6) == IP_IS_V6_VAL(to->ip) ? 0 : -EINVAL;
}

static long raw_sendmsg(struct socket *s, struct socket_msg *m)
{
	static const struct dgram_sender how = {
		RAW_MAX, PBUF_IP, check_packet, send_packet};

	return dgram_send(s, m, &how);
}

/* ICMP_FILTER; SOL_RAW is 255. */
static int raw_set_option(
	struct socket *s, int level, int name, long uval, unsigned len)
{
	struct dgram *d = dgram_of(s);

	if (level != IPPROTO_RAW)
		return dgram_set_option(s, level, name, uval, len);
	if (name != FILTER || s->protocol != IPPROTO_ICMP ||
		s->domain != AF_INET)
		return -EOPNOTSUPP;
	if (len < sizeof(d->icmp_filter))
		return -EINVAL;
	return copy_from_user(
		&d->icmp_filter, (const void *)uval, sizeof(d->icmp_filter));
}

static int raw_get_option(
	struct socket *s, int level, int name, long uval, unsigned *len)
{
	const struct dgram *d = dgram_of(s);

	if (level != IPPROTO_RAW)
		return dgram_get_option(s, level, name, uval, len);
	if (name != FILTER || s->protocol != IPPROTO_ICMP ||
		s->domain != AF_INET)
		return -EOPNOTSUPP;
	return option_put(uval, len, &d->icmp_filter, sizeof(d->icmp_filter));
}

static void raw_release(struct socket *s)
{
	struct dgram *d = dgram_of(s);

	net_lock();
	inet_leave_all(&d->inet);
	raw_remove(d->raw);
	net_unlock();
	dgram_free(d);
}

static const struct socket_ops raw_ops = {.release = raw_release,
	.bind = raw_bind_to,
	.connect = raw_connect_to,
	.getname = raw_name,
	.shutdown = dgram_shutdown,
	.sendmsg = raw_sendmsg,
	.recvmsg = dgram_recv,
	.poll = dgram_poll,
	.setsockopt = raw_set_option,
	.getsockopt = raw_get_option,
	.ioctl = dgram_ioctl};

int raw_socket_create(struct socket *s, int protocol)
{
	bool v6 = s->domain == AF_INET6;
	struct dgram *d = dgram_new(s);

	if (!d)
		return -ENOBUFS;
	if (v6)
		IP_SET_TYPE_VAL(d->bound, IPADDR_TYPE_V6);
	net_lock();
	d->raw = raw_new_ip_type(
		v6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_V4, (uint8_t)protocol);
	if (d->raw) {
		raw_recv(d->raw, on_recv, d);
		if (v6 && protocol == IPPROTO_ICMPV6) {
			d->raw->chksum_reqd = 1;
			d->raw->chksum_offset = ICMP6_CHECKSUM;
		}
		if (!v6 && protocol == IPPROTO_RAW)
			raw_set_flags(d->raw, RAW_FLAGS_HDRINCL);
	}
	net_unlock();
	if (!d->raw) {
		dgram_free(d);
		return -ENOBUFS;
	}
	s->ops = &raw_ops;
	return 0;
}
