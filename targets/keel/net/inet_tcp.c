/* SPDX-License-Identifier: Apache-2.0 */
/* TCP sockets: their life, connecting, names, poll. */
#include "net/inet_tcp.h"

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/sockios.h>
#include <linux/in.h>
#include <linux/poll.h>
#include <linux/sockios.h>

#include "lwip/priv/tcp_priv.h"

#include "kern/string.h"
#include "kern/time.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "net/finish.h"
#include "net/net.h"
#include "net/tcp_table.h"

enum { SNDBUF_FIRST = 16384, RCVBUF_FIRST = 131072 };

void tcp_wake_for(struct tcp *t, uint32_t events)
{
	if (t->inet.s)
		waitq_wake_for(&t->inet.s->wq, events);
}

void tcp_wake(struct tcp *t)
{
	tcp_wake_for(t, (uint32_t)WAITQ_ALL);
}

static void set_error(struct tcp *t, int error)
{
	if (t->inet.s)
		t->inet.s->error = error;
	else
		t->error = error;
}

/* The pcb has gone. */
static void on_error(void *arg, err_t err)
{
	struct tcp *t = arg;

	t->pcb = NULL;
	if (err == ERR_RST && t->progress == TCP_CONNECTING && !t->established)
		set_error(t, ECONNREFUSED);
	else if (err == ERR_RST)
		set_error(t, t->shut & TCP_NO_MORE_IN ? EPIPE : ECONNRESET);
	else if (err != ERR_CLSD)
		set_error(t, ETIMEDOUT);
	t->shut = TCP_NO_MORE_IN | TCP_NO_MORE_OUT;
	tcp_wake(t);
}

/* TCP_USER_TIMEOUT: looked at every half second while it is set. */
static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
	struct tcp *t = arg;

	if (!t || !t->user_timeout_ms || !(pcb->unacked || pcb->unsent))
		return ERR_OK;
	if (clock_now() - t->progress_ns < t->user_timeout_ms * 1000000UL)
		return ERR_OK;
	tcp_abort(pcb); /* calls on_error */
	return ERR_ABRT;
}

/* --- ports of connections ----------------------------------------------*/

static void port_destroyed(u8_t id, void *data)
{
	struct inet_port *p = data;
	struct tcp *t = p ? p->owner : NULL;

	(void)id;
	if (!p)
		return;
	tcp_half_done(p);
	/* Ends that no callback tells of: TIME_WAIT is over. */
	if (t) {
		t->pcb = NULL;
		t->inet.port = NULL;
	}
	inet_port_release(p);
	kfree(p);
}

static const struct tcp_ext_arg_callbacks port_callbacks = {
	.destroy = port_destroyed, .passive_open = tcp_half_open};

void tcp_set_port(struct tcp_pcb *pcb, struct inet_port *p)
{
	tcp_ext_arg_set_callbacks(pcb, 0, &port_callbacks);
	tcp_ext_arg_set(pcb, 0, p);
}

/* --- making and ending -------------------------------------------------*/

void tcp_attach(struct tcp *t, struct tcp_pcb *pcb)
{
	t->pcb = pcb;
	tcp_arg(pcb, t);
	tcp_recv(pcb, tcp_on_recv);
	tcp_sent(pcb, tcp_on_sent);
	tcp_err(pcb, on_error);
	tcp_apply(t);
}

void tcp_apply(struct tcp *t)
{
	struct tcp_pcb *pcb = t->pcb;
	const struct socket *s = t->inet.s;
	bool v6;

	if (!pcb || !s)
		return;
	v6 = s->domain == AF_INET6 && !IP_IS_V4_VAL(pcb->remote_ip);
	pcb->tos = v6 ? t->inet.tclass : t->inet.tos;
	pcb->ttl = (u8_t)(v6 ? t->inet.hops : t->inet.ttl);
	if (v6 ? t->inet.hops < 0 : t->inet.ttl < 0)
		pcb->ttl = TCP_TTL;
	if (t->progress == TCP_LISTENING)
		return;
	net_tcp_busy(pcb);
	/* lwIP's own look at ports is not Linux's: inet_port_take is. */
	ip_set_option(pcb, SOF_REUSEADDR);
	if (s->options & SOCKET_KEEPALIVE)
		ip_set_option(pcb, SOF_KEEPALIVE);
	else
		ip_reset_option(pcb, SOF_KEEPALIVE);
	pcb->keep_idle = (t->keep_idle_s ? t->keep_idle_s : 7200) * 1000;
	pcb->keep_intvl = (t->keep_interval_s ? t->keep_interval_s : 75) * 1000;
	pcb->keep_cnt = t->keep_count ? t->keep_count : 9;
	if (t->nodelay)
		tcp_nagle_disable(pcb);
	else
		tcp_nagle_enable(pcb);
	tcp_poll(pcb, t->user_timeout_ms ? on_poll : NULL, 5);
}

int tcp_make_pcb(struct tcp *t, const struct socket *s)
{
	u8_t type = s->domain == AF_INET ? IPADDR_TYPE_V4 : IPADDR_TYPE_ANY;
	struct tcp_pcb *pcb;

	if (t->pcb)
		return 0;
	if (t->progress != TCP_FREE)
		return -EINVAL;
	if (s->domain == AF_INET6 && t->inet.options & INET_V6ONLY)
		type = IPADDR_TYPE_V6;
	pcb = tcp_new_ip_type(type);
	if (!pcb)
		return -ENOBUFS;
	tcp_set_port(pcb, NULL);
	tcp_attach(t, pcb);
	return 0;
}

int tcp_socket_create(struct socket *s)
{
	struct tcp *t = kzalloc(sizeof(*t));
	int err;

	if (!t)
		return -ENOBUFS;
	t->inet.s = s;
	t->inet.ttl = t->inet.hops = -1;
	t->queue_end = &t->queue;
	s->sndbuf = SNDBUF_FIRST;
	s->rcvbuf = RCVBUF_FIRST;
	net_lock();
	inet_errors_init();
	err = tcp_make_pcb(t, s);
	net_unlock();
	if (err) {
		kfree(t);
		return err;
	}
	s->sk = t;
	s->ops = &tcp_ops;
	return 0;
}

static void forget_pcb(struct tcp *t)
{
	struct tcp_pcb *pcb = t->pcb;

	tcp_arg(pcb, NULL);
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
	tcp_poll(pcb, NULL, 0);
	if (t->inet.port)
		t->inet.port->owner = NULL;
	t->inet.port = NULL;
	t->pcb = NULL;
}

void tcp_drop(struct tcp *t)
{
	struct tcp_pcb *pcb = t->pcb;

	if (!pcb)
		return;
	forget_pcb(t);
	tcp_abort(pcb);
}

void tcp_free_memory(struct tcp *t)
{
	tcp_drop_received(t);
	if (t->held_timer)
		timer_stop(t->held_timer);
	kfree(t->held_timer);
	kfree(t->held);
	kfree(t);
}

/* Whether the peer still lacks something of what was sent. */
static bool sending(const struct tcp *t)
{
	return t->pcb && (t->pcb->unsent || t->pcb->unacked);
}

/* SO_LINGER: close waits, so long, for all to be acknowledged. */
static void linger(struct socket *s, struct tcp *t)
{
	uint64_t ns = s->linger_s * 1000000000UL;

	net_lock();
	tcp_release_held(t);
	if (t->pcb)
		tcp_shutdown(t->pcb, 0, 1);
	net_unlock();
	t->no_room = true;
	socket_wait(
		s, socket_deadline(0, ns), (t->no_room = true, !sending(t)));
}

void tcp_finish(struct tcp *t)
{
	const struct socket *s = t->inet.s;
	bool reset = t->rx_len || (s->options & SOCKET_LINGER && !s->linger_s);
	struct tcp_pcb *pcb;

	if (t->pcb && reset && t->pcb->state != CLOSED)
		tcp_drop(t);
	tcp_release_held(t);
	pcb = t->pcb;
	if (!pcb)
		return;
	forget_pcb(t);
	/* lwIP would take a small window for unread data. */
	pcb->rcv_wnd = TCP_WND_MAX(pcb);
	if (pcb->state != TIME_WAIT)
		tcp_close(pcb);
}

static void tcp_release(struct socket *s)
{
	struct tcp *t = tcp_of(s);

	if (t->progress == TCP_LISTENING)
		tcp_stop_listening(t);
	if (t->pcb && s->options & SOCKET_LINGER && s->linger_s && !t->rx_len)
		linger(s, t);
	net_lock();
	tcp_finish(t);
	t->inet.s = NULL;
	net_unlock();
	tcp_free_memory(t);
}

/* What is not sent at the end of the program: see there. */
extern void (*const tcp_links)(int status);
void (*const tcp_links)(int status) = net_finish;

/* --- names -------------------------------------------------------------*/

static int tcp_bind_to(
	struct socket *s, const struct sockaddr_storage *a, unsigned len)
{
	struct tcp *t = tcp_of(s);
	struct inet_port *p;
	ip_addr_t ip;
	uint16_t port;
	int err = inet_check_bind(s, a, len, &ip, &port);

	if (err)
		return err;
	err = tcp_make_pcb(t, s);
	if (err)
		return err;
	if (t->pcb->state != CLOSED || t->inet.port)
		return -EINVAL;
	p = inet_port_new(s, IPPROTO_TCP);
	if (!p)
		return -ENOBUFS;
	p->ip = ip;
	net_lock();
	err = inet_port_take(p, port);
	if (!err) {
		p->owner = t;
		t->inet.port = p;
		tcp_set_port(t->pcb, p);
		err = inet_errno(tcp_bind(t->pcb, &ip, p->port));
	} else {
		kfree(p);
	}
	net_unlock();
	return err;
}

static bool has_peer(const struct tcp *t)
{
	return t->pcb && t->pcb->state >= SYN_RCVD &&
	       t->pcb->state != TIME_WAIT;
}

static int tcp_name(struct socket *s, struct sockaddr_storage *a, bool peer)
{
	struct tcp *t = tcp_of(s);
	static const ip_addr_t none;

	if (peer)
		return has_peer(t) ? inet_put_addr(s, &t->pcb->remote_ip,
					     t->pcb->remote_port, a)
				   : -ENOTCONN;
	if (t->pcb && t->pcb->local_port && t->progress != TCP_LISTENING)
		return inet_put_addr(
			s, &t->pcb->local_ip, t->pcb->local_port, a);
	if (t->inet.port)
		return inet_put_addr(
			s, &t->inet.port->ip, t->inet.port->port, a);
	if (s->domain == AF_INET6)
		return inet_put_addr(s, IP6_ADDR_ANY, 0, a);
	return inet_put_addr(s, &none, 0, a);
}

/* --- the rest ----------------------------------------------------------*/

static int tcp_shut(struct socket *s, int how)
{
	struct tcp *t = tcp_of(s);
	bool out = how != SHUT_RD, in = how != SHUT_WR;

	if (t->progress == TCP_LISTENING) {
		if (in)
			return tcp_disconnect_from(s, t);
		return 0;
	}
	if (!t->pcb || t->pcb->state == CLOSED || t->pcb->state == TIME_WAIT)
		return -ENOTCONN;
	if (tcp_handshaking(t)) {
		tcp_disconnect_from(s, t);
		s->error = 0;
		return 0;
	}
	net_lock();
	if (out) {
		tcp_release_held(t);
		t->shut |= TCP_NO_MORE_OUT;
		tcp_shutdown(t->pcb, 0, 1);
	}
	if (in)
		t->shut |= TCP_NO_MORE_IN;
	net_unlock();
	tcp_wake(t);
	return 0;
}

bool tcp_ended(const struct tcp *t)
{
	return !t->pcb || t->pcb->state == CLOSED || t->pcb->state == TIME_WAIT;
}

static unsigned tcp_events(struct socket *s)
{
	const unsigned both = TCP_NO_MORE_IN | TCP_NO_MORE_OUT;
	struct tcp *t = tcp_of(s);
	unsigned ev = 0;

	if (t->progress == TCP_LISTENING)
		return t->queue ? POLLIN | POLLRDNORM : 0;
	if (t->shut == both || tcp_ended(t))
		ev |= POLLHUP;
	if (t->shut & TCP_NO_MORE_IN)
		ev |= POLLIN | POLLRDNORM | POLLRDHUP;
	if (!tcp_handshaking(t)) {
		if (t->rx_len && t->rx_len >= (unsigned)s->rcvlowat)
			ev |= POLLIN | POLLRDNORM;
		if (t->shut & TCP_NO_MORE_OUT || tcp_writable(t))
			ev |= POLLOUT | POLLWRNORM;
		else
			t->no_room = true;
	}
	if (s->error)
		ev |= POLLERR;
	return ev;
}

static long tcp_ioctl(struct socket *s, unsigned cmd, unsigned long arg)
{
	struct tcp *t = tcp_of(s);
	int v;

	switch (cmd) {
	case FIONREAD:
		if (t->progress == TCP_LISTENING)
			return -EINVAL;
		v = (int)t->rx_len;
		break;
	case TIOCOUTQ:
		if (t->progress == TCP_LISTENING)
			return -EINVAL;
		v = (int)tcp_unsent(t);
		break;
	case SIOCATMARK: /* urgent data is data as all other here */
		v = 0;
		break;
	default:
		return inet_ioctl(cmd, arg);
	}
	return copy_to_user((void *)arg, &v, sizeof(v));
}

const struct socket_ops tcp_ops = {.release = tcp_release,
	.bind = tcp_bind_to,
	.connect = tcp_connect_to,
	.listen = tcp_listen_on,
	.accept = tcp_accept_from,
	.accepted = tcp_accepted_from,
	.getname = tcp_name,
	.shutdown = tcp_shut,
	.sendmsg = tcp_sendmsg,
	.recvmsg = tcp_recvmsg,
	.poll = tcp_events,
	.setsockopt = tcp_set_option,
	.getsockopt = tcp_get_option,
	.changed = tcp_option_changed,
	.ioctl = tcp_ioctl,
	.sendpage = tcp_send_page};
