/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of sockets: addresses, pairs of connected ones, readiness. */
#ifndef SOCK_TAP_H
#define SOCK_TAP_H

#include "file-tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

static inline struct sockaddr_in sock_addr(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return a;
}

static inline struct sockaddr_in6 sock_addr6(int port)
{
	struct sockaddr_in6 a = {.sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT};

	return a;
}

#define SA(a) ((struct sockaddr *)(a))

static inline int sock_bind(int fd, int port)
{
	struct sockaddr_in a = sock_addr(port);

	return bind(fd, SA(&a), sizeof(a));
}

static inline int sock_connect(int fd, int port)
{
	struct sockaddr_in a = sock_addr(port);

	return connect(fd, SA(&a), sizeof(a));
}

/* The port that it is bound to. */
static inline int sock_port(int fd)
{
	struct sockaddr_in6 a; /* the port is at the same place in both */
	socklen_t len = sizeof(a);

	if (getsockname(fd, SA(&a), &len))
		return -1;
	return ntohs(a.sin6_port);
}

/* Listens on a port of the system's choice on loopback. */
static inline int sock_listen(int backlog)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || sock_bind(fd, 0) || listen(fd, backlog)) {
		printf("Bail out! listen: %s\n", strerror(errno));
		exit(1);
	}
	return fd;
}

/* Two ends of a TCP connection over loopback. */
static inline void sock_pair(int fd[2])
{
	int l = sock_listen(1);

	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (sock_connect(fd[0], sock_port(l)) ||
		(fd[1] = accept(l, NULL, NULL)) < 0) {
		printf("Bail out! connect: %s\n", strerror(errno));
		exit(1);
	}
	close(l);
}

/* What poll says now to all questions, after at most `ms` for `want`. */
static inline int sock_events(int fd, int want, int ms)
{
	struct pollfd p = {.fd = fd, .events = (short)want};

	if (want)
		poll(&p, 1, ms);
	p.events = POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLWRNORM |
		   POLLRDHUP;
	p.revents = 0;
	poll(&p, 1, 0);
	return p.revents;
}

/* As a line: the events by name. */
static inline void sock_show(const char *what, int fd, int want)
{
	static const struct {
		int bit;
		const char *name;
	} names[] = {{POLLIN, "IN"}, {POLLPRI, "PRI"}, {POLLOUT, "OUT"},
		{POLLERR, "ERR"}, {POLLHUP, "HUP"}, {POLLNVAL, "NVAL"},
		{POLLRDNORM, "RDNORM"}, {POLLWRNORM, "WRNORM"},
		{POLLRDHUP, "RDHUP"}};
	int ev = sock_events(fd, want, 5000);

	printf("# poll %s:", what);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (ev & names[i].bit)
			printf(" %s", names[i].name);
	printf("\n");
}

/* An option that is an int. */
static inline int sock_get(int fd, int level, int name)
{
	int v = -1;
	socklen_t len = sizeof(v);

	return getsockopt(fd, level, name, &v, &len) ? -1 : v;
}

static inline int sock_set(int fd, int level, int name, int v)
{
	return setsockopt(fd, level, name, &v, sizeof(v));
}

#endif
