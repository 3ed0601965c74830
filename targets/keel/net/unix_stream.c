/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of AF_UNIX. */
#include <asm/errno.h>

#include "kern/string.h"
#include "net/unix.h"

enum { SMALL = 256 }; /* data that is gathered in memory that is there */

/* Why nothing can be sent: 0 if it can. */
static int stream_broken(const struct unix_sock *u)
{
	if (!u->peer)
		return -ENOTCONN;
	if (u->down & UNIX_NO_WRITE || u->peer->closed ||
		u->peer->down & UNIX_NO_READ)
		return -EPIPE;
	return 0;
}

/* Little data goes to the end of what waits already. */
static long add_small(struct unix_sock *u, struct socket_msg *m)
{
	char data[SMALL];
	struct unix_buf *b;
	size_t n = m->left;
	int err;

	if (msg_copy_from(m, data, n))
		return -EFAULT;
	err = stream_broken(u);
	if (err)
		return err;
	b = u->peer->last;
	if (!b || b->rights || b->room - b->end < n) {
		b = unix_buf_new(u, n);
		if (!b)
			return -ENOBUFS;
		unix_enqueue(u->peer, b);
	}
	memcpy(b->data + b->end, data, n);
	b->end += (uint32_t)n;
	b->total += n;
	u->peer->queued += n;
	return (long)n;
}

/* Files go with the first byte. */
static long add_piece(
	struct unix_sock *u, struct socket_msg *m, struct unix_rights **r)
{
	struct unix_buf *b;
	size_t n;
	int err;

	if (m->left <= SMALL && !*r)
		return add_small(u, m);
	b = unix_buf_new(u, m->left);
	if (!b)
		return -ENOBUFS;
	n = MIN(m->left, b->room);
	err = msg_copy_from(m, b->data, n);
	if (!err)
		err = stream_broken(u);
	if (err) {
		unix_buf_free(b);
		return err;
	}
	b->end = (uint32_t)n;
	b->total = n;
	b->rights = *r;
	*r = NULL;
	unix_enqueue(u->peer, b);
	unix_rights_send(b->rights);
	return (long)n;
}

static long stream_send(
	struct socket *s, struct socket_msg *m, struct unix_rights **r)
{
	struct unix_sock *u = s->sk;
	uint64_t deadline = socket_deadline(m->flags, s->sndtimeo);
	long done = 0, n = stream_broken(u);

	if (n != -ENOTCONN && m->name_len)
		return -EISCONN;
	while (!n && m->left) {
		n = socket_wait_for(s, WAITQ_OUT, deadline,
			unix_may_send(s) || stream_broken(u) || s->error);
		if (!n)
			n = socket_take_error(s);
		if (!n)
			n = stream_broken(u);
		if (!n)
			n = add_piece(u, m, r);
		if (n > 0) {
			done += n;
			n = 0;
			unix_wake(u->peer, WAITQ_IN);
		}
	}
	if (n == -EPIPE && !done)
		return socket_broken(m->flags);
	return done ? done : n;
}

long unix_stream_send(struct socket *s, struct socket_msg *m)
{
	struct unix_rights *r;
	long n;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	n = unix_rights_parse(m, &r);
	if (n)
		return n;
	if (m->name_len && !((struct unix_sock *)s->sk)->peer)
		n = -EOPNOTSUPP;
	else
		n = stream_send(s, m, &r);
	unix_rights_drop(r);
	return n;
}

/* Reads from one piece; moves *at to the next one when it has all of it. */
static long read_piece(
	struct unix_sock *u, struct socket_msg *m, struct unix_buf **at)
{
	struct unix_buf *b = *at;
	uint32_t n = (uint32_t)MIN(m->left, b->end - b->start);

	if (msg_copy_to(m, b->data + b->start, n))
		return -EFAULT;
	if (m->flags & MSG_PEEK) {
		*at = b->next;
		return n;
	}
	b->start += n;
	b->total -= n;
	u->queued -= n;
	return n;
}

struct reader {
	struct unix_buf *at; /* where MSG_PEEK is */
	size_t target;       /* enough, when nothing is there */
	long done;
	bool told, stop;
};

/* As far as the queue goes: 0, or an error. */
static long read_queue(struct socket *s, struct socket_msg *m, struct reader *r)
{
	struct unix_sock *u = s->sk;

	if (!(m->flags & MSG_PEEK) || !r->at)
		r->at = r->done && m->flags & MSG_PEEK ? NULL : u->first;
	while (r->at && m->left && !r->stop) {
		struct unix_buf *b = r->at;
		long n = read_piece(u, m, &r->at);

		if (n < 0)
			return n;
		r->done += n;
		if (!r->told)
			unix_tell_name(m, b);
		r->stop = b->rights;
		if (!r->told || r->stop)
			n = unix_tell(s, m, b);
		r->told = true;
		if (n < 0)
			return n;
		if (m->flags & MSG_PEEK || b->start < b->end)
			continue;
		unix_buf_free(unix_take(u));
		r->at = u->first;
	}
	return 0;
}

long unix_stream_recv(struct socket *s, struct socket_msg *m)
{
	struct unix_sock *u = s->sk;
	uint64_t deadline = socket_deadline(m->flags, s->rcvtimeo);
	struct reader r = {
		.target = m->flags & MSG_WAITALL
				  ? m->left
				  : MIN((size_t)s->rcvlowat, m->left)};
	long err = 0;

	if (u->state != UNIX_CONNECTED)
		return -EINVAL;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	mutex_lock(&u->read_lock);
	while (!err) {
		err = read_queue(s, m, &r);
		if (err || r.stop || !m->left ||
			(r.done && (size_t)r.done >= r.target) ||
			(r.done && m->flags & MSG_PEEK))
			break;
		err = unix_await(s, deadline);
	}
	mutex_unlock(&u->read_lock);
	return r.done || err > 0 ? r.done : err;
}
