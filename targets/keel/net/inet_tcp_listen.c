/* SPDX-License-Identifier: Apache-2.0 */
/* TCP sockets that listen: queues of connections, groups of SO_REUSEPORT. */
#include <asm/errno.h>
#include <linux/in.h>

#include "lwip/priv/tcp_priv.h"

#include "kern/string.h"
#include "kern/time.h"
#include "mm/kmalloc.h"
#include "net/drain.h"
#include "net/inet_tcp.h"
#include "net/net.h"

enum { HALF_OPEN_MAX = 512 };

/* One address that is listened on: lwIP's pcb, and the sockets that share
 * it. All under net_lock. */
struct tcp_listener {
	struct tcp_pcb *pcb;
	struct tcp *members, *turn; /* who gets the next connection */
	/* Half-open connections, the oldest first. */
	struct half *half, **half_end;
	unsigned nhalf;
};

/* A connection without its third packet; inet_port.half_of. */
struct half {
	struct half *next, **link;
	struct tcp_listener *listener;
	struct tcp_pcb *pcb;
};

void tcp_half_done(struct inet_port *p)
{
	struct half *h = p->half_of;
	struct tcp_listener *l = h ? h->listener : NULL;

	if (!h)
		return;
	*h->link = h->next;
	if (h->next)
		h->next->link = h->link;
	else
		l->half_end = h->link;
	l->nhalf--;
	p->half_of = NULL;
	kfree(h);
}

static bool has_place(const struct tcp_listener *l)
{
	for (const struct tcp *t = l->members; t; t = t->member_next)
		if (t->queued <= t->backlog)
			return true;
	return false;
}

/* A SYN has come. What is refused here is sent again by the peer, but when
 * the program is to end: then the peer learns it. */
int8_t tcp_half_open(
	uint8_t id, struct tcp_pcb_listen *lpcb, struct tcp_pcb *pcb)
{
	struct tcp_listener *l = lpcb->callback_arg;
	const struct inet_port *shared = lpcb->ext_args[id].data;
	struct inet_port *p;
	struct half *h;

	/* lwIP's copy of the listener's; it is not this connection's. */
	tcp_ext_arg_set(pcb, id, NULL);
	if (net_draining && !tcp_is_local(pcb)) {
		tcp_rst(NULL, 0, pcb->rcv_nxt, &pcb->local_ip, &pcb->remote_ip,
			pcb->local_port, pcb->remote_port);
		return ERR_ABRT;
	}
	if (!has_place(l))
		return ERR_MEM;
	/* A flood: the oldest makes room. */
	if (l->nhalf >= HALF_OPEN_MAX)
		tcp_abandon(l->half->pcb, 0);
	p = kzalloc(sizeof(*p));
	h = kzalloc(sizeof(*h));
	if (!p || !h) {
		kfree(p);
		kfree(h);
		return ERR_MEM;
	}
	*p = (struct inet_port){.ip = pcb->local_ip,
		.protocol = IPPROTO_TCP,
		.reuse = shared->reuse,
		.reuseport = shared->reuseport,
		.half_of = h};
	inet_port_join(p, pcb->local_port);
	*h = (struct half){.link = l->half_end, .listener = l, .pcb = pcb};
	*l->half_end = h;
	l->half_end = &h->next;
	l->nhalf++;
	tcp_set_port(pcb, p);
	tcp_window_offer(pcb);
	return ERR_OK;
}

/* --- whole connections -------------------------------------------------*/

/* In turn, those with room first. */
static struct tcp *member_for_next(struct tcp_listener *l)
{
	struct tcp *first = l->turn ? l->turn : l->members, *t = first;

	do {
		struct tcp *next = t->member_next ? t->member_next : l->members;

		if (t->queued <= t->backlog) {
			l->turn = next;
			return t;
		}
		t = next;
	} while (t != first);
	return first;
}

static void inherit(struct tcp *t, const struct tcp *from)
{
	t->inet.options = from->inet.options;
	t->inet.tos = from->inet.tos;
	t->inet.tclass = from->inet.tclass;
	t->inet.ttl = from->inet.ttl;
	t->inet.hops = from->inet.hops;
	t->inet.mc_ttl = from->inet.mc_ttl;
	t->inet.mc_hops = from->inet.mc_hops;
	t->nodelay = from->nodelay;
	t->corked = from->corked;
	t->keep_idle_s = from->keep_idle_s;
	t->keep_interval_s = from->keep_interval_s;
	t->keep_count = from->keep_count;
	t->user_timeout_ms = from->user_timeout_ms;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct tcp_listener *l = arg;
	struct inet_port *p;
	struct tcp *t, *to;

	if (!pcb || err)
		return ERR_VAL;
	t = kzalloc(sizeof(*t));
	if (!t)
		return ERR_MEM;
	to = member_for_next(l);
	p = tcp_ext_arg_get(pcb, 0);
	tcp_half_done(p);
	inherit(t, to);
	p->owner = t;
	t->inet.port = p;
	t->progress = TCP_CONNECTED;
	t->established = true;
	t->progress_ns = clock_now();
	t->from = pcb->remote_ip;
	t->from_port = pcb->remote_port;
	tcp_attach(t, pcb);
	tcp_window_begin(t);
	*to->queue_end = t;
	to->queue_end = &t->next;
	to->queued++;
	tcp_wake(to);
	return ERR_OK;
}

int tcp_accepted_from(struct socket *s, struct sockaddr_storage *a)
{
	const struct tcp *t = tcp_of(s);

	return inet_put_addr(s, &t->from, t->from_port, a);
}

int tcp_accept_from(struct socket *s, struct socket *to, unsigned flags)
{
	struct tcp *t = tcp_of(s), *c;
	int err;

	if (t->progress != TCP_LISTENING)
		return -EINVAL;
	err = socket_wait(s, socket_deadline(flags, s->rcvtimeo),
		t->queue || t->progress != TCP_LISTENING);
	if (err)
		return err;
	c = t->queue;
	if (!c)
		return -EINVAL; /* it was shut down meanwhile */
	t->queue = c->next;
	if (!t->queue)
		t->queue_end = &t->queue;
	t->queued--;
	c->next = NULL;
	c->queue_end = &c->queue;
	c->inet.s = to;
	to->ops = &tcp_ops;
	to->sk = c;
	to->error = c->error;
	to->sndbuf = s->sndbuf;
	to->rcvbuf = s->rcvbuf;
	to->rcvlowat = s->rcvlowat;
	to->sndtimeo = s->sndtimeo;
	to->rcvtimeo = s->rcvtimeo;
	to->options = s->options;
	to->linger_s = s->linger_s;
	tcp_apply(c);
	return 0;
}

/* --- listening ---------------------------------------------------------*/

/* The group that this socket may join, SO_REUSEPORT with the same address. */
static struct tcp_listener *group_of(const struct inet_port *p)
{
	struct inet_port *q = NULL;

	while ((q = inet_port_next(q, IPPROTO_TCP, p->port))) {
		const struct tcp *t = q->owner;

		if (q != p && q->listening && p->reuseport && q->reuseport &&
			t && t->listener &&
			IP_GET_TYPE(&p->ip) == IP_GET_TYPE(&q->ip) &&
			ip_addr_cmp(&p->ip, &q->ip))
			return t->listener;
	}
	return NULL;
}

/* The pcb gives its port back to the caller. */
static void drop_plain_pcb(struct tcp *t)
{
	struct tcp_pcb *pcb = t->pcb;

	tcp_ext_arg_set(pcb, 0, NULL);
	tcp_arg(pcb, NULL);
	tcp_err(pcb, NULL);
	t->pcb = NULL;
	tcp_close(pcb);
}

static struct tcp_listener *listener_new(struct tcp *t, int *err)
{
	struct tcp_listener *l = kzalloc(sizeof(*l));
	struct inet_port *p = t->inet.port;
	struct tcp_pcb *lpcb;
	err_t e = ERR_MEM;

	*err = -ENOBUFS;
	if (!l)
		return NULL;
	tcp_ext_arg_set(t->pcb, 0, NULL);
	lpcb = tcp_listen_with_backlog_and_err(t->pcb, 255, &e);
	if (!lpcb) {
		tcp_ext_arg_set(t->pcb, 0, p);
		*err = e == ERR_USE ? -EADDRINUSE : -ENOBUFS;
		kfree(l);
		return NULL;
	}
	t->pcb = NULL;
	l->pcb = lpcb;
	l->half_end = &l->half;
	tcp_arg(lpcb, l);
	tcp_accept(lpcb, on_accept);
	tcp_ext_arg_set(lpcb, 0, p);
	*err = 0;
	return l;
}

static int bind_any(struct socket *s, struct tcp *t)
{
	struct inet_port *p = inet_port_new(s, IPPROTO_TCP);
	int err = p ? inet_port_take(p, 0) : -ENOBUFS;

	if (!err)
		err = inet_errno(tcp_bind(t->pcb, &p->ip, p->port));
	if (err) {
		inet_port_release(p);
		kfree(p);
		return err;
	}
	p->owner = t;
	t->inet.port = p;
	tcp_set_port(t->pcb, p);
	return 0;
}

static int start(struct socket *s, struct tcp *t)
{
	struct tcp_listener *l;
	int err = tcp_make_pcb(t, s);

	if (err || t->pcb->state != CLOSED)
		return -EINVAL;
	err = t->inet.port ? 0 : bind_any(s, t);
	if (err)
		return err;
	if (inet_port_listened(t->inet.port))
		return -EADDRINUSE;
	l = group_of(t->inet.port);
	if (l)
		drop_plain_pcb(t);
	else
		l = listener_new(t, &err);
	if (!l)
		return err;
	t->listener = l;
	t->member_next = l->members;
	l->members = t;
	t->inet.port->listening = true;
	t->progress = TCP_LISTENING;
	s->listening = true;
	return 0;
}

int tcp_listen_on(struct socket *s, int backlog)
{
	struct tcp *t = tcp_of(s);
	int err = 0;

	if (t->progress != TCP_FREE && t->progress != TCP_LISTENING)
		return -EINVAL;
	net_lock();
	t->backlog = (unsigned)backlog;
	if (t->progress == TCP_FREE)
		err = start(s, t);
	net_unlock();
	return err;
}

static void close_listener(struct tcp_listener *l)
{
	while (l->half)
		tcp_abandon(l->half->pcb, 1);
	tcp_ext_arg_set(l->pcb, 0, NULL);
	tcp_close(l->pcb);
	kfree(l);
}

/* lwIP's pcb shows a port that stays. */
static void leave(struct tcp *t)
{
	struct tcp_listener *l = t->listener;
	struct tcp **at = &l->members;

	while (*at != t)
		at = &(*at)->member_next;
	*at = t->member_next;
	l->turn = NULL;
	if (l->members)
		tcp_ext_arg_set(l->pcb, 0, l->members->inet.port);
	else
		close_listener(l);
	t->listener = NULL;
	t->member_next = NULL;
}

void tcp_stop_listening(struct tcp *t)
{
	struct tcp *c;

	net_lock();
	leave(t);
	inet_port_release(t->inet.port);
	kfree(t->inet.port);
	t->inet.port = NULL;
	while ((c = t->queue)) {
		t->queue = c->next;
		tcp_drop(c);
		tcp_free_memory(c);
	}
	t->queue_end = &t->queue;
	t->queued = 0;
	t->progress = TCP_FREE;
	net_unlock();
	tcp_wake(t);
}
