/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of IPv4 and IPv6 on the loopback interface; whether that has a
 * route for those of IPv6 is the host's matter. */
#include "sock-tap.h"

#include <net/if.h>

static int receiver(int port, int reuse)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, reuse);
	if (bind(fd, SA(&a), sizeof(a)))
		printf("# bind: %s\n", strerror(errno));
	return fd;
}

static void four(void)
{
	int a = receiver(0, 1), b = receiver(sock_port(a), 1);
	int out = socket(AF_INET, SOCK_DGRAM, 0);
	struct ip_mreq r = {.imr_interface.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in to = sock_addr(sock_port(a));
	struct in_addr lo = {htonl(INADDR_LOOPBACK)}, got;
	socklen_t len = sizeof(got);
	char buf[8];

	inet_aton("239.7.7.7", &r.imr_multiaddr);
	CALL(setsockopt(a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)));
	CALL(setsockopt(a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)));
	CALL(setsockopt(b, IPPROTO_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)));
	CALL(setsockopt(a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &r, 4));
	CALL(setsockopt(out, IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof(lo)));
	CALL(getsockopt(out, IPPROTO_IP, IP_MULTICAST_IF, &got, &len));
	CHECK(got.s_addr == lo.s_addr);
	to.sin_addr = r.imr_multiaddr;
	CALL(sendto(out, "group", 5, 0, SA(&to), sizeof(to)));
	sock_events(a, POLLIN, 5000);
	CALL(recv(a, buf, 8, MSG_DONTWAIT));
	sock_events(b, POLLIN, 5000);
	CALL(recv(b, buf, 8, MSG_DONTWAIT));
	CALL(setsockopt(b, IPPROTO_IP, IP_DROP_MEMBERSHIP, &r, sizeof(r)));
	CALL(setsockopt(b, IPPROTO_IP, IP_DROP_MEMBERSHIP, &r, sizeof(r)));
	CALL(setsockopt(a, IPPROTO_IP, IP_DROP_MEMBERSHIP, &r, sizeof(r)));
	CALL(sendto(out, "nobody", 6, 0, SA(&to), sizeof(to)));
	CALL(recv(a, buf, 8, MSG_DONTWAIT));
	inet_aton("10.1.2.3", &r.imr_multiaddr);
	CALL(setsockopt(a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)));
	inet_aton("239.7.7.7", &r.imr_multiaddr);
	inet_aton("203.0.113.5", &r.imr_interface);
	CALL(setsockopt(a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)));
	close(a);
	close(b);
	close(out);
}

static void six(void)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	int a = socket(AF_INET6, SOCK_DGRAM, 0);
	int out = socket(AF_INET6, SOCK_DGRAM, 0);
	int lo = (int)if_nametoindex("lo");
	struct ipv6_mreq r = {.ipv6mr_interface = lo};

	CHECK(lo == 1);
	CALL(bind(a, SA(&any), sizeof(any)));
	inet_pton(AF_INET6, "ff01::7:7", &r.ipv6mr_multiaddr);
	CALL(setsockopt(a, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &r, sizeof(r)));
	CALL(sock_set(out, IPPROTO_IPV6, IPV6_MULTICAST_IF, lo));
	CALL(sock_get(out, IPPROTO_IPV6, IPV6_MULTICAST_IF));
	CALL(sock_set(out, IPPROTO_IPV6, IPV6_MULTICAST_IF, 200));
	CALL(setsockopt(a, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, &r, sizeof(r)));
	CALL(setsockopt(a, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, &r, sizeof(r)));
	close(a);
	close(out);
}

int main(void)
{
	four();
	six();
	return tap_done();
}
