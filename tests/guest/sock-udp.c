/* SPDX-License-Identifier: Apache-2.0 */
/* UDP sockets: datagrams, connected ones, errors, control data, sizes. */
#include "sock-tap.h"

#include <time.h>

static int open_bound(int family)
{
	int fd = socket(family, SOCK_DGRAM, 0);
	struct sockaddr_in a = sock_addr(0);
	struct sockaddr_in6 a6 = sock_addr6(0);

	if (family == AF_INET ? bind(fd, SA(&a), sizeof(a))
			      : bind(fd, SA(&a6), sizeof(a6)))
		printf("# bind: %s\n", strerror(errno));
	return fd;
}

static void plain(void)
{
	int a = open_bound(AF_INET), b = open_bound(AF_INET);
	struct sockaddr_in to = sock_addr(sock_port(b)), from;
	socklen_t len = sizeof(from);
	char buf[64];
	int n;

	sock_show("idle", a, 0);
	CALL(recv(b, buf, 1, MSG_DONTWAIT));
	CALL(send(a, "x", 1, 0));
	CALL(sendto(a, "hello", 5, 0, SA(&to), sizeof(to)));
	sock_show("with a datagram", b, POLLIN);
	CALL(ioctl(b, FIONREAD, &n));
	CHECK(n == 5);
	CALL(recvfrom(b, buf, sizeof(buf), MSG_PEEK, SA(&from), &len));
	CHECK(len == sizeof(from) && ntohs(from.sin_port) == sock_port(a));
	CALL(recv(b, buf, 2, MSG_TRUNC));
	CHECK(!memcmp(buf, "he", 2));
	CALL(sendto(a, "", 0, 0, SA(&to), sizeof(to)));
	CALL(recv(b, buf, sizeof(buf), 0));
	CALL(sendto(a, "x", 1, 0, SA(&to), 4));
	to.sin_port = 0;
	CALL(sendto(a, "x", 1, 0, SA(&to), sizeof(to)));
	to.sin_family = AF_UNIX;
	CALL(sendto(a, "x", 1, 0, SA(&to), sizeof(to)));
	CALL(sendto(a, "x", 1, MSG_OOB, SA(&to), sizeof(to)));
	CALL(listen(a, 1));
	CALL(accept(a, NULL, NULL));
	CALL(shutdown(a, SHUT_RD));
	close(a);
	close(b);
}

static void connected(void)
{
	int a = open_bound(AF_INET), b = open_bound(AF_INET), c;
	int pb = sock_port(b);
	struct sockaddr_in to = sock_addr(sock_port(a)), peer;
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	socklen_t len = sizeof(peer);
	char buf[8];

	CALL(getpeername(a, SA(&peer), &len));
	CALL(sock_connect(a, pb));
	CALL(getpeername(a, SA(&peer), &len));
	CHECK(ntohs(peer.sin_port) == pb);
	CALL(send(a, "abc", 3, 0));
	CALL(recv(b, buf, 8, 0));
	/* From others it takes nothing. */
	c = open_bound(AF_INET);
	CALL(sendto(c, "no", 2, 0, SA(&to), sizeof(to)));
	CALL(sendto(b, "yes", 3, 0, SA(&to), sizeof(to)));
	CALL(recv(a, buf, 8, 0));
	CALL(recv(a, buf, 8, MSG_DONTWAIT));
	close(c);
	close(b);
	/* Nobody there: ICMP says so. */
	CALL(send(a, "abc", 3, 0));
	sock_show("refused", a, POLLIN);
	CALL(recv(a, buf, 8, 0));
	CALL(recv(a, buf, 8, MSG_DONTWAIT));
	CALL(send(a, "abc", 3, 0));
	sock_events(a, POLLIN, 5000);
	CALL(sock_get(a, SOL_SOCKET, SO_ERROR));
	CALL(shutdown(a, SHUT_RD));
	sock_show("shut down", a, 0);
	CALL(recv(a, buf, 8, 0));
	CALL(shutdown(a, SHUT_WR));
	CALL(send(a, "abc", 3, MSG_NOSIGNAL));
	sock_show("both shut down", a, 0);
	CALL(connect(a, &none, sizeof(none)));
	CALL(getpeername(a, SA(&peer), &len));
	close(a);
}

static void sizes(void)
{
	static char out[65536], in[65536];
	int a = open_bound(AF_INET), b = open_bound(AF_INET);
	static const int n[] = {1, 1472, 1473, 9000, 32768, 65507};
	struct sockaddr_in to = sock_addr(sock_port(b));

	for (unsigned i = 0; i < sizeof(out); i++)
		out[i] = (char)(i * 7 + i / 256);
	for (unsigned i = 0; i < sizeof(n) / sizeof(n[0]); i++) {
		CALL(sendto(a, out, n[i], 0, SA(&to), sizeof(to)));
		CALL(recv(b, in, sizeof(in), 0));
		CHECK(!memcmp(in, out, n[i]));
	}
	CALL(sendto(a, out, 65508, 0, SA(&to), sizeof(to)));
	close(a);
	close(b);
}

static void show_control(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		printf("# control level %d type %d len %d\n", c->cmsg_level,
			c->cmsg_type, (int)c->cmsg_len);
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo *i = (void *)CMSG_DATA(c);

			printf("# to %s\n", inet_ntoa(i->ipi_addr));
		}
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL)
			printf("# ttl %d\n", *(int *)CMSG_DATA(c));
	}
}

static void control(void)
{
	int a = open_bound(AF_INET), b = open_bound(AF_INET);
	struct sockaddr_in to = sock_addr(sock_port(b)), from;
	char buf[8], room[256];
	struct iovec v = {buf, sizeof(buf)};
	struct msghdr m = {.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room)};

	CALL(sock_set(b, IPPROTO_IP, IP_PKTINFO, 1));
	CALL(sock_set(b, IPPROTO_IP, IP_RECVTTL, 1));
	CALL(sock_set(a, IPPROTO_IP, IP_TTL, 33));
	CALL(sendto(a, "0123456789", 10, 0, SA(&to), sizeof(to)));
	CALL(recvmsg(b, &m, 0));
	CHECK(m.msg_flags == MSG_TRUNC);
	show_control(&m);
	CALL(sendto(a, "abc", 3, 0, SA(&to), sizeof(to)));
	m.msg_controllen = sizeof(struct cmsghdr) + 4;
	CALL(recvmsg(b, &m, 0));
	CHECK(m.msg_flags == MSG_CTRUNC);
	CALL(sock_set(b, SOL_SOCKET, SO_TIMESTAMP, 1));
	CALL(sendto(a, "abc", 3, 0, SA(&to), sizeof(to)));
	m.msg_controllen = sizeof(room);
	CALL(recvmsg(b, &m, 0));
	show_control(&m);
	close(a);
	close(b);
}

static void mapped(void)
{
	int six = socket(AF_INET6, SOCK_DGRAM, 0), four = open_bound(AF_INET);
	struct sockaddr_in6 any = {.sin6_family = AF_INET6}, from;
	struct sockaddr_in to;
	socklen_t len = sizeof(from);
	char buf[8], text[64];

	CALL(bind(six, SA(&any), sizeof(any)));
	to = sock_addr(sock_port(six));
	CALL(sendto(four, "four", 4, 0, SA(&to), sizeof(to)));
	CALL(recvfrom(six, buf, 8, 0, SA(&from), &len));
	CHECK(len == sizeof(from));
	puts(inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof(text)));
	CALL(sendto(six, "back", 4, 0, SA(&from), len));
	CALL(recv(four, buf, 8, 0));
	CALL(connect(six, SA(&from), len));
	len = sizeof(from);
	CALL(getsockname(six, SA(&from), &len));
	puts(inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof(text)));
	close(six);
	six = socket(AF_INET6, SOCK_DGRAM, 0);
	CALL(sock_set(six, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &from.sin6_addr);
	CALL(sendto(six, "no", 2, 0, SA(&from), sizeof(from)));
	CALL(bind(six, SA(&from), sizeof(from)));
	close(six);
	close(four);
}

static void ports(void)
{
	int a = open_bound(AF_INET), b = socket(AF_INET, SOCK_DGRAM, 0);
	int port = sock_port(a);

	CALL(sock_bind(b, port));
	sock_set(a, SOL_SOCKET, SO_REUSEADDR, 1);
	CALL(sock_bind(b, port));
	sock_set(b, SOL_SOCKET, SO_REUSEADDR, 1);
	CALL(sock_bind(b, port));
	CALL(sock_bind(b, port));
	close(a);
	close(b);
}

static void timeouts(void)
{
	int a = open_bound(AF_INET);
	struct timeval t = {0, 50000};
	struct timespec from, to;
	socklen_t len = sizeof(t);
	char c;
	long ms;

	CALL(setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)));
	clock_gettime(CLOCK_MONOTONIC, &from);
	CALL(recv(a, &c, 1, 0));
	clock_gettime(CLOCK_MONOTONIC, &to);
	ms = (to.tv_sec - from.tv_sec) * 1000 +
	     (to.tv_nsec - from.tv_nsec) / 1000000;
	CHECK(ms >= 45);
	CALL(getsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &t, &len));
	CHECK(!t.tv_sec && t.tv_usec >= 40000 && t.tv_usec <= 60000);
	t.tv_usec = 1000000;
	CALL(setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)));
	CALL(setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &t, 4));
	close(a);
}

static void many(void)
{
	int a = open_bound(AF_INET), b = open_bound(AF_INET);
	struct sockaddr_in to = sock_addr(sock_port(b));
	char text[4][8] = {"one", "two", "three", ""}, in[4][8];
	struct iovec v[4], w[4];
	struct mmsghdr out[4], got[4];

	memset(out, 0, sizeof(out));
	memset(got, 0, sizeof(got));
	for (int i = 0; i < 4; i++) {
		v[i] = (struct iovec){text[i], strlen(text[i])};
		w[i] = (struct iovec){in[i], sizeof(in[i])};
		out[i].msg_hdr.msg_name = &to;
		out[i].msg_hdr.msg_namelen = sizeof(to);
		out[i].msg_hdr.msg_iov = &v[i];
		got[i].msg_hdr.msg_iov = &w[i];
		out[i].msg_hdr.msg_iovlen = got[i].msg_hdr.msg_iovlen = 1;
	}
	CALL(sendmmsg(a, out, 4, 0));
	CHECK(out[2].msg_len == 5);
	CALL(recvmmsg(b, got, 2, 0, NULL));
	CHECK(got[1].msg_len == 3 && !memcmp(in[1], "two", 3));
	CALL(recvmmsg(b, got, 4, MSG_WAITFORONE, NULL));
	CHECK(got[0].msg_len == 5 && got[1].msg_len == 0);
	CALL(recvmmsg(b, got, 4, MSG_DONTWAIT, NULL));
	close(a);
	close(b);
}

int main(void)
{
	plain();
	connected();
	sizes();
	control();
	mapped();
	ports();
	timeouts();
	many();
	return tap_done();
}
