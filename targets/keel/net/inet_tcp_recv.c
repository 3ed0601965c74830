/* SPDX-License-Identifier: Apache-2.0 */
/* TCP sockets: receiving, and the window. */
#include <asm/errno.h>

#include "lwip/priv/tcp_priv.h"

#include "kern/string.h"
#include "net/inet_tcp.h"
#include "net/net.h"
#include "net/tcp_table.h"

enum {
	WINDOW_FIRST = 65535,
	SMALL = 512,        /* such packets are put together ... */
	SMALL_MANY = 4,     /* ... when there are so many */
	SMALL_BUFFER = 4000 /* in buffers of one page */
};

/* --- the queue ---------------------------------------------------------*/

/* Many small packets would take a buffer of 2 KiB each. */
static bool put_together(struct tcp *t, const struct pbuf *p)
{
	struct pbuf *to = t->rx_last;

	if (p->next || p->len > SMALL || t->rx_count < SMALL_MANY)
		return false;
	if (t->rx_room < p->len) {
		to = pbuf_alloc(PBUF_RAW, SMALL_BUFFER, PBUF_RAM);
		if (!to)
			return false;
		to->len = 0;
		t->rx_last->next = to;
		t->rx_last = to;
		t->rx_count++;
		t->rx_room = SMALL_BUFFER;
	}
	memcpy((char *)to->payload + to->len, p->payload, p->len);
	to->len += p->len;
	t->rx_room -= p->len;
	return true;
}

static void append(struct tcp *t, struct pbuf *p)
{
	t->rx_len += p->tot_len;
	if (put_together(t, p)) {
		pbuf_free(p);
		return;
	}
	if (t->rx)
		t->rx_last->next = p;
	else
		t->rx = p;
	t->rx_room = 0;
	t->rx_count++;
	while (p->next) {
		p = p->next;
		t->rx_count++;
	}
	t->rx_last = p;
}

err_t tcp_on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	struct tcp *t = arg;

	(void)pcb;
	(void)err;
	if (p) {
		append(t, p);
		t->asked = true;
	} else {
		t->shut |= TCP_NO_MORE_IN;
	}
	tcp_wake_for(t, p ? WAITQ_IN : (uint32_t)WAITQ_ALL);
	return ERR_OK;
}

/* The first n bytes are not needed any more. */
static void consume(struct tcp *t, size_t n)
{
	t->rx_len -= n;
	t->rx_since += n;
	t->rx_at += n;
	while (t->rx && t->rx_at >= t->rx->len) {
		struct pbuf *p = t->rx;

		t->rx_at -= p->len;
		t->rx = p->next;
		t->rx_count--;
		p->next = NULL;
		p->tot_len = p->len;
		pbuf_free(p);
	}
	if (!t->rx)
		t->rx_room = 0;
}

void tcp_drop_received(struct tcp *t)
{
	consume(t, t->rx_len);
}

/* --- the window --------------------------------------------------------*/

/* Of a new connection: the more memory is taken, the less it may bring. */
static unsigned first_window(void)
{
	if (tcp_memory_below(4))
		return WINDOW_FIRST / 8;
	return tcp_memory_below(2) ? WINDOW_FIRST / 2 : WINDOW_FIRST;
}

/* lwIP tells of a window that opens by a segment or more: it never would, of
 * one that is smaller. */
static unsigned least_window(const struct tcp_pcb *pcb)
{
	return 2U * pcb->mss;
}

/* Before the SYN goes out. */
void tcp_window_offer(struct tcp_pcb *pcb)
{
	unsigned n = MAX(first_window(), least_window(pcb));

	pcb->rcv_wnd = MIN(pcb->rcv_wnd, n);
	pcb->rcv_ann_wnd = pcb->rcv_wnd;
}

static unsigned chosen_window(const struct tcp *t)
{
	return MAX((unsigned)t->inet.s->rcvbuf / 2, least_window(t->pcb));
}

/* What was announced with the SYN: nothing is taken back. */
void tcp_window_begin(struct tcp *t)
{
	struct tcp_pcb *pcb = t->pcb;

	pcb->rcv_wnd = MIN(pcb->rcv_wnd, WINDOW_FIRST);
	t->window = pcb->rcv_wnd;
	if (t->inet.s && t->inet.s->options & SOCKET_RCVBUF_SET)
		t->window = chosen_window(t);
	pcb->rcv_ann_wnd = pcb->rcv_wnd;
	pcb->rcv_ann_right_edge = pcb->rcv_nxt + pcb->rcv_wnd;
}

/* A reader that keeps up gets more. */
static void grow(struct tcp *t)
{
	const struct socket *s = t->inet.s;
	unsigned most = TCP_WND_MAX(t->pcb);

	if (s->options & SOCKET_RCVBUF_SET) {
		t->window = MIN(chosen_window(t), most);
	} else if (t->rx_since >= t->window && !tcp_memory_below(8)) {
		t->window = MIN(2 * t->window, most);
		t->rx_since = 0;
	}
}

void tcp_window_update(struct tcp *t)
{
	struct tcp_pcb *pcb = t->pcb;
	int owed;

	if (!pcb || pcb->state < ESTABLISHED || pcb->state == TIME_WAIT)
		return;
	grow(t);
	owed = (int)t->window - (int)t->rx_len - (int)pcb->rcv_wnd;
	if (owed < (int)t->window / 4)
		return;
	net_lock();
	net_tcp_busy(pcb);
	while (owed > 0 && t->pcb) {
		uint16_t part = (uint16_t)MIN(owed, 0xffff);

		tcp_recved(t->pcb, part);
		owed -= part;
	}
	net_unlock();
}

/* --- reading -----------------------------------------------------------*/

/* Copies n bytes from `skip` on; -EFAULT after what could be copied, which
 * *done tells. */
static int copy_out(struct tcp *t, struct socket_msg *m, size_t skip, size_t n,
	size_t *done)
{
	const struct pbuf *p = t->rx;

	skip += t->rx_at;
	while (skip >= p->len) {
		skip -= p->len;
		p = p->next;
	}
	*done = 0;
	while (*done < n) {
		size_t part = MIN(n - *done, p->len - skip);

		if (msg_copy_to(m, (const char *)p->payload + skip, part))
			return -EFAULT;
		*done += part;
		skip = 0;
		p = p->next;
	}
	return 0;
}

/* What there is, at most n; a count or -EFAULT. */
static long take(struct tcp *t, struct socket_msg *m, size_t peeked)
{
	bool peek = m->flags & MSG_PEEK;
	size_t n = MIN(t->rx_len - peeked, m->left), done = n;
	int err = 0;

	if (m->flags & MSG_TRUNC)
		m->left -= n;
	else
		err = copy_out(t, m, peeked, n, &done);
	if (!peek)
		consume(t, done);
	return done ? (long)done : err;
}

/* Why there is nothing to read: 0 at the end, -EAGAIN: there may be more. */
static int reason(struct socket *s, struct tcp *t)
{
	if (s->error)
		return socket_take_error(s);
	if (t->shut & TCP_NO_MORE_IN)
		return 0;
	if (tcp_ended(t))
		return t->progress == TCP_FREE ? -ENOTCONN : 0;
	return -EAGAIN;
}

static bool may_go_on(const struct socket *s, const struct tcp *t, size_t had)
{
	return t->rx_len > had || s->error || t->shut & TCP_NO_MORE_IN ||
	       tcp_ended(t);
}

static long receive(struct socket *s, struct tcp *t, struct socket_msg *m)
{
	size_t low = m->flags & MSG_WAITALL ? m->left
					    : MIN(m->left, (size_t)s->rcvlowat);
	uint64_t deadline = 0;
	bool timed = false;
	size_t done = 0;
	long r = 0;

	for (;;) {
		size_t peeked = m->flags & MSG_PEEK ? done : 0;

		if (t->rx_len > peeked && m->left) {
			r = take(t, m, peeked);
			if (r < 0)
				break;
			done += r;
			continue;
		}
		if (done >= low || !m->left)
			break;
		if (done && (s->error || t->shut & TCP_NO_MORE_IN))
			break;
		r = reason(s, t);
		if (r != -EAGAIN)
			break;
		if (!timed)
			deadline = socket_deadline(m->flags, s->rcvtimeo);
		timed = true;
		if (!deadline)
			break;
		tcp_side_unlock(t, &t->reader);
		tcp_window_update(t);
		r = socket_wait(s, deadline, may_go_on(s, t, peeked));
		tcp_side_lock(t, &t->reader);
		if (r)
			break;
	}
	return done ? (long)done : r;
}

long tcp_recvmsg(struct socket *s, struct socket_msg *m)
{
	struct tcp *t = tcp_of(s);
	long r;

	if (t->progress == TCP_LISTENING)
		return -ENOTCONN;
	if (m->flags & MSG_ERRQUEUE)
		return -EAGAIN;
	/* Urgent data comes in line: there is none apart. */
	if (m->flags & MSG_OOB)
		return -EINVAL;
	tcp_side_lock(t, &t->reader);
	r = receive(s, t, m);
	tcp_side_unlock(t, &t->reader);
	if (r > 0 && !(m->flags & MSG_PEEK))
		tcp_window_update(t);
	return r;
}
