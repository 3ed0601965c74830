/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of AF_UNIX, and packets in order. */
#include <asm/errno.h>

#include "kern/string.h"
#include "net/unix.h"

/* A message in keel's memory; -EMSGSIZE, -EFAULT, -ENOBUFS. */
static int gather(struct socket *s, struct socket_msg *m, struct unix_buf **out)
{
	struct unix_buf *first = NULL, **end = &first;
	size_t total = m->left;

	if (total > (size_t)s->sndbuf)
		return -EMSGSIZE;
	do {
		struct unix_buf *b = unix_buf_new(s->sk, m->left);
		int err = b ? 0 : -ENOBUFS;

		if (b) {
			*end = b;
			end = &b->more;
			b->end = (uint32_t)MIN(m->left, b->room);
			err = msg_copy_from(m, b->data, b->end);
		}
		if (err) {
			unix_buf_free(first);
			return err;
		}
	} while (m->left);
	first->total = total;
	*out = first;
	return 0;
}

/* Where it goes, with a reference. */
static int target_of(
	struct unix_sock *u, const struct socket_msg *m, struct unix_sock **to)
{
	if (u->type == SOCK_DGRAM && m->name_len) {
		int err = unix_check_name(&m->name, m->name_len);

		return err ? err
			   : unix_find(&m->name, m->name_len, u->type, to);
	}
	if (!u->peer || (u->type != SOCK_DGRAM && u->state != UNIX_CONNECTED))
		return -ENOTCONN;
	unix_get(u->peer);
	*to = u->peer;
	return 0;
}

/* Why a datagram cannot go there; 0 if it can. */
static int packet_broken(struct unix_sock *u, struct unix_sock *to)
{
	if (u->down & UNIX_NO_WRITE)
		return -EPIPE;
	if (u->type == SOCK_DGRAM && to->peer && to->peer != u)
		return -EPERM;
	if (to->closed) {
		if (u->type != SOCK_DGRAM)
			return -EPIPE;
		if (u->peer == to)
			unix_reconnect(u, NULL);
		return -ECONNREFUSED;
	}
	return to->down & UNIX_NO_READ ? -EPIPE : 0;
}

/* Until the queue of `to` has room, or there is no use in waiting. */
static int await_room(struct socket *s, struct unix_sock *to, uint64_t deadline)
{
	int err;

	if (!unix_is_full(s->sk, to))
		return 0;
	if (!deadline)
		return -EAGAIN;
	err = wait_event(&to->room, deadline,
		!unix_is_full(s->sk, to) || to->closed ||
			to->down & UNIX_NO_READ);
	return socket_wait_end(err, deadline);
}

static int send_to(struct socket *s, struct unix_sock *to, struct socket_msg *m,
	struct unix_rights **r)
{
	uint64_t deadline = socket_deadline(m->flags, s->sndtimeo);
	struct unix_sock *u = s->sk;
	struct unix_buf *b;
	int err;

	err = socket_wait_for(s, WAITQ_OUT, deadline,
		unix_may_send(s) || s->error || u->down & UNIX_NO_WRITE);
	if (!err)
		err = socket_take_error(s);
	if (!err && u->down & UNIX_NO_WRITE)
		err = -EPIPE;
	if (!err)
		err = gather(s, m, &b);
	if (err)
		return err;
	do {
		err = packet_broken(u, to);
		if (!err)
			err = await_room(s, to, deadline);
	} while (!err && (unix_is_full(u, to) || to->closed));
	if (!err)
		err = packet_broken(u, to);
	if (err) {
		unix_buf_free(b);
		return err;
	}
	b->rights = *r;
	*r = NULL;
	unix_enqueue(to, b);
	unix_rights_send(b->rights);
	unix_wake(to, WAITQ_IN);
	return 0;
}

long unix_packet_send(struct socket *s, struct socket_msg *m)
{
	struct unix_sock *to = NULL, *u = s->sk;
	struct unix_rights *r;
	long n = (long)m->left;
	int err;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = unix_rights_parse(m, &r);
	if (err)
		return err;
	err = target_of(u, m, &to);
	if (!err && s->options & SOCKET_PASSCRED && u->type == SOCK_DGRAM)
		err = unix_autobind(u);
	if (!err)
		err = send_to(s, to, m, &r);
	unix_put(to);
	unix_rights_drop(r);
	return err ? err : n;
}

/* The data of a message, as far as there is room for it. */
static int show(struct socket_msg *m, const struct unix_buf *b)
{
	int err = 0;

	if (m->left < b->total)
		m->out_flags |= MSG_TRUNC;
	for (; b && m->left && !err; b = b->more)
		err = msg_copy_to(m, b->data, MIN(m->left, b->end));
	return err;
}

static long show_packet(
	struct socket *s, struct socket_msg *m, struct unix_buf *b)
{
	size_t room = m->left;
	int err;

	unix_tell_name(m, b);
	err = show(m, b);
	if (!err)
		err = unix_tell(s, m, b);
	if (err)
		return err;
	return (long)(m->flags & MSG_TRUNC ? b->total : MIN(room, b->total));
}

long unix_packet_recv(struct socket *s, struct socket_msg *m)
{
	struct unix_sock *u = s->sk;
	uint64_t deadline = socket_deadline(m->flags, s->rcvtimeo);
	struct unix_buf *b;
	bool had_room;
	long n;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (u->type == SOCK_SEQPACKET && u->state != UNIX_CONNECTED)
		return -ENOTCONN;
	mutex_lock(&u->read_lock);
	n = socket_take_error(s);
	while (!n && !u->first)
		n = u->type == SOCK_DGRAM && !deadline && !s->error
			    ? -EAGAIN
			    : unix_await(s, deadline);
	if (n) { /* 1: the end */
		mutex_unlock(&u->read_lock);
		return n > 0 ? 0 : n;
	}
	if (m->flags & MSG_PEEK) {
		n = show_packet(s, m, u->first);
		mutex_unlock(&u->read_lock);
		return n;
	}
	had_room = unix_has_room(u);
	b = unix_take(u);
	mutex_unlock(&u->read_lock);
	unix_wake_senders(u, had_room);
	n = show_packet(s, m, b);
	unix_buf_free(b);
	return n;
}
