/* SPDX-License-Identifier: Apache-2.0 */
/* Passes IPv6 peers on to a port of 127.0.0.1: listeners and TCP. */
#include "vm/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "vm/relay_udp.h"

enum { CHUNK = 32768, ROUNDS = 16, EVENTS = 32, BACKLOG = 4096 };

enum kind { LISTENER, PIPE };

/* First in what epoll's events point to. */
struct source {
	enum kind kind;
	int dead; /* freed after the events at hand */
	struct source *next;
};

struct listener {
	struct source s;
	int fd;
	uint16_t port;
	struct relay_udp *udp; /* NULL: TCP */
};

/* What goes to fd and came from the other end. */
struct end {
	int fd;
	char *buf;
	size_t at, len;
	int eof;  /* nothing more comes */
	int shut; /* and it was told so */
};

struct pipe {
	struct source s;
	struct end end[2]; /* the peer, the port */
	int connected;     /* to the port */
};

struct relay {
	int epoll;
	struct source *all;
	int paused; /* out of descriptors: no connection is taken */
	int died;   /* some of all are dead */
};

static void source_add(struct relay *r, struct source *s)
{
	s->next = r->all;
	r->all = s;
}

static int watch(struct relay *r, int fd, unsigned events, void *p)
{
	struct epoll_event e = {.events = events, .data.ptr = p};

	return epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

struct relay *relay_new(void)
{
	struct relay *r = xcalloc(1, sizeof(*r));

	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	return r;
}

int relay_fd(const struct relay *r)
{
	return r->epoll;
}

static void end_source(struct source *s)
{
	struct listener *l = (struct listener *)(void *)s;
	struct pipe *p = (struct pipe *)(void *)s;

	if (s->kind == LISTENER) {
		relay_udp_free(l->udp);
		mem_close_p(&l->fd);
	} else {
		for (int i = 0; i < 2; i++) {
			mem_close_p(&p->end[i].fd);
			free(p->end[i].buf);
		}
	}
	free(s);
}

/* Frees the dead, or all. */
static void sweep(struct relay *r, int all)
{
	struct source **at = &r->all, *s;

	while ((s = *at) != NULL) {
		if (all || s->dead) {
			*at = s->next;
			end_source(s);
		} else {
			at = &s->next;
		}
	}
}

void relay_free(struct relay *r)
{
	if (!r)
		return;
	sweep(r, 1);
	mem_close_p(&r->epoll);
	free(r);
}

static void reset(int fd)
{
	struct linger now = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void pipe_end(struct relay *r, struct pipe *p)
{
	p->s.dead = 1;
	r->died = 1;
}

/* Ended by an error: the other end learns it as a reset. */
static void pipe_break(struct relay *r, struct pipe *p)
{
	reset(p->end[0].fd);
	reset(p->end[1].fd);
	pipe_end(r, p);
}

/* Moves bytes towards `to`: 1 if any did, 0, or -1 at an error. */
static int pump(struct end *to, struct end *from)
{
	ssize_t n;
	int moved = 0;

	if (to->len == 0 && !to->eof) {
		n = read(from->fd, to->buf, CHUNK);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n >= 0)
			moved = 1;
		if (n == 0)
			to->eof = 1;
		to->at = 0;
		to->len = n > 0 ? (size_t)n : 0;
	}
	if (to->len) {
		n = send(to->fd, to->buf + to->at, to->len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n > 0) {
			to->at += (size_t)n;
			to->len -= (size_t)n;
			moved = 1;
		}
	}
	if (to->eof && !to->len && !to->shut) {
		shutdown(to->fd, SHUT_WR);
		to->shut = 1;
	}
	return moved;
}

/* 1: the port took the connection, 0: not yet, -1: it does not. */
static int finish_connect(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	int err = 0;

	if (getpeername(fd, (struct sockaddr *)(void *)&a, &len) == 0)
		return 1;
	len = sizeof(err);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err ? -1 : 0;
}

/* Events are edges: all that can move does, or is asked for again. */
static void pipe_work(struct relay *r, struct pipe *p)
{
	struct end *a = &p->end[0], *b = &p->end[1];
	struct epoll_event e = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.ptr = p,
	};
	int x = 1, y = 1;

	if (p->connected <= 0)
		p->connected = finish_connect(b->fd);
	if (p->connected < 0)
		pipe_break(r, p);
	if (p->connected <= 0)
		return;
	for (int i = 0; i < ROUNDS && (x > 0 || y > 0); i++) {
		x = pump(b, a);
		y = pump(a, b);
		if (x < 0 || y < 0) {
			pipe_break(r, p);
			return;
		}
	}
	if (a->shut && b->shut)
		pipe_end(r, p);
	else if (x > 0 || y > 0)
		epoll_ctl(r->epoll, EPOLL_CTL_MOD, a->fd, &e);
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 &&
		connect(fd, (struct sockaddr *)(void *)&a, sizeof(a)) < 0 &&
		errno != EINPROGRESS) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static size_t npipes(const struct relay *r)
{
	size_t n = 0;

	for (const struct source *s = r->all; s; s = s->next)
		n += s->kind == PIPE;
	return n;
}

static void take_connection(struct relay *r, struct listener *l)
{
	const unsigned events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
	int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct pipe *p;
	int to;

	if (fd < 0) {
		/* Until one of ours ends; a failed peer is nothing. */
		r->paused = (errno == EMFILE || errno == ENFILE) && npipes(r);
		return;
	}
	to = connect_to(l->port);
	if (to < 0) {
		reset(fd);
		close(fd);
		return;
	}
	p = xcalloc(1, sizeof(*p));
	p->s.kind = PIPE;
	p->end[0].fd = fd;
	p->end[1].fd = to;
	p->end[0].buf = xmalloc(CHUNK);
	p->end[1].buf = xmalloc(CHUNK);
	source_add(r, &p->s);
	if (watch(r, fd, events, p) < 0 || watch(r, to, events, p) < 0)
		pipe_break(r, p);
}

static void set_paused(struct relay *r, int paused)
{
	struct epoll_event e = {.events = paused ? 0 : EPOLLIN};

	for (struct source *s = r->all; s; s = s->next) {
		struct listener *l = (struct listener *)(void *)s;

		e.data.ptr = l;
		if (s->kind == LISTENER && !l->udp)
			epoll_ctl(r->epoll, EPOLL_CTL_MOD, l->fd, &e);
	}
}

void relay_work(struct relay *r)
{
	struct epoll_event ev[EVENTS];
	int n = epoll_wait(r->epoll, ev, EVENTS, 0);
	int was = r->paused;

	for (int i = 0; i < n; i++) {
		struct source *s = ev[i].data.ptr;
		struct listener *l = ev[i].data.ptr;

		if (s->dead)
			continue;
		if (s->kind == PIPE)
			pipe_work(r, ev[i].data.ptr);
		else if (l->udp)
			relay_udp_work(l->udp);
		else if (!r->paused)
			take_connection(r, l);
	}
	if (r->died) {
		sweep(r, 0);
		r->died = r->paused = 0;
	}
	if (was != r->paused)
		set_paused(r, r->paused);
}

static int listen_at(const struct sockaddr_in6 *at, int udp)
{
	_close_ int fd = socket(AF_INET6,
		(udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0);
	int on = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (!udp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)(const void *)at, sizeof(*at)) <
			0 ||
		(!udp && listen(fd, BACKLOG) < 0))
		return -errno;
	return steal_fd(fd);
}

int relay_open(
	struct relay *r, int udp, const struct sockaddr_in6 *at, uint16_t port)
{
	struct listener *l;
	int fd = listen_at(at, udp), err;

	if (fd < 0)
		return fd;
	l = xcalloc(1, sizeof(*l));
	l->s.kind = LISTENER;
	l->fd = fd;
	l->port = port;
	if (udp)
		l->udp = relay_udp_new(fd, port);
	source_add(r, &l->s);
	err = watch(r, udp ? relay_udp_fd(l->udp) : fd,
		r->paused && !udp ? 0 : EPOLLIN, l);
	if (err < 0) {
		l->s.dead = 1;
		sweep(r, 0);
		return err;
	}
	return fd;
}

void relay_close(struct relay *r, int id)
{
	for (struct source *s = r->all; s; s = s->next) {
		struct listener *l = (struct listener *)(void *)s;

		if (s->kind == LISTENER && l->fd == id)
			s->dead = 1;
	}
	sweep(r, 0);
}

int relay_unsent(const struct relay *r)
{
	for (const struct source *s = r->all; s; s = s->next) {
		const struct pipe *p = (const struct pipe *)(const void *)s;

		if (s->kind == PIPE && !s->dead && p->connected > 0 &&
			!p->end[0].shut)
			return 1;
	}
	return 0;
}
