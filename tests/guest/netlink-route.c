/* SPDX-License-Identifier: Apache-2.0 */
/* AF_NETLINK: lists of interfaces, addresses and routes; what the C library
 * makes of them. Interfaces differ by machine: only loopback is shown. */
#include "file-tap.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static char buf[32768];

static void errors(void)
{
	struct sockaddr_nl a = {.nl_family = AF_NETLINK}, b;
	socklen_t n = sizeof(b);
	struct pollfd p = {.events = POLLIN | POLLOUT};
	int s;

	OPEN(socket(AF_NETLINK, SOCK_STREAM, 0));
	OPEN(socket(AF_NETLINK, SOCK_RAW, 31));
	OPEN(s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
	CALL(getsockname(s, (void *)&b, &n));
	CALL(n);
	CALL(b.nl_pid);
	CALL(bind(s, (void *)&a, 5));
	CALL(bind(s, (void *)&a, sizeof(a)));
	n = sizeof(b);
	CALL(getsockname(s, (void *)&b, &n));
	CALL(b.nl_pid != 0);
	CALL(getpeername(s, (void *)&b, &n));
	CALL(listen(s, 1));
	CALL(accept(s, NULL, NULL));
	CALL(recv(s, buf, 10, MSG_DONTWAIT));
	p.fd = s;
	CALL(poll(&p, 1, 0));
	CALL(p.revents);
	CALL(send(s, "short", 5, 0));
	CALL(poll(&p, 1, 0));
	CALL(p.revents);
	a.nl_pid = 12345678;
	CALL(sendto(s, "short", 5, 0, (void *)&a, sizeof(a)));
	CALL(close(s));
}

/* Asks; how many messages came before the end, or the error. */
static int ask(int s, int type, int family, int flags)
{
	struct {
		struct nlmsghdr h;
		struct rtgenmsg g;
	} r = {{sizeof(r), type, NLM_F_REQUEST | flags, 77, 0}, {family}};
	int count = 0;

	if (send(s, &r, sizeof(r), 0) != sizeof(r))
		return -1;
	for (;;) {
		int n = recv(s, buf, sizeof(buf), 0);
		struct nlmsghdr *h = (struct nlmsghdr *)buf;

		if (n <= 0)
			return -1;
		for (; NLMSG_OK(h, (unsigned)n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_seq != 77)
				return -2;
			if (h->nlmsg_type == NLMSG_DONE)
				return count;
			if (h->nlmsg_type == NLMSG_ERROR)
				return *(int *)NLMSG_DATA(h);
			if (h->nlmsg_flags != NLM_F_MULTI)
				return -3;
			count++;
		}
	}
}

static void lists(void)
{
	int s = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE);

	CHECK(ask(s, RTM_GETLINK, AF_UNSPEC, NLM_F_DUMP) >= 1);
	CHECK(ask(s, RTM_GETADDR, AF_UNSPEC, NLM_F_DUMP) >= 1);
	CHECK(ask(s, RTM_GETADDR, AF_INET, NLM_F_DUMP) >= 1);
	CHECK(ask(s, RTM_GETROUTE, AF_INET, NLM_F_DUMP) >= 0);
	CHECK(ask(s, RTM_GETROUTE, AF_INET6, NLM_F_DUMP) >= 0);
	CHECK(ask(s, 2000, AF_UNSPEC, NLM_F_DUMP) < 0);
	CHECK(ask(s, 2000, AF_UNSPEC, 0) < 0);
	CALL(close(s));
}

static void library(void)
{
	struct if_nameindex *i = if_nameindex();
	struct ifaddrs *all, *a;
	char text[64];
	unsigned n = 0;

	CHECK(i != NULL);
	for (struct if_nameindex *k = i; k && k->if_index; k++) {
		n++;
		if (!strcmp(k->if_name, "lo"))
			CALL(k->if_index);
		if (!(if_nametoindex(k->if_name) == k->if_index))
			CHECK(!"the same index");
	}
	CHECK(n >= 1);
	if_freenameindex(i);
	CALL(if_nametoindex("lo"));
	CALL(if_nametoindex("nothing9"));
	CALL(strcmp(if_indextoname(1, text), "lo"));
	CALL(getifaddrs(&all));
	for (a = all; a; a = a->ifa_next) {
		struct sockaddr_in *v4 = (void *)a->ifa_addr;
		struct sockaddr_in *m4 = (void *)a->ifa_netmask;

		if (strcmp(a->ifa_name, "lo") != 0 || !a->ifa_addr)
			continue;
		printf("# family %d flags %x\n", a->ifa_addr->sa_family,
			a->ifa_flags & (IFF_UP | IFF_LOOPBACK | IFF_RUNNING |
					       IFF_BROADCAST));
		if (a->ifa_addr->sa_family != AF_INET)
			continue;
		printf("# %s", inet_ntop(AF_INET, &v4->sin_addr, text, 64));
		printf("/%s\n", inet_ntop(AF_INET, &m4->sin_addr, text, 64));
	}
	freeifaddrs(all);
}

int main(void)
{
	errors();
	lists();
	library();
	return tap_done();
}
