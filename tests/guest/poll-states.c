/* SPDX-License-Identifier: Apache-2.0 */
/* What poll and epoll say of TCP and UDP sockets in each of their states. */
#include "file-tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define ALL (POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLRDNORM | POLLWRNORM)

static char buf[65536];

static void show(const char *what, int fd)
{
	struct pollfd p = {.fd = fd, .events = ALL};

	poll(&p, 1, 0);
	printf("# %s: %x\n", what, p.revents);
}

/* The same after something that takes its way through the stack: until
 * `events` are there. */
static void show_when(const char *what, int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	for (int i = 0; i < 500; i++) {
		poll(&p, 1, 20);
		if ((p.revents & events) == events)
			break;
	}
	show(what, fd);
}

static struct sockaddr_in any_port(void)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int listener(struct sockaddr_in *a)
{
	int l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	socklen_t n = sizeof(*a);

	*a = any_port();
	if (bind(l, (void *)a, sizeof(*a)) || listen(l, 5) ||
		getsockname(l, (void *)a, &n))
		printf("not ok - a listener: %s\n", strerror(errno));
	return l;
}

static int option(int fd, int name)
{
	int v = -1;
	socklen_t n = sizeof(v);

	getsockopt(fd, SOL_SOCKET, name, &v, &n);
	return v;
}

/* A connection: the client's end, and the server's in *s. */
static int connection(int *s)
{
	struct sockaddr_in a;
	int l = listener(&a), c = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(c, (void *)&a, sizeof(a)))
		printf("not ok - connect: %s\n", strerror(errno));
	show_when("listener with a connection", l, POLLIN);
	*s = accept4(l, NULL, NULL, 0);
	show("listener after accept", l);
	close(l);
	return c;
}

static void fresh(void)
{
	struct sockaddr_in a;
	int s = socket(AF_INET, SOCK_STREAM, 0), l;

	show("fresh TCP socket", s);
	a = any_port();
	CALL(bind(s, (void *)&a, sizeof(a)));
	show("bound TCP socket", s);
	CALL(recv(s, buf, 1, 0));
	CALL(send(s, buf, 1, MSG_NOSIGNAL));
	close(s);
	l = listener(&a);
	show("listener", l);
	CALL(recv(l, buf, 1, 0));
	close(l);
	s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	/* Nobody listens there now. */
	connect(s, (void *)&a, sizeof(a));
	show_when("refused connection", s, POLLERR);
	CALL(option(s, SO_ERROR));
	CALL(option(s, SO_ERROR));
	show("refused connection after SO_ERROR", s);
	close(s);
}

static void ends(void)
{
	int s, c = connection(&s);

	show("connected", c);
	CALL(send(s, "abc", 3, 0));
	show_when("with data", c, POLLIN);
	CALL(shutdown(s, SHUT_WR));
	show_when("with data and end", c, POLLRDHUP);
	show("own half closed", s);
	CALL(recv(c, buf, 9, 0));
	show("after the data", c);
	CALL(recv(c, buf, 9, 0));
	show("after the end", c);
	CALL(send(c, "still", 5, 0));
	show_when("half closed, with data", s, POLLIN);
	CALL(shutdown(c, SHUT_WR));
	show_when("both closed, with data", s, POLLHUP);
	show_when("both closed", c, POLLHUP);
	CALL(recv(s, buf, 9, 0));
	CALL(recv(s, buf, 9, 0));
	show("both closed, all read", s);
	CALL(send(s, "x", 1, MSG_NOSIGNAL));
	close(s);
	close(c);
	c = connection(&s);
	CALL(shutdown(c, SHUT_RD));
	show("own reading shut", c);
	CALL(recv(c, buf, 9, 0));
	close(c);
	close(s);
}

static void resets(void)
{
	struct linger now = {1, 0};
	int s, c = connection(&s);

	CALL(setsockopt(s, SOL_SOCKET, SO_LINGER, &now, sizeof(now)));
	close(s);
	show_when("reset", c, POLLERR);
	CALL(recv(c, buf, 9, 0));
	show("reset, error taken", c);
	CALL(recv(c, buf, 9, 0));
	CALL(send(c, "x", 1, MSG_NOSIGNAL));
	close(c);
	/* A close with unread data is a reset, too. */
	c = connection(&s);
	CALL(send(c, "abc", 3, 0));
	show_when("with data", s, POLLIN);
	close(s);
	show_when("closed with unread data", c, POLLERR);
	CALL(option(c, SO_ERROR));
	show("its error taken", c);
	close(c);
	/* Data for one that is closed. */
	c = connection(&s);
	close(s);
	show_when("closed", c, POLLRDHUP);
	CALL(send(c, "abc", 3, 0));
	show_when("closed, answered by a reset", c, POLLHUP);
	CALL(send(c, "abc", 3, MSG_NOSIGNAL) == -1);
	close(c);
}

static void full(void)
{
	struct epoll_event e = {.events = EPOLLOUT | EPOLLET};
	int s, c = connection(&s), ep = epoll_create1(0);
	long sent = 0, got = 0, n;

	CALL(fcntl(c, F_SETFL, O_NONBLOCK));
	CALL(fcntl(s, F_SETFL, O_NONBLOCK));
	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, c, &e));
	CALL(epoll_wait(ep, &e, 1, 1000));
	/* The reader's window fills, then the own buffer. */
	for (int idle = 0; idle < 20;) {
		n = send(c, buf, sizeof(buf), 0);
		if (n > 0)
			sent += n;
		else
			idle += poll(NULL, 0, 5) == 0;
	}
	CHECK(sent > 0);
	show("full", c);
	while (epoll_wait(ep, &e, 1, 0) > 0)
		;
	while (got < sent) {
		n = recv(s, buf, sizeof(buf), 0);
		if (n > 0)
			got += n;
		else if (poll(&(struct pollfd){.fd = s, .events = POLLIN}, 1,
				 10000) != 1)
			break;
	}
	CHECK(got == sent);
	CALL(epoll_wait(ep, &e, 1, 10000));
	CALL(e.events);
	show_when("empty again", c, POLLOUT);
	close(s);
	close(c);
	close(ep);
}

/* Edges come once for each thing that happens. */
static void edges(void)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET};
	int s, c = connection(&s), ep = epoll_create1(0);

	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, c, &e));
	CALL(epoll_wait(ep, &e, 1, 0));
	CALL(send(s, "abc", 3, 0));
	CALL(epoll_wait(ep, &e, 1, 10000));
	CALL(e.events);
	CALL(epoll_wait(ep, &e, 1, 50));
	CALL(recv(c, buf, 1, 0));
	CALL(epoll_wait(ep, &e, 1, 50));
	CALL(send(s, "d", 1, 0));
	CALL(epoll_wait(ep, &e, 1, 10000));
	CALL(e.events);
	CALL(send(c, "x", 1, 0));
	CALL(recv(s, buf, 9, 0));
	CALL(epoll_wait(ep, &e, 1, 50));
	CALL(close(s));
	CALL(epoll_wait(ep, &e, 1, 10000));
	CALL(e.events);
	CALL(recv(c, buf, 9, 0));
	CALL(recv(c, buf, 9, 0));
	CALL(epoll_wait(ep, &e, 1, 50));
	close(c);
	close(ep);
}

static void datagrams(void)
{
	struct sockaddr_in a = any_port(), b = any_port();
	socklen_t n = sizeof(a);
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	int c = socket(AF_INET, SOCK_DGRAM, 0), size = -1;

	show("UDP socket", s);
	CALL(bind(s, (void *)&a, sizeof(a)));
	CALL(getsockname(s, (void *)&a, &n));
	CALL(bind(c, (void *)&b, sizeof(b)));
	CALL(connect(c, (void *)&a, sizeof(a)));
	CALL(send(c, "hello", 5, 0));
	show_when("UDP with data", s, POLLIN);
	CALL(ioctl(s, FIONREAD, &size));
	CALL(size);
	CALL(recv(s, buf, 9, 0));
	show("UDP without data", s);
	CALL(send(c, "", 0, 0));
	show_when("UDP with nothing in it", s, POLLIN);
	CALL(recv(s, buf, 9, 0));
	close(s);
	CALL(send(c, "hello", 5, 0));
	show_when("UDP refused", c, POLLERR);
	CALL(recv(c, buf, 9, MSG_DONTWAIT));
	show("UDP, error taken", c);
	CALL(shutdown(c, SHUT_RDWR));
	show("UDP shut", c);
	close(c);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	fresh();
	ends();
	resets();
	full();
	edges();
	datagrams();
	return tap_done();
}
