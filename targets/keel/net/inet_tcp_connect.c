/* SPDX-License-Identifier: Apache-2.0 */
/* TCP sockets: connecting to a peer, and letting go of it. */
#include <asm/errno.h>
#include <linux/in.h>

#include "lwip/priv/tcp_priv.h"

#include "kern/time.h"
#include "mm/kmalloc.h"
#include "net/inet_tcp.h"
#include "net/net.h"

enum { CONNECT_TRIES = 64 };

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct tcp *t = arg;

	(void)pcb;
	(void)err;
	t->established = true;
	tcp_window_begin(t);
	t->progress_ns = clock_now();
	tcp_wake(t);
	return ERR_OK;
}

/* A port of its own choice; lwIP then binds to it by tcp_connect. */
static int start_unbound(struct tcp *t, const ip_addr_t *ip, uint16_t port)
{
	struct inet_port *p = inet_port_new(t->inet.s, IPPROTO_TCP);
	err_t e = ERR_USE;
	int err = p ? 0 : -ENOBUFS;

	for (unsigned n = 0; !err && e == ERR_USE && n < CONNECT_TRIES; n++) {
		err = inet_port_take(p, 0);
		if (err)
			break;
		e = tcp_bind(t->pcb, &t->pcb->local_ip, p->port);
		if (e == ERR_OK)
			e = tcp_connect(t->pcb, ip, port, on_connected);
		if (e == ERR_OK) {
			p->owner = t;
			t->inet.port = p;
			tcp_set_port(t->pcb, p);
			return 0;
		}
		inet_port_release(p);
		if (t->pcb->local_port)
			TCP_RMV(&tcp_bound_pcbs, t->pcb);
		t->pcb->local_port = 0;
	}
	kfree(p);
	if (err)
		return err == -EADDRINUSE ? -EADDRNOTAVAIL : err;
	return inet_errno(e);
}

static int start(struct socket *s, struct tcp *t, ip_addr_t *ip, uint16_t port)
{
	int err = tcp_make_pcb(t, s);

	if (err)
		return err;
	if (IP_IS_V4(ip) && s->domain == AF_INET6 &&
		t->inet.options & INET_V6ONLY)
		return -ENETUNREACH;
	if (ip_addr_ismulticast(ip) ||
		(IP_IS_V4(ip) && ip_2_ip4(ip)->addr == IPADDR_BROADCAST))
		return -ENETUNREACH;
	t->shut = 0;
	t->established = false;
	t->progress = TCP_CONNECTING;
	if (t->inet.port && t->inet.port->port)
		err = inet_errno(tcp_connect(t->pcb, ip, port, on_connected));
	else
		err = start_unbound(t, ip, port);
	if (err)
		t->progress = TCP_FREE;
	else
		tcp_apply(t);
	return err;
}

/* The end of a try, good or bad. */
static int finish(struct socket *s, struct tcp *t)
{
	int err = socket_take_error(s);

	if (t->pcb && !err) {
		t->progress = TCP_CONNECTED;
		return 0;
	}
	/* A connection that came and went before anybody looked. */
	if (!err && t->shut && t->rx_len) {
		t->progress = TCP_CONNECTED;
		return 0;
	}
	t->progress = TCP_FREE;
	t->shut = 0;
	t->inet.port = NULL;
	return err ? err : -ECONNABORTED;
}

int tcp_disconnect_from(struct socket *s, struct tcp *t)
{
	if (t->progress == TCP_LISTENING)
		tcp_stop_listening(t);
	net_lock();
	if (t->pcb && t->pcb->state != CLOSED)
		tcp_drop(t);
	net_unlock();
	tcp_drop_received(t);
	t->shut = 0;
	t->progress = TCP_FREE;
	s->error = 0;
	s->listening = false;
	return 0;
}

int tcp_connect_to(struct socket *s, const struct sockaddr_storage *a,
	unsigned len, unsigned flags)
{
	struct tcp *t = tcp_of(s);
	uint16_t port;
	ip_addr_t ip;
	int err;

	if (len < sizeof(a->family))
		return -EINVAL;
	if (a->family == AF_UNSPEC)
		return tcp_disconnect_from(s, t);
	if (t->progress == TCP_CONNECTED || t->progress == TCP_LISTENING)
		return -EISCONN;
	if (t->progress == TCP_FREE) {
		err = inet_get_addr(s, a, len, &ip, &port);
		if (err)
			return err;
		inet_fix_destination(&ip);
		net_lock();
		err = start(s, t, &ip, port);
		net_unlock();
		if (err)
			return err;
		/* Also when loopback was that fast, as on Linux. */
		if (flags & MSG_DONTWAIT)
			return -EINPROGRESS;
	} else if (tcp_handshaking(t) && flags & MSG_DONTWAIT) {
		return -EALREADY;
	}
	err = socket_wait(
		s, socket_deadline(0, s->sndtimeo), !tcp_handshaking(t));
	if (err)
		return err == -EAGAIN ? -EINPROGRESS : err;
	return finish(s, t);
}
