/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the guest: takes connections on port 7000 and serves all by epoll. A
 * peer says how many bytes it sends and how many it wants (two numbers of
 * four bytes), sends, and reads. What it sends must be the pattern.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "socket-pattern.h"

struct peer {
	int fd;
	uint32_t want[2]; /* up, down */
	size_t head, up, down;
};

static int poller, served;

static void done(struct peer *p, const char *why)
{
	if (why)
		printf("# peer: %s\n", why);
	else
		served++;
	close(p->fd);
	free(p);
}

/* 1: there may be more, 0: nothing now, -1: the peer has gone. */
static int take(struct peer *p)
{
	static unsigned char b[65536];
	size_t room = sizeof(p->want) - p->head;
	long r;

	if (room) {
		r = read(p->fd, (char *)p->want + p->head, room);
		if (r <= 0)
			return r < 0 && errno == EAGAIN ? 0 : -1;
		p->head += r;
		return 1;
	}
	r = read(p->fd, b, sizeof(b));
	if (r <= 0) {
		if (r < 0 && errno == EAGAIN)
			return 0;
		done(p, r || p->up != p->want[0] || p->down != p->want[1]
				? "ends early"
				: NULL);
		return -2;
	}
	if (pattern_wrong(b, p->up, r)) {
		done(p, "wrong bytes");
		return -2;
	}
	p->up += r;
	return 1;
}

static void give(struct peer *p)
{
	static unsigned char b[32768];

	while (p->head == sizeof(p->want) && p->up == p->want[0] &&
		p->down < p->want[1]) {
		size_t n = p->want[1] - p->down;
		long r;

		n = n < sizeof(b) ? n : sizeof(b);
		pattern_fill(b, p->down, n);
		r = send(p->fd, b, n, MSG_NOSIGNAL);
		if (r <= 0)
			return;
		p->down += r;
	}
}

static void serve(struct peer *p)
{
	int more;

	while ((more = take(p)) == 1)
		;
	if (more == -1)
		done(p, "gone");
	else if (!more)
		give(p);
}

static void greet(int l)
{
	struct epoll_event e = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
	int fd;

	while ((fd = accept4(l, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct peer *p = calloc(1, sizeof(*p));

		p->fd = fd;
		e.data.ptr = p;
		epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
	}
}

int main(int argc, char **argv)
{
	int l = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int want = argc > 1 ? atoi(argv[1]) : 1;
	struct sockaddr_in6 a = {
		.sin6_family = AF_INET6, .sin6_port = htons(7000)};
	struct epoll_event e = {.events = EPOLLIN}, got[64];

	poller = epoll_create1(0);
	if (bind(l, (struct sockaddr *)&a, sizeof(a)) || listen(l, 511) ||
		epoll_ctl(poller, EPOLL_CTL_ADD, l, &e)) {
		perror("listen");
		return 1;
	}
	printf("ready\n");
	fflush(stdout);
	while (served < want) {
		int n = epoll_wait(poller, got, 64, -1);

		for (int i = 0; i < n; i++) {
			if (got[i].data.ptr)
				serve(got[i].data.ptr);
			else
				greet(l);
		}
	}
	printf("served %d\n", served);
	return 0;
}
