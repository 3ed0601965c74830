/* SPDX-License-Identifier: Apache-2.0 */
/* IPv6 sockets, with addresses of IPv4 and without. */
#include "sock-tap.h"

static void show(const char *what, const struct sockaddr_in6 *a)
{
	char text[64];

	printf("# %s: %s\n", what,
		a->sin6_family == AF_INET6
			? inet_ntop(AF_INET6, &a->sin6_addr, text, sizeof(text))
			: "not IPv6");
}

static int listen6(int only)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	if (only >= 0)
		CALL(sock_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, only));
	CALL(bind(fd, SA(&any), sizeof(any)));
	CALL(sock_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	CALL(listen(fd, 5));
	return fd;
}

static void accepted(int l)
{
	struct sockaddr_in6 a;
	socklen_t len = sizeof(a);
	int fd;

	sock_events(l, POLLIN, 5000);
	fd = OPEN(accept(l, SA(&a), &len));
	CHECK(len == sizeof(a));
	show("peer", &a);
	len = sizeof(a);
	CALL(getsockname(fd, SA(&a), &len));
	show("local", &a);
	CALL(write(fd, "x", 1));
	close(fd);
}

static void dual(void)
{
	int l = listen6(0), fd, port = sock_port(l);
	struct sockaddr_in6 a = sock_addr6(port);
	struct sockaddr_in four = {
		.sin_family = AF_INET, .sin_port = htons(port)};
	socklen_t len = sizeof(a);
	char c;

	fd = socket(AF_INET6, SOCK_STREAM, 0);
	CALL(connect(fd, SA(&a), sizeof(a)));
	accepted(l);
	CALL(read(fd, &c, 1));
	close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CALL(sock_connect(fd, port));
	accepted(l);
	CALL(read(fd, &c, 1));
	close(fd);
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.sin6_addr);
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	CALL(connect(fd, SA(&a), sizeof(a)));
	CALL(getpeername(fd, SA(&a), &len));
	show("mapped peer", &a);
	accepted(l);
	close(fd);
	/* One port for both families. */
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CALL(bind(fd, SA(&four), sizeof(four)));
	close(fd);
	close(l);
}

static void only(void)
{
	int l = listen6(1), four = socket(AF_INET, SOCK_STREAM, 0), fd;
	int port = sock_port(l);
	struct sockaddr_in any = {
		.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 a = sock_addr6(port);

	CALL(bind(four, SA(&any), sizeof(any)));
	CALL(listen(four, 5));
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	CALL(connect(fd, SA(&a), sizeof(a)));
	accepted(l);
	close(fd);
	close(four);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CALL(sock_connect(fd, port));
	close(fd);
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	sock_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.sin6_addr);
	CALL(connect(fd, SA(&a), sizeof(a)));
	CALL(bind(fd, SA(&a), sizeof(a)));
	close(fd);
	close(l);
}

static void wrong(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 a = sock_addr6(0);
	struct sockaddr_in four = sock_addr(0);

	CALL(bind(fd, SA(&a), 23));
	CALL(bind(fd, SA(&four), sizeof(four)));
	inet_pton(AF_INET6, "2001:db8::77", &a.sin6_addr);
	CALL(bind(fd, SA(&a), sizeof(a)));
	inet_pton(AF_INET6, "fe80::77", &a.sin6_addr);
	CALL(bind(fd, SA(&a), sizeof(a)));
	a = sock_addr6(0);
	CALL(bind(fd, SA(&a), 24));
	close(fd);
}

int main(void)
{
	dual();
	only();
	wrong();
	return tap_done();
}
