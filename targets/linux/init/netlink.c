/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and routes: requests of rtnetlink(7), each answered. */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "init.h"

struct request {
	struct nlmsghdr h;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg addr;
		struct rtmsg route;
	} u;
	char attributes[128];
};

static void begin(struct request *r, unsigned type, size_t body)
{
	memset(r, 0, sizeof(*r));
	r->h.nlmsg_type = (uint16_t)type;
	r->h.nlmsg_flags =
		NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
	r->h.nlmsg_len = NLMSG_LENGTH((uint32_t)body);
}

static void attribute(struct request *r, unsigned type, const void *p, size_t n)
{
	struct rtattr *a =
		(struct rtattr *)((char *)r + NLMSG_ALIGN(r->h.nlmsg_len));

	a->rta_type = (uint16_t)type;
	a->rta_len = RTA_LENGTH((uint16_t)n);
	memcpy(RTA_DATA(a), p, n);
	r->h.nlmsg_len =
		NLMSG_ALIGN(r->h.nlmsg_len) + RTA_ALIGN((uint32_t)a->rta_len);
}

/* 0 or -1 and errno. */
static int ask(struct request *r)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[256];
	} answer;
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	ssize_t n = -1;

	if (s < 0)
		return -1;
	if (send(s, r, r->h.nlmsg_len, 0) >= 0)
		n = recv(s, &answer, sizeof(answer), 0);
	close(s);
	if (n < (ssize_t)(sizeof(answer.h) + sizeof(answer.e)) ||
		answer.h.nlmsg_type != NLMSG_ERROR) {
		errno = EPROTO;
		return -1;
	}
	errno = -answer.e.error;
	return answer.e.error ? -1 : 0;
}

static size_t size_of(int family)
{
	return family == AF_INET ? 4 : 16;
}

int link_up(int index, unsigned mtu)
{
	struct request r;

	begin(&r, RTM_NEWLINK, sizeof(r.u.link));
	r.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	r.u.link.ifi_index = index;
	r.u.link.ifi_flags = r.u.link.ifi_change = IFF_UP;
	if (mtu)
		attribute(&r, IFLA_MTU, &mtu, sizeof(mtu));
	return ask(&r);
}

int address_add(int index, const struct prefix *p)
{
	struct request r;

	begin(&r, RTM_NEWADDR, sizeof(r.u.addr));
	r.u.addr.ifa_family = (uint8_t)p->family;
	r.u.addr.ifa_prefixlen = (uint8_t)p->len;
	/* Nobody else has it: it was ours to give. */
	r.u.addr.ifa_flags = p->family == AF_INET6 ? IFA_F_NODAD : 0;
	r.u.addr.ifa_index = (uint32_t)index;
	attribute(&r, IFA_LOCAL, p->addr, size_of(p->family));
	attribute(&r, IFA_ADDRESS, p->addr, size_of(p->family));
	return ask(&r);
}

int route_add(int index, const struct prefix *to, const struct prefix *gateway)
{
	struct request r;

	begin(&r, RTM_NEWROUTE, sizeof(r.u.route));
	r.u.route.rtm_family = (uint8_t)to->family;
	r.u.route.rtm_dst_len = (uint8_t)to->len;
	r.u.route.rtm_table = RT_TABLE_MAIN;
	r.u.route.rtm_protocol = RTPROT_BOOT;
	r.u.route.rtm_type = RTN_UNICAST;
	r.u.route.rtm_scope = gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	if (to->len)
		attribute(&r, RTA_DST, to->addr, size_of(to->family));
	if (gateway) {
		/* A gateway need not be in one of our networks. */
		r.u.route.rtm_flags = RTNH_F_ONLINK;
		attribute(&r, RTA_GATEWAY, gateway->addr,
			size_of(gateway->family));
	}
	attribute(&r, RTA_OIF, &index, sizeof(index));
	return ask(&r);
}
