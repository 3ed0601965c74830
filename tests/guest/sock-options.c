/* SPDX-License-Identifier: Apache-2.0 */
/* Options of sockets: defaults, setting, wrong values and lengths. */
#include "sock-tap.h"

#include <netinet/ip.h>

struct option {
	const char *name;
	int level, number, value;
};

#define O(level, name, value)             \
	{                                 \
#name, level, name, value \
	}

/* Set to a value, asked before and after. */
static const struct option both[] = {
	O(SOL_SOCKET, SO_REUSEADDR, 1),
	O(SOL_SOCKET, SO_REUSEPORT, 5),
	O(SOL_SOCKET, SO_KEEPALIVE, 1),
	O(SOL_SOCKET, SO_BROADCAST, 1),
	O(SOL_SOCKET, SO_RCVLOWAT, 7),
	O(SOL_SOCKET, SO_SNDBUF, 30000),
	O(SOL_SOCKET, SO_RCVBUF, 30000),
	O(SOL_SOCKET, SO_SNDBUF, 1),
	O(SOL_SOCKET, SO_RCVBUF, 1),
	O(SOL_SOCKET, SO_ACCEPTCONN, 1),
	O(SOL_SOCKET, SO_TYPE, 1),
	O(SOL_SOCKET, SO_DOMAIN, 1),
	O(SOL_SOCKET, SO_PROTOCOL, 1),
	O(SOL_SOCKET, SO_ERROR, 1),
	O(SOL_SOCKET, SO_SNDLOWAT, 1),
	O(IPPROTO_TCP, TCP_NODELAY, 1),
	O(IPPROTO_TCP, TCP_CORK, 1),
	O(IPPROTO_TCP, TCP_KEEPIDLE, 60),
	O(IPPROTO_TCP, TCP_KEEPIDLE, 0),
	O(IPPROTO_TCP, TCP_KEEPIDLE, 40000),
	O(IPPROTO_TCP, TCP_KEEPINTVL, 10),
	O(IPPROTO_TCP, TCP_KEEPCNT, 3),
	O(IPPROTO_TCP, TCP_KEEPCNT, 128),
	O(IPPROTO_TCP, TCP_USER_TIMEOUT, 5000),
	O(IPPROTO_TCP, TCP_USER_TIMEOUT, -1),
	O(IPPROTO_IP, IP_TTL, 12),
	O(IPPROTO_IP, IP_TTL, 0),
	O(IPPROTO_IP, IP_TTL, 256),
	O(IPPROTO_IP, IP_TTL, -1),
	O(IPPROTO_IP, IP_TOS, 0x10),
	O(IPPROTO_IP, IP_FREEBIND, 1),
	O(IPPROTO_IP, IP_MULTICAST_TTL, 5),
	O(IPPROTO_IP, IP_MULTICAST_LOOP, 0),
	O(IPPROTO_IPV6, IPV6_V6ONLY, 1),
	O(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 9),
	O(IPPROTO_IPV6, IPV6_TCLASS, 4),
	O(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1),
	O(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 9),
	O(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0),
	O(SOL_SOCKET, 12345, 1),
	O(IPPROTO_TCP, 12345, 1),
	O(IPPROTO_IP, 12345, 1),
	O(77, 1, 1),
};

static const char *answer(long r)
{
	static char b[24];

	if (r < 0)
		return strerror(errno);
	snprintf(b, sizeof(b), "%ld", r);
	return b;
}

static void table(const char *what, int domain, int type)
{
	int fd = socket(domain, type, 0);

	for (unsigned i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		const struct option *o = &both[i];
		int six = o->level == IPPROTO_IPV6;

		/* What a socket begins with is the host's configuration. */
		if (strcmp(o->name, "SO_SNDBUF") &&
			strcmp(o->name, "SO_RCVBUF") &&
			(type != SOCK_STREAM ||
				strcmp(o->name, "IPV6_RECVPKTINFO")))
			printf("# %s %s: %s", what, o->name,
				answer(sock_get(fd, o->level, o->number)));
		else
			printf("# %s %s", what, o->name);
		/* Multicast on streams is a matter of versions; keel refuses
		 * what says nothing there. */
		if (type == SOCK_STREAM &&
			(strstr(o->name, "MULTICAST") ||
				o->number == IPV6_RECVPKTINFO)) {
			printf("\n");
			continue;
		}
		if (six && domain == AF_INET && o->number != IPV6_V6ONLY) {
			printf("\n");
			continue;
		}
		printf(", set to %d: %s", o->value,
			answer(sock_set(fd, o->level, o->number, o->value)));
		printf(", %s\n", answer(sock_get(fd, o->level, o->number)));
	}
	close(fd);
}

static void lengths(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), v = 1;
	struct linger l = {1, 5};
	socklen_t len = 2;
	char c = 9;

	CALL(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &v, 3));
	CALL(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, NULL, 4));
	CALL(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &v, -1));
	CALL(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, 4));
	CALL(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	l.l_linger = 0;
	len = sizeof(l);
	CALL(getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len));
	CHECK(l.l_onoff == 1 && l.l_linger == 5 && len == sizeof(l));
	len = 2;
	v = -1;
	CALL(getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &len));
	CHECK(len == 2 && (v & 0xffff) == SOCK_STREAM);
	len = -1;
	CALL(getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &len));
	len = 4;
	CALL(getsockopt(fd, SOL_SOCKET, SO_TYPE, NULL, &len));
	CALL(getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, NULL));
	CALL(setsockopt(fd, IPPROTO_IP, IP_TTL, &c, 1));
	CALL(sock_get(fd, IPPROTO_IP, IP_TTL));
	CALL(setsockopt(0, SOL_SOCKET, SO_TYPE, &v, sizeof(v)));
	CALL(setsockopt(99, SOL_SOCKET, SO_TYPE, &v, sizeof(v)));
	close(fd);
}

static void tcp_info(void)
{
	int l = sock_listen(7), fd[2];
	struct tcp_info i;
	socklen_t len = sizeof(i);

	CALL(sock_get(l, SOL_SOCKET, SO_ACCEPTCONN));
	CALL(getsockopt(l, IPPROTO_TCP, TCP_INFO, &i, &len));
	CHECK(i.tcpi_state == 10 && !i.tcpi_unacked && i.tcpi_sacked == 7);
	close(l);
	sock_pair(fd);
	len = sizeof(i);
	CALL(getsockopt(fd[0], IPPROTO_TCP, TCP_INFO, &i, &len));
	CHECK(i.tcpi_state == 1 && i.tcpi_snd_mss > 500);
	CHECK(sock_get(fd[0], IPPROTO_TCP, TCP_MAXSEG) > 500);
	shutdown(fd[0], SHUT_WR);
	sock_events(fd[1], POLLRDHUP, 5000);
	len = sizeof(i);
	getsockopt(fd[1], IPPROTO_TCP, TCP_INFO, &i, &len);
	CHECK(i.tcpi_state == 8);
	close(fd[1]);
	close(fd[0]);
}

/* What a connection has of its listener. */
static void inherited(void)
{
	int l = sock_listen(1), fd, c;

	sock_set(l, IPPROTO_TCP, TCP_NODELAY, 1);
	sock_set(l, SOL_SOCKET, SO_KEEPALIVE, 1);
	sock_set(l, IPPROTO_TCP, TCP_KEEPIDLE, 77);
	fcntl(l, F_SETFL, O_NONBLOCK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CALL(sock_connect(fd, sock_port(l)));
	sock_events(l, POLLIN, 5000);
	c = accept(l, NULL, NULL);
	CALL(sock_get(c, IPPROTO_TCP, TCP_NODELAY));
	CALL(sock_get(c, SOL_SOCKET, SO_KEEPALIVE));
	CALL(sock_get(c, IPPROTO_TCP, TCP_KEEPIDLE));
	CHECK(!(fcntl(c, F_GETFL) & O_NONBLOCK));
	close(c);
	close(fd);
	close(l);
}

static void families(void)
{
	CALL(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
	CALL(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
	CALL(socket(AF_INET, SOCK_SEQPACKET, 0));
	CALL(socket(AF_INET, 99, 0));
	CALL(socket(AF_INET, 15, 0));
	CALL(socket(200, SOCK_STREAM, 0));
	CALL(socket(AF_INET, SOCK_STREAM | 0x100, 0));
	CALL(socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0, 0}));
}

int main(void)
{
	table("tcp", AF_INET, SOCK_STREAM);
	table("tcp6", AF_INET6, SOCK_STREAM);
	table("udp", AF_INET, SOCK_DGRAM);
	table("udp6", AF_INET6, SOCK_DGRAM);
	lengths();
	tcp_info();
	inherited();
	families();
	return tap_done();
}
