/* SPDX-License-Identifier: Apache-2.0 */
/* UDP and RAW sockets: datagrams that wait to be read. */
#include "net/inet_dgram.h"
#include "net/inet_tcp.h"

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/socket.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/poll.h>
#include <linux/sockios.h>

#include "kern/string.h"
#include "kern/time.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "net/net.h"

enum { OVERHEAD = 512 };
#define NS_PER_S 1000000000UL

struct dgram *dgram_new(struct socket *s)
{
	struct dgram *d = kzalloc(sizeof(*d));

	if (!d)
		return NULL;
	d->inet.s = s;
	d->inet.ttl = d->inet.hops = -1;
	d->inet.mc_ttl = d->inet.mc_hops = 1;
	d->end = &d->first;
	if (s->domain == AF_INET6)
		IP_SET_TYPE_VAL(d->bound, IPADDR_TYPE_ANY);
	s->sk = d;
	return d;
}

static void datagram_free(struct datagram *g)
{
	pbuf_free(g->data);
	kfree(g);
}

void dgram_free(struct dgram *d)
{
	struct datagram *g;

	while ((g = d->first)) {
		d->first = g->next;
		datagram_free(g);
	}
	kfree(d);
}

/* --- receiving ---------------------------------------------------------*/

static void header_values(struct datagram *g)
{
	g->card = netif_get_index(ip_current_input_netif());
	if (ip_current_is_v6()) {
		g->ttl = IP6H_HOPLIM(ip6_current_header());
		g->tos = (uint8_t)IP6H_TC(ip6_current_header());
	} else {
		g->ttl = IPH_TTL(ip4_current_header());
		g->tos = IPH_TOS(ip4_current_header());
	}
}

void dgram_input(
	struct dgram *d, struct pbuf *p, const ip_addr_t *from, uint16_t port)
{
	struct socket *s = d->inet.s;
	struct datagram *g = NULL;

	if (!(d->shut & DGRAM_NO_MORE_IN) &&
		d->queued + p->tot_len <= (unsigned)s->rcvbuf &&
		!tcp_memory_below(32))
		g = kmalloc(sizeof(*g));
	if (!g) {
		pbuf_free(p);
		return;
	}
	*g = (struct datagram){.data = p,
		.from = *from,
		.to = *ip_current_dest_addr(),
		.port = port};
	header_values(g);
	if (s->options & (SOCKET_TIMESTAMP | SOCKET_TIMESTAMPNS))
		g->time = clock_realtime();
	*d->end = g;
	d->end = &g->next;
	d->queued += p->tot_len + OVERHEAD;
	waitq_wake_for(&s->wq, WAITQ_IN);
}

/* Out of the queue, into which a reader may have put it back before. */
static struct datagram *dequeue(struct dgram *d)
{
	struct datagram *g = d->first;

	d->first = g->next;
	if (!d->first)
		d->end = &d->first;
	d->queued -= g->data->tot_len + OVERHEAD;
	return g;
}

static int copy_data(struct socket_msg *m, const struct pbuf *p)
{
	size_t left = MIN(m->left, p->tot_len);
	int err = 0;

	for (; left && !err; p = p->next) {
		size_t part = MIN(left, p->len);

		err = msg_copy_to(m, p->payload, part);
		left -= part;
	}
	return err;
}

static int put_pktinfo(struct socket_msg *m, const struct datagram *g, bool v6)
{
	struct in6_pktinfo i6 = {.ipi6_ifindex = g->card};
	struct in_pktinfo i4 = {.ipi_ifindex = g->card};

	if (!v6) {
		i4.ipi_addr.s_addr = ip_2_ip4(&g->to)->addr;
		i4.ipi_spec_dst = i4.ipi_addr;
		return msg_put_control(
			m, IPPROTO_IP, IP_PKTINFO, &i4, sizeof(i4));
	}
	if (IP_IS_V6_VAL(g->to)) {
		memcpy(&i6.ipi6_addr, ip_2_ip6(&g->to)->addr, 16);
	} else {
		i6.ipi6_addr.s6_addr[10] = i6.ipi6_addr.s6_addr[11] = 0xff;
		memcpy(&i6.ipi6_addr.s6_addr[12], &ip_2_ip4(&g->to)->addr, 4);
	}
	return msg_put_control(m, IPPROTO_IPV6, IPV6_PKTINFO, &i6, sizeof(i6));
}

static int put_time(struct socket_msg *m, const struct datagram *g, bool ns)
{
	int64_t t[2] = {g->time / NS_PER_S, g->time % NS_PER_S};

	if (ns)
		return msg_put_control(
			m, SOL_SOCKET, SO_TIMESTAMPNS_OLD, t, sizeof(t));
	t[1] /= 1000;
	return msg_put_control(m, SOL_SOCKET, SO_TIMESTAMP_OLD, t, sizeof(t));
}

static int put_control(
	struct socket *s, struct socket_msg *m, const struct datagram *g)
{
	uint32_t o = inet_of(s)->options;
	int ttl = g->ttl, tos = g->tos, err = 0;
	bool v4 = IP_IS_V4_VAL(g->to);

	if (g->time && s->options & SOCKET_TIMESTAMPNS)
		err = put_time(m, g, true);
	else if (g->time && s->options & SOCKET_TIMESTAMP)
		err = put_time(m, g, false);
	if (!err && v4 && o & INET_PKTINFO)
		err = put_pktinfo(m, g, false);
	if (!err && v4 && o & INET_RECVTTL)
		err = msg_put_control(m, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
	if (!err && v4 && o & INET_RECVTOS)
		err = msg_put_control(m, IPPROTO_IP, IP_TOS, &g->tos, 1);
	if (!err && o & INET_PKTINFO6)
		err = put_pktinfo(m, g, true);
	if (!err && !v4 && o & INET_RECVHOPS)
		err = msg_put_control(
			m, IPPROTO_IPV6, IPV6_HOPLIMIT, &ttl, sizeof(ttl));
	if (!err && !v4 && o & INET_RECVTCLASS)
		err = msg_put_control(
			m, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	return err;
}

static long deliver(
	struct socket *s, struct socket_msg *m, const struct datagram *g)
{
	size_t n = g->data->tot_len, room = m->left;
	int err = copy_data(m, g->data);

	if (err)
		return err;
	m->name_len = (unsigned)inet_put_addr(s, &g->from, g->port, &m->name);
	err = put_control(s, m, g);
	if (err)
		return err;
	if (n > room)
		m->out_flags |= MSG_TRUNC;
	return m->flags & MSG_TRUNC ? n : MIN(n, room);
}

/* A look leaves it in the queue; while its bytes are copied another reader
 * may take it, so that there it has a reference of its own. */
static long peek(struct socket *s, struct dgram *d, struct socket_msg *m)
{
	struct datagram g = *d->first;
	long r;

	pbuf_ref(g.data);
	r = deliver(s, m, &g);
	pbuf_free(g.data);
	return r;
}

long dgram_recv(struct socket *s, struct socket_msg *m)
{
	struct dgram *d = dgram_of(s);
	struct datagram *g;
	long r;

	if (m->flags & MSG_ERRQUEUE)
		return -EAGAIN;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (!d->first && !s->error && !(d->shut & DGRAM_NO_MORE_IN)) {
		r = socket_wait(s, socket_deadline(m->flags, s->rcvtimeo),
			d->first || s->error || d->shut & DGRAM_NO_MORE_IN);
		if (r)
			return r;
	}
	if (s->error)
		return socket_take_error(s);
	if (!d->first)
		return 0;
	if (m->flags & MSG_PEEK)
		return peek(s, d, m);
	g = dequeue(d);
	r = deliver(s, m, g);
	datagram_free(g);
	return r;
}

unsigned dgram_poll(struct socket *s)
{
	const struct dgram *d = dgram_of(s);
	unsigned ev = POLLOUT | POLLWRNORM;

	if (d->first)
		ev |= POLLIN | POLLRDNORM;
	if (d->shut & DGRAM_NO_MORE_IN)
		ev |= POLLIN | POLLRDNORM | POLLRDHUP;
	if (d->shut == (DGRAM_NO_MORE_IN | DGRAM_NO_MORE_OUT))
		ev |= POLLHUP;
	if (s->error)
		ev |= POLLERR;
	return ev;
}

int dgram_shutdown(struct socket *s, int how)
{
	struct dgram *d = dgram_of(s);

	if (!d->connected)
		return -ENOTCONN;
	d->shut |= how + 1;
	waitq_wake(&s->wq);
	return 0;
}

long dgram_ioctl(struct socket *s, unsigned cmd, unsigned long arg)
{
	const struct dgram *d = dgram_of(s);
	int v = 0;

	switch (cmd) {
	case FIONREAD:
		v = d->first ? d->first->data->tot_len : 0;
		break;
	case TIOCOUTQ: /* they are with the card at once */
		break;
	default:
		return inet_ioctl(cmd, arg);
	}
	return copy_to_user((void *)arg, &v, sizeof(v));
}

int dgram_set_option(
	struct socket *s, int level, int name, long uval, unsigned len)
{
	if (level == IPPROTO_IP || level == IPPROTO_IPV6)
		return inet_set_option(s, level, name, uval, len);
	return -ENOPROTOOPT;
}

int dgram_get_option(
	struct socket *s, int level, int name, long uval, unsigned *len)
{
	if (level == SOL_SOCKET)
		return -ENOPROTOOPT; /* the generic ones are asked next */
	return inet_get_option(s, level, name, uval, len);
}
