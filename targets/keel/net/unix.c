/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of AF_UNIX: connections and their end. */
#include "net/unix.h"

#include <asm/errno.h>
#include <asm/socket.h>
#include <linux/poll.h>

#include "kern/string.h"
#include "mm/kmalloc.h"

/* Datagrams that wait for a reader who has not connected to their sender. */
enum { PACKETS_MAX = 256 };

void unix_get(struct unix_sock *u)
{
	u->count++;
}

void unix_put(struct unix_sock *u)
{
	if (!u || --u->count)
		return;
	unix_name_put(u->name);
	kfree(u);
}

struct unix_sock *unix_new(int type)
{
	struct unix_sock *u = kzalloc(sizeof(*u));

	if (!u)
		return NULL;
	u->count = 1;
	u->type = (uint8_t)type;
	return u;
}

void unix_wake(struct unix_sock *u, uint32_t events)
{
	if (u->s)
		waitq_wake_for(&u->s->wq, events);
}

static void set_error(struct unix_sock *u, int error)
{
	if (u->s)
		u->s->error = error;
	else
		u->error = error;
}

bool unix_has_room(const struct unix_sock *u)
{
	return u->nqueued < PACKETS_MAX;
}

bool unix_is_full(const struct unix_sock *u, const struct unix_sock *to)
{
	return u->type == SOCK_DGRAM && to != u && to->peer != u &&
	       !unix_has_room(to);
}

void unix_wake_senders(struct unix_sock *u, bool had_room)
{
	waitq_wake(&u->room);
	if (had_room)
		return;
	for (struct unix_sock *p = u->senders; p; p = p->sender_next)
		unix_wake(p, WAITQ_OUT);
}

bool unix_is_writable(const struct unix_sock *u)
{
	return u->state != UNIX_LISTENING && u->s &&
	       u->sent * 4 <= (size_t)u->s->sndbuf &&
	       !(u->peer && unix_is_full(u, u->peer));
}

void unix_set_peer(struct unix_sock *u, struct unix_sock *peer)
{
	struct unix_sock *old = u->peer;

	if (old) {
		*u->sender_link = u->sender_next;
		if (u->sender_next)
			u->sender_next->sender_link = u->sender_link;
	}
	u->peer = peer;
	if (peer) {
		u->sender_next = peer->senders;
		u->sender_link = &peer->senders;
		if (u->sender_next)
			u->sender_next->sender_link = &u->sender_next;
		peer->senders = u;
	}
	unix_put(old);
}

/* --- the end --------------------------------------------------------------*/

static void flush(struct unix_sock *u)
{
	while (u->first)
		unix_buf_free(unix_take(u));
}

void unix_reconnect(struct unix_sock *u, struct unix_sock *to)
{
	struct unix_sock *old = u->peer;

	if (old && old != to && u->first) {
		if (old->peer == u && !old->closed) {
			set_error(old, ECONNRESET);
			unix_wake(old, (uint32_t)WAITQ_ALL);
		}
		unix_set_peer(u, to);
		mutex_lock(&u->read_lock);
		flush(u);
		mutex_unlock(&u->read_lock);
	} else {
		unix_set_peer(u, to);
	}
	u->state = to ? UNIX_CONNECTED : UNIX_CLOSED;
}

/* The first of a listener's connections. */
static struct unix_sock *take_pending(struct unix_sock *u)
{
	struct unix_sock *p = u->pending;

	u->pending = p->pending_next;
	if (!u->pending)
		u->pending_last = NULL;
	p->pending_next = NULL;
	u->npending--;
	return p;
}

/* The other side of a connection learns that this one is gone. */
static void leave_peer(struct unix_sock *u, bool reset)
{
	struct unix_sock *peer = u->peer;

	if (!peer)
		return;
	if (u->type != SOCK_DGRAM && !peer->closed) {
		peer->down = UNIX_NO_BOTH;
		if (reset)
			set_error(peer, ECONNRESET);
		unix_wake(peer, (uint32_t)WAITQ_ALL);
	}
	unix_set_peer(u, NULL);
}

static void end(struct unix_sock *u, bool reset)
{
	u->s = NULL;
	u->closed = true;
	u->down = UNIX_NO_BOTH;
	unix_unbind(u);
	leave_peer(u, reset || u->first);
	unix_wake_senders(u, unix_has_room(u));
	while (u->pending)
		end(take_pending(u), true);
	flush(u);
	unix_put(u);
}

static void unix_release(struct socket *s)
{
	end(s->sk, false);
	unix_collect();
}

static int unix_shutdown(struct socket *s, int how)
{
	struct unix_sock *u = s->sk, *peer = u->peer;
	uint8_t down = how + 1, other = 0;

	u->down |= down;
	if (peer && u->type != SOCK_DGRAM) {
		if (down & UNIX_NO_READ)
			other |= UNIX_NO_WRITE;
		if (down & UNIX_NO_WRITE)
			other |= UNIX_NO_READ;
		peer->down |= other;
		unix_wake(peer, (uint32_t)WAITQ_ALL);
	}
	waitq_wake(&u->room);
	unix_wake(u, (uint32_t)WAITQ_ALL);
	return 0;
}

/* --- connections ----------------------------------------------------------*/

static int unix_bind_to(
	struct socket *s, const struct sockaddr_storage *a, unsigned len)
{
	return unix_bind(s->sk, a, len);
}

static int unix_listen(struct socket *s, int backlog)
{
	struct unix_sock *u = s->sk;

	if (!u->name || u->state == UNIX_CONNECTED)
		return -EINVAL;
	u->state = UNIX_LISTENING;
	u->backlog = (unsigned)backlog;
	s->listening = true;
	waitq_wake(&u->room);
	return 0;
}

static bool is_open(const struct unix_sock *l)
{
	return l->state == UNIX_LISTENING && !(l->down & UNIX_NO_READ);
}

static bool has_place(const struct unix_sock *l)
{
	return l->npending <= l->backlog;
}

/* Puts a new connection from u into the listener's queue. */
static int join(struct unix_sock *u, struct unix_sock *l)
{
	struct unix_sock *n = unix_new(u->type);

	if (!n)
		return -ENOMEM;
	n->state = u->state = UNIX_CONNECTED;
	n->name = l->name;
	n->name->count++;
	unix_get(u);
	unix_set_peer(n, u);
	unix_get(n);
	unix_set_peer(u, n);
	if (l->pending_last)
		l->pending_last->pending_next = n;
	else
		l->pending = n;
	l->pending_last = n;
	l->npending++;
	unix_wake(l, WAITQ_IN);
	return 0;
}

static int connect_to(struct socket *s, struct unix_sock *l, uint64_t deadline)
{
	struct unix_sock *u = s->sk;
	int err = 0;

	while (!err && is_open(l) && !has_place(l)) {
		if (!deadline)
			return -EAGAIN;
		err = wait_event(
			&l->room, deadline, !is_open(l) || has_place(l));
	}
	if (err)
		return socket_wait_end(err, deadline);
	if (!is_open(l))
		return -ECONNREFUSED;
	if (u->state != UNIX_CLOSED)
		return u->state == UNIX_CONNECTED ? -EISCONN : -EINVAL;
	return join(u, l);
}

static int stream_connect(struct socket *s, const struct sockaddr_storage *a,
	unsigned len, unsigned flags)
{
	uint64_t deadline = socket_deadline(flags, s->sndtimeo);
	struct unix_sock *l;
	int err = unix_check_name(a, len);

	if (!err && s->options & SOCKET_PASSCRED)
		err = unix_autobind(s->sk);
	if (!err)
		err = unix_find(a, len, s->type, &l);
	if (err)
		return err;
	err = connect_to(s, l, deadline);
	unix_put(l);
	return err;
}

static int packet_connect(struct socket *s, const struct sockaddr_storage *a,
	unsigned len, unsigned flags)
{
	struct unix_sock *u = s->sk, *to = NULL;
	int err = 0;

	(void)flags;
	if (len < sizeof(a->family))
		return -EINVAL;
	if (a->family != AF_UNSPEC) {
		err = unix_check_name(a, len);
		if (!err && s->options & SOCKET_PASSCRED)
			err = unix_autobind(u);
		if (!err)
			err = unix_find(a, len, s->type, &to);
		if (err)
			return err;
		if (to->peer && to->peer != u) {
			unix_put(to);
			return -EPERM;
		}
	}
	unix_reconnect(u, to);
	return 0;
}

static int unix_accept(struct socket *s, struct socket *to, unsigned flags)
{
	uint64_t deadline = socket_deadline(flags, s->rcvtimeo);
	struct unix_sock *l = s->sk, *n;
	int err;

	if (l->state != UNIX_LISTENING)
		return -EINVAL;
	err = socket_wait_for(s, WAITQ_IN, deadline,
		l->pending || (deadline && l->down & UNIX_NO_READ));
	if (err)
		return err;
	if (!l->pending)
		return -EINVAL;
	n = take_pending(l);
	waitq_wake(&l->room);
	to->ops = s->ops;
	to->sk = n;
	to->error = n->error;
	n->s = to;
	return 0;
}

static int unix_pair(struct socket *sa, struct socket *sb)
{
	struct unix_sock *a = sa->sk, *b = sb->sk;

	unix_get(b);
	unix_set_peer(a, b);
	unix_get(a);
	unix_set_peer(b, a);
	a->state = b->state = UNIX_CONNECTED;
	return 0;
}

/* What the three kinds have in common, and those with connections. */
#define ALL_OPS                                                                \
	.release = unix_release, .bind = unix_bind_to, .pair = unix_pair,      \
	.getname = unix_getname, .shutdown = unix_shutdown, .poll = unix_poll, \
	.setsockopt = unix_setsockopt, .getsockopt = unix_getsockopt,          \
	.ioctl = unix_ioctl
#define CONNECTED_OPS \
	.connect = stream_connect, .listen = unix_listen, .accept = unix_accept

static const struct socket_ops stream_ops = {
	ALL_OPS,
	CONNECTED_OPS,
	.sendmsg = unix_stream_send,
	.recvmsg = unix_stream_recv,
};
static const struct socket_ops packet_ops = {
	ALL_OPS,
	CONNECTED_OPS,
	.sendmsg = unix_packet_send,
	.recvmsg = unix_packet_recv,
};
static const struct socket_ops dgram_ops = {
	ALL_OPS,
	.connect = packet_connect,
	.sendmsg = unix_packet_send,
	.recvmsg = unix_packet_recv,
};

int socket_unix_create(struct socket *s, int type, int protocol)
{
	struct unix_sock *u;

	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	switch (type) {
	case SOCK_STREAM:
		s->ops = &stream_ops;
		break;
	case SOCK_SEQPACKET:
		s->ops = &packet_ops;
		break;
	case SOCK_RAW: /* another name of it */
		s->type = SOCK_DGRAM;
		type = SOCK_DGRAM;
		__attribute__((fallthrough));
	case SOCK_DGRAM:
		s->ops = &dgram_ops;
		break;
	default:
		return -ESOCKTNOSUPPORT;
	}
	u = unix_new(type);
	if (!u) {
		s->ops = NULL;
		return -ENOMEM;
	}
	u->s = s;
	s->sk = u;
	s->protocol = 0;
	return 0;
}
