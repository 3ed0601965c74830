/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of AF_UNIX share. */
#ifndef UNIX_TAP_H
#define UNIX_TAP_H

#include "file-tap.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

/* An address: a path, or an abstract name after '@'. */
static inline socklen_t unix_addr(struct sockaddr_un *a, const char *name)
{
	size_t n = strlen(name);

	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	memcpy(a->sun_path, name, n);
	if (*name == '@')
		a->sun_path[0] = 0;
	return offsetof(struct sockaddr_un, sun_path) + n + (*name != '@');
}

static inline int unix_bind(int fd, const char *name)
{
	struct sockaddr_un a;
	socklen_t n = unix_addr(&a, name);

	return bind(fd, (void *)&a, n);
}

static inline int unix_connect(int fd, const char *name)
{
	struct sockaddr_un a;
	socklen_t n = unix_addr(&a, name);

	return connect(fd, (void *)&a, n);
}

static inline long unix_send(int fd, const char *text, const char *name)
{
	struct sockaddr_un a;
	socklen_t n = unix_addr(&a, name);

	return sendto(fd, text, strlen(text), MSG_DONTWAIT, (void *)&a, n);
}

static inline void unix_show(const struct sockaddr_un *a, socklen_t n)
{
	printf("# name of %u: \"", n);
	for (socklen_t i = 2; i < n && i < sizeof(*a); i++) {
		char c = ((const char *)a)[i];

		putchar(c >= ' ' ? c : '@');
	}
	printf("\"\n");
}

static inline int unix_name(int fd, int peer)
{
	struct sockaddr_un a;
	socklen_t n = sizeof(a);
	int r = peer ? getpeername(fd, (void *)&a, &n)
		     : getsockname(fd, (void *)&a, &n);

	if (!r)
		unix_show(&a, n);
	return r;
}

/* What poll says of it. */
static inline int unix_ready(int fd)
{
	struct pollfd p = {
		.fd = fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP};

	poll(&p, 1, 0);
	return p.revents;
}

static inline int unix_option(int fd, int name)
{
	int v = -1;
	socklen_t n = sizeof(v);

	return getsockopt(fd, SOL_SOCKET, name, &v, &n) ? -1 : v;
}

static inline int unix_set(int fd, int name, int v)
{
	return setsockopt(fd, SOL_SOCKET, name, &v, sizeof(v));
}

#endif
