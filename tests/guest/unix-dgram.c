/* SPDX-License-Identifier: Apache-2.0 */
/* AF_UNIX: datagrams, autobind, epoll on sockets. */
#include "unix-tap.h"

#include <sys/epoll.h>

static char buf[300000];

static long receive(int fd, size_t size, int flags)
{
	struct sockaddr_un a;
	socklen_t n = sizeof(a);
	long r = recvfrom(fd, buf, size, flags | MSG_DONTWAIT, (void *)&a, &n);

	if (r >= 0) {
		printf("# \"%.*s\"\n", (int)(r < 20 ? r : 20), buf);
		unix_show(&a, n);
	}
	return r;
}

static void names(void)
{
	int a, b, c;

	OPEN(a = socket(AF_UNIX, SOCK_DGRAM, 0));
	OPEN(b = socket(AF_UNIX, SOCK_DGRAM, 0));
	OPEN(c = socket(AF_UNIX, SOCK_STREAM, 0));
	CALL(unix_ready(a));
	CALL(listen(a, 1));
	CALL(accept(a, NULL, NULL));
	CALL(unix_bind(a, "a"));
	CALL(unix_bind(b, "a"));
	CALL(unix_bind(b, "@slipway-dgram-b"));
	CALL(unix_connect(c, "a"));
	CALL(unix_connect(c, "@slipway-dgram-b"));
	CALL(send(a, "x", 1, 0));
	CALL(unix_send(a, "to b", "@slipway-dgram-b"));
	CALL(unix_send(a, "to nobody", "@slipway-nobody"));
	CALL(unix_send(a, "to nobody", "nobody"));
	CALL(unix_send(b, "to a", "a"));
	CALL(unix_send(b, "", "a"));
	CALL(unix_ready(a));
	CALL(receive(a, 100, MSG_PEEK));
	CALL(receive(a, 2, MSG_TRUNC));
	CALL(receive(a, 100, 0));
	CALL(receive(a, 100, 0));
	CALL(receive(b, 100, 0));
	/* A name moves with its file. */
	CALL(rename("a", "z"));
	CALL(unix_send(b, "x", "a"));
	CALL(unix_send(b, "moved", "z"));
	CALL(receive(a, 100, 0));
	CALL(symlink("z", "link"));
	CALL(unix_send(b, "linked", "link"));
	CALL(receive(a, 100, 0));
	CALL(close(a));
	CALL(unix_send(b, "x", "z"));
	CALL(unlink("z"));
	CALL(close(b));
	CALL(close(c));
}

static void autobind(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX}, a;
	socklen_t n = sizeof(a);
	int s, t;

	OPEN(s = socket(AF_UNIX, SOCK_DGRAM, 0));
	OPEN(t = socket(AF_UNIX, SOCK_DGRAM, 0));
	CALL(bind(s, (void *)&name, sizeof(sa_family_t)));
	CALL(bind(t, (void *)&name, sizeof(sa_family_t)));
	CALL(bind(t, (void *)&name, sizeof(sa_family_t)));
	CALL(getsockname(s, (void *)&a, &n));
	CALL(n);
	CALL(a.sun_path[0]);
	CALL(connect(t, (void *)&a, n));
	CALL(send(t, "hi", 2, 0));
	n = sizeof(a);
	CALL(recvfrom(s, buf, 9, 0, (void *)&a, &n));
	CALL(n);
	CALL(sendto(s, "back", 4, 0, (void *)&a, n));
	CALL(recv(t, buf, 9, 0));
	CALL(close(s));
	CALL(send(t, "hi", 2, 0));
	CALL(send(t, "hi", 2, 0));
	CALL(close(t));
}

static void connected(void)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	int a, b, c;

	OPEN(a = socket(AF_UNIX, SOCK_DGRAM, 0));
	OPEN(b = socket(AF_UNIX, SOCK_DGRAM, 0));
	OPEN(c = socket(AF_UNIX, SOCK_DGRAM, 0));
	CALL(unix_bind(a, "a"));
	CALL(unix_bind(b, "b"));
	CALL(unix_bind(c, "c"));
	CALL(unix_connect(a, "b"));
	CALL(unix_name(a, 1));
	CALL(unix_send(c, "no", "a"));
	CALL(unix_connect(c, "a"));
	CALL(unix_connect(b, "a"));
	CALL(send(b, "yes", 3, 0));
	CALL(receive(a, 9, 0));
	CALL(send(b, "lost", 4, 0));
	CALL(unix_connect(a, "c"));
	CALL(receive(a, 9, 0));
	CALL(unix_ready(b));
	CALL(unix_option(b, SO_ERROR));
	CALL(send(b, "no", 2, 0));
	CALL(connect(a, &none, sizeof(none)));
	CALL(unix_name(a, 1));
	CALL(send(b, "again", 5, 0));
	CALL(receive(a, 9, 0));
	CALL(shutdown(b, SHUT_WR));
	CALL(send(b, "x", 1, MSG_NOSIGNAL));
	CALL(shutdown(a, SHUT_RD));
	CALL(unix_ready(a));
	CALL(receive(a, 9, 0));
	CALL(unix_send(c, "x", "a"));
	CALL(close(a));
	CALL(close(b));
	CALL(close(c));
}

static void pairs(void)
{
	int p[2], n, i;

	CALL(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, p));
	CALL(send(p[0], "abc", 3, 0));
	CALL(send(p[0], "de", 2, 0));
	CALL(ioctl(p[1], FIONREAD, &n));
	CALL(n);
	CALL(recv(p[1], buf, 9, 0));
	CALL(recv(p[1], buf, 9, 0));
	CALL(recv(p[1], buf, 9, 0));
	CALL(send(p[0], buf, sizeof(buf), 0));
	CALL(send(p[0], buf, 150000, 0));
	CALL(recv(p[1], buf, sizeof(buf), 0));
	for (i = 0; i < 100000 && send(p[0], buf, 1000, 0) > 0; i++)
		;
	CALL(errno == EAGAIN && i > 1 && i < 1000);
	CALL(unix_ready(p[0]));
	while (recv(p[1], buf, 2000, 0) > 0)
		i--;
	CALL(i);
	CALL(unix_ready(p[0]));
	CALL(close(p[1]));
	CALL(unix_ready(p[0]));
	CALL(send(p[0], "x", 1, 0));
	CALL(send(p[0], "x", 1, 0));
	CALL(close(p[0]));
}

/* A sender who is waited for learns of room, and of the end. */
static void epolls(void)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
	int ep = epoll_create1(0), p[2];

	CALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p));
	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
	CALL(epoll_wait(ep, &e, 1, 0));
	CALL(e.events);
	while (send(p[0], buf, 4000, 0) > 0)
		;
	CALL(epoll_wait(ep, &e, 1, 0));
	while (recv(p[1], buf, sizeof(buf), 0) > 0)
		;
	CALL(epoll_wait(ep, &e, 1, 0));
	CALL(e.events);
	CALL(epoll_wait(ep, &e, 1, 0));
	CALL(send(p[1], "x", 1, 0));
	CALL(epoll_wait(ep, &e, 1, 0));
	CALL(e.events);
	CALL(close(p[1]));
	CALL(epoll_wait(ep, &e, 1, 0));
	CALL(e.events);
	CALL(epoll_wait(ep, &e, 1, 0));
	CALL(close(p[0]));
	CALL(epoll_wait(ep, &e, 1, 0));
	CALL(close(ep));
}

static void limits(void)
{
	struct timeval t = {0, 20000};
	int p[2];

	CALL(socketpair(AF_UNIX, SOCK_DGRAM, 0, p));
	CALL(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)));
	CALL(recv(p[0], buf, 9, 0));
	CALL(close(p[0]));
	CALL(close(p[1]));
	CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	CALL(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)));
	CALL(recv(p[0], buf, 9, 0));
	CALL(send(p[1], "abc", 3, 0));
	CALL(recv(p[0], buf, 9, MSG_WAITALL));
	CALL(setsockopt(p[0], SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)));
	CALL(send(p[0], buf, sizeof(buf), 0) < (long)sizeof(buf));
	CALL(send(p[0], buf, sizeof(buf), 0));
	CALL(close(p[0]));
	CALL(close(p[1]));
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	tap_enter("unix-dgram");
	names();
	autobind();
	connected();
	pairs();
	epolls();
	limits();
	return tap_done();
}
