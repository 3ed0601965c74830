/* SPDX-License-Identifier: Apache-2.0 */
/* Data of AF_UNIX sockets on its way: memory, queues, what goes along. */
#include <asm/errno.h>

#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "net/unix.h"

enum {
	SMALL = 256,           /* gathered in one piece of memory */
	PIECE = 4 * PAGE_SIZE, /* of larger data, if there is memory */
	ROOM_LEAST = 1008 - sizeof(struct unix_buf),
	ROOM_PIECE = PIECE - sizeof(struct unix_buf),
	ROOM_PAGE = PAGE_SIZE - sizeof(struct unix_buf),
};

static size_t cost_of(const struct unix_buf *b)
{
	return sizeof(*b) + b->room;
}

/* For n bytes or less of the sender's. */
struct unix_buf *unix_buf_new(struct unix_sock *from, size_t n)
{
	size_t room = MIN(MAX(n, (size_t)ROOM_LEAST), (size_t)ROOM_PIECE);
	struct unix_buf *b = kmalloc(sizeof(*b) + room);

	if (!b && room > ROOM_PAGE) {
		room = ROOM_PAGE;
		b = kmalloc(sizeof(*b) + room);
	}
	if (!b)
		return NULL;
	*b = (struct unix_buf){.from = from, .room = (uint32_t)room};
	unix_get(from);
	from->sent += cost_of(b);
	return b;
}

void unix_buf_free(struct unix_buf *b)
{
	for (struct unix_buf *more; b; b = more) {
		struct unix_sock *from = b->from;

		more = b->more;
		from->sent -= cost_of(b);
		unix_wake(from, WAITQ_OUT);
		unix_put(from);
		unix_rights_free(b->rights);
		kfree(b);
	}
}

void unix_enqueue(struct unix_sock *to, struct unix_buf *b)
{
	if (to->last)
		to->last->next = b;
	else
		to->first = b;
	to->last = b;
	to->nqueued++;
	to->queued += b->total;
}

struct unix_buf *unix_take(struct unix_sock *u)
{
	struct unix_buf *b = u->first;

	u->first = b->next;
	if (!u->first)
		u->last = NULL;
	u->nqueued--;
	u->queued -= b->total;
	b->next = NULL;
	return b;
}

/* Room in the sender's own limit. */
bool unix_may_send(const struct socket *s)
{
	const struct unix_sock *u = s->sk;

	return u->sent < (size_t)s->sndbuf;
}

/* What a message tells beside its data; takes the files. */
int unix_tell(struct socket *s, struct socket_msg *m, struct unix_buf *b)
{
	struct unix_rights *r = b->rights;
	int err = 0;

	if (s->options & SOCKET_PASSCRED)
		err = unix_put_credentials(m);
	if (!(m->flags & MSG_PEEK))
		b->rights = NULL;
	return r && !err ? unix_rights_give(m, r) : err;
}

void unix_tell_name(struct socket_msg *m, const struct unix_buf *b)
{
	const struct unix_name *n = b->from->name;

	if (!n)
		return;
	m->name_len = n->len;
	memcpy(&m->name, &n->a, MIN(n->len, sizeof(n->a)));
}

static bool has_news(const struct socket *s)
{
	const struct unix_sock *u = s->sk;

	return u->first || u->down & UNIX_NO_READ || s->error;
}

/* Waits for more: 0, or why there is none; 1 is the end. */
long unix_await(struct socket *s, uint64_t deadline)
{
	struct unix_sock *u = s->sk;
	long err;

	if (!u->first && s->error)
		return socket_take_error(s);
	if (!u->first && u->down & UNIX_NO_READ)
		return 1;
	mutex_unlock(&u->read_lock);
	err = socket_wait_for(s, WAITQ_IN, deadline, has_news(s));
	mutex_lock(&u->read_lock);
	return err;
}
