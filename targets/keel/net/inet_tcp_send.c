/* SPDX-License-Identifier: Apache-2.0 */
/* TCP sockets: sending. */
#include <asm/errno.h>

#include "lwip/priv/tcp_priv.h"

#include "kern/string.h"
#include "kern/time.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "net/inet_tcp.h"
#include "net/net.h"
#include "net/tcp_large.h"
#include "net/tcp_pages.h"
#include "net/tcp_table.h"

enum {
	SMALL = 2048,            /* copied by way of the stack */
	LARGE_ORDER = 3,         /* pages of a large part */
	ROOM_COPIED = 256 << 10, /* of memory that nothing else has */
	ROOM_SHORT = 16384,      /* for one connection when memory is short */
	HOLD_NS = 200000000,     /* TCP_CORK, MSG_MORE: at most so long */
	MEMORY_NS = 10000000     /* until memory is tried again */
};

/* --- room --------------------------------------------------------------*/

weak uint64_t pagecache_clean(void); /* fs/pagecache.h */

/* Clean pages of files go when memory is asked for. */
bool tcp_memory_below(unsigned parts)
{
	uint64_t want = page_total() / parts, have = page_free_count();

	if (have < want && pagecache_clean)
		have += pagecache_clean();
	return have < want;
}

/* When memory is short there is less for each, in the end only enough to
 * go on: the rest is the program's. */
static unsigned limit(const struct tcp *t)
{
	const struct socket *s = t->inet.s;
	unsigned n = TCP_SND_BUF - SMALL;

	if (!t->by_page)
		n = MIN(n, ROOM_COPIED);
	if (s->options & SOCKET_SNDBUF_SET)
		n = MIN(n, (unsigned)s->sndbuf / 2);
	if (tcp_memory_below(4))
		n = MIN(n, tcp_memory_below(16) ? SMALL : ROOM_SHORT);
	return n;
}

unsigned tcp_unsent(const struct tcp *t)
{
	return t->pcb ? TCP_SND_BUF - t->pcb->snd_buf + t->held_len : 0;
}

/* lwIP counts the pieces in 16 bits. */
enum { PIECES_MAX = 0xff00 };

unsigned tcp_room(const struct tcp *t)
{
	unsigned used = tcp_unsent(t), most = limit(t);

	if (!t->pcb || t->pcb->snd_queuelen > PIECES_MAX)
		return 0;
	if (used >= most)
		return 0;
	/* A small message goes whole: writers do not mix theirs. */
	return MAX(most - used, SMALL);
}

bool tcp_writable(const struct tcp *t)
{
	return tcp_room(t) * 2 >= tcp_unsent(t) && tcp_room(t);
}

err_t tcp_on_sent(void *arg, struct tcp_pcb *pcb, u16_t n)
{
	struct tcp *t = arg;

	(void)pcb;
	(void)n;
	if (t->user_timeout_ms)
		t->progress_ns = clock_now();
	if (t->no_room && t->inet.s && tcp_writable(t)) {
		t->no_room = false;
		tcp_wake_for(t, WAITQ_OUT);
	}
	return ERR_OK;
}

/* --- one at a time -----------------------------------------------------*/

void tcp_side_lock(struct tcp *t, struct tcp_side *side)
{
	while (side->busy) {
		side->waiting++;
		wait_event_hard(&t->inet.s->wq, !side->busy);
		side->waiting--;
	}
	side->busy = true;
}

void tcp_side_unlock(struct tcp *t, struct tcp_side *side)
{
	side->busy = false;
	if (side->waiting)
		tcp_wake_for(t, 0); /* nobody who waits for events */
}

/* --- what is kept back -------------------------------------------------*/

/* All under net_lock. */
static int write_copy(struct tcp *t, const void *p, size_t n, bool more)
{
	u8_t flags = TCP_WRITE_FLAG_COPY | (more ? TCP_WRITE_FLAG_MORE : 0);

	if (t->user_timeout_ms && !t->pcb->unacked && !t->pcb->unsent)
		t->progress_ns = clock_now();
	net_tcp_busy(t->pcb);
	return inet_errno(net_tcp_write(
		t->pcb, p, (u16_t)n, net_tcp_segment(t->pcb, true), flags));
}

static int write_held(struct tcp *t, bool more)
{
	int err;

	if (!t->held_len)
		return 0;
	err = t->pcb ? write_copy(t, t->held, t->held_len, more) : 0;
	if (err)
		return err;
	t->held_len = 0;
	timer_stop(t->held_timer);
	return 0;
}

void tcp_release_held(struct tcp *t)
{
	if (!t->held_len)
		return;
	if (write_held(t, false)) {
		/* No memory now: the timer tries again. */
		timer_start(t->held_timer, clock_now() + HOLD_NS);
		return;
	}
	if (t->pcb)
		tcp_output(t->pcb);
	kfree(t->held);
	t->held = NULL;
}

struct held_timer {
	struct timer timer;
	struct tcp *t;
};

static void held_long_enough(struct timer *timer)
{
	struct held_timer *h = container_of(timer, struct held_timer, timer);

	net_lock();
	tcp_release_held(h->t);
	net_unlock();
}

/* Room for a segment; -ENOBUFS. */
static int make_held(struct tcp *t, unsigned size)
{
	struct held_timer *h;

	if (t->held && t->held_size >= size)
		return 0;
	if (t->held_len)
		return -ENOBUFS; /* the segments have grown: send it first */
	if (!t->held_timer) {
		h = kzalloc(sizeof(*h));
		if (!h)
			return -ENOBUFS;
		h->timer.fn = held_long_enough;
		h->t = t;
		t->held_timer = &h->timer;
	}
	kfree(t->held);
	t->held = kmalloc(size);
	t->held_size = t->held ? size : 0;
	return t->held ? 0 : -ENOBUFS;
}

static int hold(struct tcp *t, const void *p, size_t n)
{
	if (!n)
		return 0;
	if (!t->held_len)
		timer_start(t->held_timer, clock_now() + HOLD_NS);
	memcpy(t->held + t->held_len, p, n);
	t->held_len += n;
	return 0;
}

/* What the last segment that is not sent has, if there is room in it. */
static unsigned last_part(const struct tcp_pcb *pcb, unsigned segment)
{
	const struct tcp_seg *seg = pcb->unsent;

	if (!seg)
		return 0;
	while (seg->next)
		seg = seg->next;
	return seg->len % segment;
}

/* The size of lwIP's segments. */
static unsigned segment_of(const struct tcp_pcb *pcb)
{
	unsigned half = pcb->snd_wnd_max / 2;

	return half && half < pcb->mss ? half : pcb->mss;
}

/* Bytes in a page, or (page NULL) to be copied. */
struct part {
	const char *p;
	size_t n;
	struct page *page;
};

static int write_part(struct tcp *t, struct part c, size_t n, bool more)
{
	if (!n)
		return 0;
	if (!c.page || n < SMALL)
		return write_copy(t, c.p, n, more);
	return inet_errno(tcp_write_page(t->pcb, c.page, c.p, n, more));
}

/* Whole segments go, the rest is kept back. */
static int push_corked(struct tcp *t, struct part c)
{
	unsigned segment = segment_of(t->pcb);
	size_t before = last_part(t->pcb, segment) + t->held_len, now = 0;
	int err;

	if (before + c.n >= segment)
		now = (before + c.n) / segment * segment - before;
	err = make_held(t, segment);
	if (now || err) {
		err = write_held(t, true);
		if (!err)
			err = make_held(t, segment);
		if (!err)
			err = write_part(t, c, now, true);
		if (err)
			return err;
	}
	c.p += now;
	return hold(t, c.p, c.n - now);
}

/* Under net_lock; -ENOBUFS: nothing was taken. */
static int push(struct tcp *t, struct part c, bool cork, bool more)
{
	int err;

	t->asked = false;
	if (cork)
		return push_corked(t, c);
	err = write_held(t, true);
	return err ? err : write_part(t, c, c.n, more);
}

/* --- the calls ---------------------------------------------------------*/

/* Whether more can be sent at all, now or later. */
static int check(struct socket *s, const struct tcp *t, unsigned flags)
{
	if (s->error)
		return socket_take_error(s);
	if (t->pcb && !(t->shut & TCP_NO_MORE_OUT)) {
		switch (t->pcb->state) {
		case SYN_SENT:
		case SYN_RCVD:
		case ESTABLISHED:
		case CLOSE_WAIT:
			return 0;
		default:
			break;
		}
	}
	return socket_broken(flags);
}

static bool may_write(const struct socket *s, const struct tcp *t)
{
	return s->error || !t->pcb || t->shut & TCP_NO_MORE_OUT ||
	       (t->pcb->state != SYN_SENT && tcp_writable(t));
}

/*
 * For room, or the end of connecting. `why` is -ENOBUFS when there was room,
 * but no memory: that comes back by itself, without a wake-up.
 */
static int wait_room(
	struct socket *s, struct tcp *t, int why, uint64_t deadline)
{
	uint64_t end = deadline;
	int r;

	net_lock();
	if (t->pcb && t->pcb->state >= ESTABLISHED) {
		tcp_release_held(t);
		tcp_output(t->pcb);
	}
	t->no_room = true;
	net_unlock();
	if (!why && may_write(s, t))
		return 0;
	/* With nothing under way no wake-up would come. */
	if (!deadline)
		return why && !tcp_unsent(t) ? why : -EAGAIN;
	if (why)
		end = MIN(deadline, clock_now() + MEMORY_NS);
	tcp_side_unlock(t, &t->writer);
	r = socket_wait(s, end, (t->no_room = true, !why && may_write(s, t)));
	tcp_side_lock(t, &t->writer);
	return r == -EAGAIN && end != deadline ? 0 : r;
}

/* One part from the program; a count or an error. */
static long send_part(struct tcp *t, struct socket_msg *m, size_t n, bool cork)
{
	bool more = n < m->left || m->flags & MSG_MORE;
	char small[SMALL], *to = small;
	struct part c = {small, n, NULL};
	int err;

	if (n > SMALL) {
		n = MIN(n, PAGE_SIZE << LARGE_ORDER);
		to = tcp_pages_alloc(&n, &c.page);
		if (!to)
			return -ENOBUFS;
		more = n < m->left || m->flags & MSG_MORE;
		c.p = to;
		c.n = n;
	}
	if (msg_peek_from(m, 0, to, n)) {
		err = -EFAULT;
	} else {
		/* The copy may have slept. */
		net_lock();
		err = check(t->inet.s, t, m->flags);
		if (!err)
			err = push(t, c, cork, more);
		net_unlock();
	}
	if (c.page)
		page_put(c.page);
	if (err)
		return err;
	msg_advance(m, n);
	return n;
}

static void flush(struct tcp *t)
{
	net_lock();
	if (t->pcb)
		tcp_output(t->pcb);
	net_unlock();
}

static long send_all(struct socket *s, struct tcp *t, struct socket_msg *m)
{
	bool cork = t->corked || m->flags & MSG_MORE;
	size_t total = m->left, room;
	uint64_t deadline = 0;
	bool timed = false;
	long r = 0;

	t->by_page &= m->left <= SMALL; /* headers before a file */
	while (m->left) {
		r = check(s, t, m->flags);
		if (r)
			break;
		room = t->pcb->state == SYN_SENT ? 0 : tcp_room(t);
		r = room ? send_part(t, m, MIN(room, m->left), cork) : 0;
		if (r > 0)
			continue;
		if (r < 0 && r != -ENOBUFS)
			break;
		if (!timed)
			deadline = socket_deadline(m->flags, s->sndtimeo);
		timed = true;
		r = wait_room(s, t, (int)r, deadline);
		if (r)
			break;
	}
	if (m->left != total) {
		flush(t);
		return total - m->left;
	}
	return r;
}

long tcp_sendmsg(struct socket *s, struct socket_msg *m)
{
	struct tcp *t = tcp_of(s);
	long r;

	if (m->flags & (MSG_OOB | MSG_FASTOPEN))
		return -EOPNOTSUPP;
	tcp_side_lock(t, &t->writer);
	r = m->left ? send_all(s, t, m) : check(s, t, m->flags);
	tcp_side_unlock(t, &t->writer);
	return r;
}

/* With small segments a long queue costs more than it gives. */
static bool goes_large(const struct tcp_pcb *pcb)
{
	return pcb && pcb->unacked && pcb->unacked->len > pcb->mss;
}

long tcp_send_page(struct socket *s, struct page *p, unsigned offset, size_t n,
	unsigned flags)
{
	/* What is kept back is of the last page only. */
	bool cork = (tcp_of(s)->corked || flags & MSG_MORE) &&
		    !(flags & MSG_NOTLAST);
	bool more = flags & (MSG_MORE | MSG_NOTLAST);
	struct tcp *t = tcp_of(s);
	uint64_t deadline = 0;
	bool timed = false;
	long r;

	tcp_side_lock(t, &t->writer);
	t->by_page = goes_large(t->pcb);
	while (!(r = check(s, t, flags))) {
		size_t room = t->pcb->state == SYN_SENT ? 0 : tcp_room(t);
		struct part c = {(char *)page_va(p) + offset, MIN(n, room), p};
		int err = 0;

		if (room) {
			net_lock();
			err = push(t, c, cork, more || room < n);
			if (!err && !(flags & MSG_NOTLAST))
				tcp_output(t->pcb);
			net_unlock();
			r = err ? err : (long)c.n;
			if (err != -ENOBUFS)
				break;
		}
		if (!timed)
			deadline = socket_deadline(flags, s->sndtimeo);
		timed = true;
		r = wait_room(s, t, err, deadline);
		if (r)
			break;
	}
	tcp_side_unlock(t, &t->writer);
	return r;
}
