/* SPDX-License-Identifier: Apache-2.0 */
/* RAW sockets: ICMP of IPv4 and IPv6 on loopback. */
/* guest: only here */
#include "sock-tap.h"

#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>

static uint16_t sum(const void *p, size_t n)
{
	const uint16_t *w = p;
	uint32_t s = 0;

	for (; n > 1; n -= 2)
		s += *w++;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

static void four(void)
{
	int fd = OPEN(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	struct icmp_filter {
		uint32_t data;
	} f = {~(1U << ICMP_ECHOREPLY)};
	struct sockaddr_in to = sock_addr(0), from;
	struct {
		struct icmphdr h;
		char data[8];
	} out = {.h = {.type = ICMP_ECHO, .un.echo = {htons(7), htons(1)}},
		.data = "payload"};
	socklen_t len = sizeof(from);
	unsigned char in[100];
	const struct icmphdr *h;
	long n;

	CALL(setsockopt(fd, 255, 1, &f, sizeof(f)));
	out.h.checksum = sum(&out, sizeof(out));
	CALL(sendto(fd, &out, sizeof(out), 0, SA(&to), sizeof(to)));
	n = CALL(recvfrom(fd, in, sizeof(in), 0, SA(&from), &len));
	h = (void *)(in + 20);
	CHECK(n == 20 + (long)sizeof(out) && in[0] == 0x45 &&
		h->type == ICMP_ECHOREPLY && h->un.echo.id == htons(7) &&
		!memcmp(h + 1, "payload", 7));
	CHECK(from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	close(fd);
}

static void six(void)
{
	int fd = OPEN(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
	struct sockaddr_in6 to = sock_addr6(0);
	struct icmp6_hdr out = {.icmp6_type = ICMP6_ECHO_REQUEST},
			 in = {.icmp6_type = 0};

	out.icmp6_id = htons(9);
	to.sin6_port = 0;
	CALL(sendto(fd, &out, sizeof(out), 0, SA(&to), sizeof(to)));
	/* The request comes by, too. */
	for (int i = 0; i < 2 && in.icmp6_type != ICMP6_ECHO_REPLY; i++)
		CALL(recv(fd, &in, sizeof(in), 0));
	CHECK(in.icmp6_type == ICMP6_ECHO_REPLY && in.icmp6_id == htons(9));
	close(fd);
}

int main(void)
{
	four();
	six();
	CALL(socket(AF_INET, SOCK_RAW, 0));
	return tap_done();
}
