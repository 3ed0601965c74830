/* SPDX-License-Identifier: Apache-2.0 */
/* A port of this machine for tests of lib/vm; behind cmocka.h. */
#ifndef TESTS_VM_PORT_H
#define TESTS_VM_PORT_H

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket of the type at a loopback address, which listens if it can, and
 * its port; -1 where the family is not there. */
static int bound(int type, int family, unsigned *port)
{
	struct sockaddr_in6 a6 = {
		.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	struct sockaddr_in a4 = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(family, type, 0);
	struct sockaddr *a = family == AF_INET6
				     ? (struct sockaddr *)(void *)&a6
				     : (struct sockaddr *)(void *)&a4;
	socklen_t len = family == AF_INET6 ? sizeof(a6) : sizeof(a4);

	if (fd < 0 || bind(fd, a, len) < 0 || getsockname(fd, a, &len) < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 8), 0);
	*port = ntohs(family == AF_INET6 ? a6.sin6_port : a4.sin_port);
	return fd;
}

#endif
