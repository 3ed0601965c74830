/* SPDX-License-Identifier: Apache-2.0 */
/* UDP sockets. */
#include <asm/errno.h>
#include <linux/in.h>

#include "mm/kmalloc.h"
#include "net/card.h"
#include "net/inet_dgram.h"
#include "net/net.h"

enum { UDP_MAX = 65507, UDP_MAX6 = 65527 };

/* --- receiving ---------------------------------------------------------*/

static bool shares(const struct dgram *d, const struct inet_port *p)
{
	const struct dgram *other = p->owner;

	return p->reuseport && other && !other->connected &&
	       IP_GET_TYPE(&p->ip) == IP_GET_TYPE(&d->inet.port->ip) &&
	       ip_addr_cmp(&p->ip, &d->inet.port->ip);
}

/* SO_REUSEPORT: the same sender always gets the same socket. */
static struct dgram *choose(
	struct dgram *d, const ip_addr_t *from, uint16_t port)
{
	struct inet_port *p = NULL;
	unsigned n = 0, pick;

	while ((p = inet_port_next(p, IPPROTO_UDP, d->inet.port->port)))
		n += shares(d, p);
	if (n < 2)
		return d;
	pick = port ^ ip_2_ip4(from)->addr ^ ip_2_ip4(from)->addr >> 16;
	pick = pick * 0x9e3779b1U % n;
	while ((p = inet_port_next(p, IPPROTO_UDP, d->inet.port->port)))
		if (shares(d, p) && !pick--)
			break;
	return p ? p->owner : d;
}

static void on_recv(void *arg, struct udp_pcb *pcb, struct pbuf *p,
	const ip_addr_t *from, u16_t port)
{
	struct dgram *d = arg;

	(void)pcb;
	if (d->inet.port && d->inet.port->reuseport && !d->connected &&
		!ip_addr_ismulticast(ip_current_dest_addr()))
		d = choose(d, from, port);
	dgram_input(d, p, from, port);
}

/* --- names -------------------------------------------------------------*/

/* Under net_lock. */
static int bind_port(struct socket *s, const ip_addr_t *ip, uint16_t port)
{
	struct dgram *d = dgram_of(s);
	struct inet_port *p = inet_port_new(s, IPPROTO_UDP);
	int err;

	if (!p)
		return -ENOBUFS;
	p->ip = *ip;
	err = inet_port_take(p, port);
	if (!err)
		err = inet_errno(udp_bind(d->udp, ip, p->port));
	if (err) {
		inet_port_release(p);
		kfree(p);
		return err;
	}
	p->owner = d;
	d->inet.port = p;
	d->bound = *ip;
	return 0;
}

static int any_port(struct socket *s)
{
	struct dgram *d = dgram_of(s);

	return d->inet.port ? 0 : bind_port(s, &d->udp->local_ip, 0);
}

static int udp_bind_to(
	struct socket *s, const struct sockaddr_storage *a, unsigned len)
{
	struct dgram *d = dgram_of(s);
	uint16_t port;
	ip_addr_t ip;
	int err = inet_check_bind(s, a, len, &ip, &port);

	if (err)
		return err;
	if (d->inet.port)
		return -EINVAL;
	net_lock();
	err = bind_port(s, &ip, port);
	net_unlock();
	return err;
}

static int udp_name(struct socket *s, struct sockaddr_storage *a, bool peer)
{
	const struct dgram *d = dgram_of(s);

	if (peer)
		return d->connected ? inet_put_addr(s, &d->udp->remote_ip,
					      d->remote_port, a)
				    : -ENOTCONN;
	return inet_put_addr(
		s, &d->udp->local_ip, d->inet.port ? d->inet.port->port : 0, a);
}

/* --- connecting --------------------------------------------------------*/

static int disconnect(struct dgram *d)
{
	udp_disconnect(d->udp);
	d->udp->local_ip = d->bound;
	d->connected = false;
	d->remote_port = 0;
	return 0;
}

static int connect_to(struct socket *s, const struct dgram_to *dest)
{
	struct dgram *d = dgram_of(s);
	struct dgram_to to = *dest;
	struct netif *card;
	int err = any_port(s);

	d->udp->local_ip = d->bound;
	if (!err)
		err = dgram_route(s, &to, &card);
	if (!err)
		err = inet_errno(udp_connect(d->udp, &to.ip, to.port));
	if (err)
		return err;
	/* The address that it will be sent from, as getsockname shows it. */
	if (ip_addr_isany(&d->bound) || IP_IS_ANY_TYPE_VAL(d->bound))
		d->udp->local_ip = to.source;
	d->connected = true;
	d->remote_port = to.port;
	return 0;
}

static int udp_connect_to(struct socket *s, const struct sockaddr_storage *a,
	unsigned len, unsigned flags)
{
	struct dgram_to to = {.ttl = -1, .tos = -1};
	int err;

	(void)flags;
	if (len < sizeof(a->family))
		return -EINVAL;
	if (a->family == AF_UNSPEC) {
		net_lock();
		err = disconnect(dgram_of(s));
		net_unlock();
		return err;
	}
	err = inet_get_addr(s, a, len, &to.ip, &to.port);
	if (err)
		return err;
	if (s->domain == AF_INET6 && IP_IS_V4_VAL(to.ip) &&
		inet_of(s)->options & INET_V6ONLY)
		return -ENETUNREACH;
	inet_fix_destination(&to.ip);
	net_lock();
	err = connect_to(s, &to);
	net_unlock();
	return err;
}

/* --- sending -----------------------------------------------------------*/

static int send_packet(struct socket *s, struct dgram_to *to, struct pbuf *p)
{
	struct dgram *d = dgram_of(s);
	struct udp_pcb *pcb = d->udp;
	struct netif *card;
	int err = any_port(s);

	if (!err)
		err = dgram_route(s, to, &card);
	if (err)
		return err;
	pcb->tos = dgram_tos(&d->inet, to);
	pcb->ttl = pcb->mcast_ttl = dgram_ttl(&d->inet, to);
	ip_set_option(pcb, SOF_BROADCAST); /* dgram_route has asked */
	/* Loopback brings it back by itself. */
	if (!card_of(card) ||
		d->inet.options & (IP_IS_V6_VAL(to->ip) ? INET_NO_MC_LOOP6
							: INET_NO_MC_LOOP))
		udp_clear_flags(pcb, UDP_FLAGS_MULTICAST_LOOP);
	else
		udp_set_flags(pcb, UDP_FLAGS_MULTICAST_LOOP);
	return inet_errno(udp_sendto_if_src(
		pcb, p, &to->ip, to->port, card, &to->source));
}

static int check_packet(
	const struct socket *s, const struct dgram_to *to, size_t n)
{
	(void)s;
	if (!to->port)
		return -EINVAL;
	return n > (IP_IS_V6_VAL(to->ip) ? UDP_MAX6 : UDP_MAX) ? -EMSGSIZE : 0;
}

static long udp_sendmsg(struct socket *s, struct socket_msg *m)
{
	static const struct dgram_sender how = {
		0xffff, PBUF_TRANSPORT, check_packet, send_packet};

	return dgram_send(s, m, &how);
}

/* --- the rest ----------------------------------------------------------*/

static void udp_release(struct socket *s)
{
	struct dgram *d = dgram_of(s);

	net_lock();
	inet_leave_all(&d->inet);
	udp_remove(d->udp);
	inet_port_release(d->inet.port);
	net_unlock();
	kfree(d->inet.port);
	dgram_free(d);
}

static int udp_changed(struct socket *s, int name)
{
	struct inet_port *p = inet_of(s)->port;

	(void)name;
	if (p) {
		p->reuse = s->options & SOCKET_REUSEADDR;
		p->reuseport = s->options & SOCKET_REUSEPORT;
	}
	return 0;
}

/* Of a connected one that sent it; under net_lock. */
void udp_error(const ip_addr_t *local, uint16_t local_port,
	const ip_addr_t *remote, uint16_t remote_port, int error)
{
	struct inet_port *p = NULL;

	while ((p = inet_port_next(p, IPPROTO_UDP, local_port))) {
		struct dgram *d = p->owner;

		if (!d || !d->connected || d->remote_port != remote_port ||
			!ip_addr_cmp(&d->udp->remote_ip, remote) ||
			!ip_addr_cmp(&d->udp->local_ip, local))
			continue;
		d->inet.s->error = error;
		waitq_wake(&d->inet.s->wq);
	}
}

static const struct socket_ops udp_ops = {.release = udp_release,
	.bind = udp_bind_to,
	.connect = udp_connect_to,
	.getname = udp_name,
	.shutdown = dgram_shutdown,
	.sendmsg = udp_sendmsg,
	.recvmsg = dgram_recv,
	.poll = dgram_poll,
	.setsockopt = dgram_set_option,
	.getsockopt = dgram_get_option,
	.changed = udp_changed,
	.ioctl = dgram_ioctl};

int udp_socket_create(struct socket *s)
{
	struct dgram *d = dgram_new(s);

	if (!d)
		return -ENOBUFS;
	net_lock();
	inet_errors_init();
	d->udp = udp_new_ip_type(
		s->domain == AF_INET6 ? IPADDR_TYPE_ANY : IPADDR_TYPE_V4);
	if (d->udp) {
		/* Ports are looked at by inet_port_take. */
		ip_set_option(d->udp, SOF_REUSEADDR);
		udp_recv(d->udp, on_recv, d);
	}
	net_unlock();
	if (!d->udp) {
		dgram_free(d);
		return -ENOBUFS;
	}
	s->ops = &udp_ops;
	return 0;
}
