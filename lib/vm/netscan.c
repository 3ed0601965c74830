/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the interfaces, addresses and routes of this network namespace. */
#include "vm/netscan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/mem.h"
#include "vm/netlink.h"

void netscan_free(struct netscan *s)
{
	free(s->link);
	free(s->addr);
	free(s->route);
	*s = (struct netscan){0};
}

static uint32_t get_u32(const struct rtattr *a)
{
	uint32_t v = 0;

	if (a && RTA_PAYLOAD(a) >= sizeof(v))
		memcpy(&v, RTA_DATA(a), sizeof(v));
	return v;
}

static void get_str(const struct rtattr *a, char *out, size_t max)
{
	size_t n = a ? strnlen(RTA_DATA(a), RTA_PAYLOAD(a)) : 0;

	if (n >= max)
		n = max - 1;
	if (n)
		memcpy(out, RTA_DATA(a), n);
	out[n] = 0;
}

static size_t ip_len(int family)
{
	return family == AF_INET6 ? 16 : 4;
}

/* 0 if the attribute holds an address of the family. */
static int get_ip(const struct rtattr *a, int family, unsigned char out[16])
{
	if (!a || RTA_PAYLOAD(a) != ip_len(family))
		return -EINVAL;
	memcpy(out, RTA_DATA(a), ip_len(family));
	return 0;
}

static void take_link(const struct nlmsghdr *h, void *arg)
{
	struct netscan *s = arg;
	const struct ifinfomsg *m = netlink_header(h);
	const struct rtattr *a[IFLA_LINKINFO + 1], *info[IFLA_INFO_KIND + 1];
	struct net_link l = {.index = m->ifi_index, .flags = m->ifi_flags};

	if (h->nlmsg_type != RTM_NEWLINK)
		return;
	netlink_attributes(h, sizeof(*m), a, IFLA_LINKINFO);
	get_str(a[IFLA_IFNAME], l.name, sizeof(l.name));
	l.mtu = get_u32(a[IFLA_MTU]);
	if (a[IFLA_ADDRESS] && RTA_PAYLOAD(a[IFLA_ADDRESS]) == 6) {
		memcpy(l.mac, RTA_DATA(a[IFLA_ADDRESS]), 6);
		l.ether = 1;
	}
	if (a[IFLA_LINKINFO]) {
		netlink_nested(a[IFLA_LINKINFO], info, IFLA_INFO_KIND);
		get_str(info[IFLA_INFO_KIND], l.kind, sizeof(l.kind));
	}
	s->link = xreallocarray(s->link, s->nlinks + 1, sizeof(*s->link));
	s->link[s->nlinks++] = l;
}

static void take_addr(const struct nlmsghdr *h, void *arg)
{
	struct netscan *s = arg;
	const struct ifaddrmsg *m = netlink_header(h);
	const struct rtattr *a[IFA_MAX + 1];
	struct net_addr n = {
		.link = (int)m->ifa_index,
		.family = m->ifa_family,
		.prefix = m->ifa_prefixlen,
		.local = m->ifa_scope >= RT_SCOPE_LINK,
		.temporary = !(m->ifa_flags & IFA_F_PERMANENT),
	};

	if (h->nlmsg_type != RTM_NEWADDR ||
		(n.family != AF_INET && n.family != AF_INET6))
		return;
	netlink_attributes(h, sizeof(*m), a, IFA_MAX);
	/* The own address of a point-to-point link is LOCAL. */
	if (get_ip(a[IFA_LOCAL], n.family, n.ip) &&
		get_ip(a[IFA_ADDRESS], n.family, n.ip))
		return;
	s->addr = xreallocarray(s->addr, s->naddrs + 1, sizeof(*s->addr));
	s->addr[s->naddrs++] = n;
}

static void take_route(const struct nlmsghdr *h, void *arg)
{
	struct netscan *s = arg;
	const struct rtmsg *m = netlink_header(h);
	const struct rtattr *a[RTA_MAX + 1];
	struct net_route r = {
		.family = m->rtm_family,
		.prefix = m->rtm_dst_len,
	};

	if (h->nlmsg_type != RTM_NEWROUTE || m->rtm_type != RTN_UNICAST ||
		(m->rtm_flags & RTM_F_CLONED) ||
		(r.family != AF_INET && r.family != AF_INET6))
		return;
	netlink_attributes(h, sizeof(*m), a, RTA_MAX);
	if ((a[RTA_TABLE] ? get_u32(a[RTA_TABLE]) : m->rtm_table) !=
		RT_TABLE_MAIN)
		return;
	r.link = (int)get_u32(a[RTA_OIF]);
	get_ip(a[RTA_DST], r.family, r.dst);
	r.has_gateway = get_ip(a[RTA_GATEWAY], r.family, r.gateway) == 0;
	if (!r.link)
		return;
	s->route = xreallocarray(s->route, s->nroutes + 1, sizeof(*s->route));
	s->route[s->nroutes++] = r;
}

static int dump(int fd, unsigned type, netlink_fn *fn, struct netscan *s)
{
	struct rtgenmsg all = {.rtgen_family = AF_UNSPEC};
	/* Kernels that check the header want all of it. */
	char header[16] = {0};
	_buf_ struct buf b = {0};
	size_t n = type == RTM_GETLINK   ? sizeof(struct ifinfomsg)
		   : type == RTM_GETADDR ? sizeof(struct ifaddrmsg)
					 : sizeof(struct rtmsg);

	header[0] = (char)all.rtgen_family;
	netlink_begin(&b, type, NLM_F_DUMP, header, n);
	return netlink_dump(fd, &b, fn, s);
}

/* eth0 before eth1, so that the guest numbers its cards as we do. */
static int compare_links(const void *a, const void *b)
{
	const struct net_link *x = a, *y = b;
	size_t n = strlen(x->name), m = strlen(y->name);

	if (n != m)
		return n < m ? -1 : 1;
	return strcmp(x->name, y->name);
}

int netscan_read(struct netscan *s, struct err *e)
{
	_close_ int fd = netlink_open(e);
	int r;

	*s = (struct netscan){0};
	if (fd < 0)
		return fd;
	r = dump(fd, RTM_GETLINK, take_link, s);
	if (r == 0)
		r = dump(fd, RTM_GETADDR, take_addr, s);
	if (r == 0)
		r = dump(fd, RTM_GETROUTE, take_route, s);
	if (r < 0) {
		netscan_free(s);
		errno = -r;
		return err_errno(e, "read the network's interfaces");
	}
	if (s->nlinks)
		qsort(s->link, s->nlinks, sizeof(*s->link), compare_links);
	return 0;
}

int netscan_is_used(const struct netscan *s, const struct net_link *l)
{
	if (!(l->flags & IFF_UP) || (l->flags & IFF_LOOPBACK))
		return 0;
	for (size_t i = 0; i < s->naddrs; i++) {
		if (s->addr[i].link == l->index && !s->addr[i].local)
			return 1;
	}
	return 0;
}

static const struct net_link *find_link(const struct netscan *s, int index)
{
	for (size_t i = 0; i < s->nlinks; i++) {
		if (s->link[i].index == index)
			return &s->link[i];
	}
	return NULL;
}

int netscan_has_ipv6(const struct netscan *s)
{
	for (size_t i = 0; i < s->naddrs; i++) {
		const struct net_addr *a = &s->addr[i];
		const struct net_link *l = find_link(s, a->link);

		if (a->family == AF_INET6 && !a->local && l &&
			(l->flags & IFF_UP) && !(l->flags & IFF_LOOPBACK))
			return 1;
	}
	return 0;
}

int netscan_is_own(const struct netscan *s, int family, const void *ip)
{
	for (size_t i = 0; i < s->naddrs; i++) {
		const struct net_addr *a = &s->addr[i];
		const struct net_link *l = find_link(s, a->link);

		if (a->family == family && !memcmp(a->ip, ip, ip_len(family)) &&
			l && !(l->flags & IFF_LOOPBACK))
			return 1;
	}
	return 0;
}

static int in_net(
	const unsigned char *ip, const unsigned char *net, unsigned prefix)
{
	unsigned bytes = prefix / 8, bits = prefix % 8;

	return !memcmp(ip, net, bytes) &&
	       (!bits || !((ip[bytes] ^ net[bytes]) >> (8 - bits)));
}

static int is_link_local(int family, const unsigned char *ip)
{
	return family == AF_INET6 &&
	       ((ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80) || ip[0] == 0xff);
}

/* What an address of the link says already. */
static int is_implied(const struct netscan *s, const struct net_route *r)
{
	if (r->has_gateway)
		return 0;
	if (r->prefix >= 8 && is_link_local(r->family, r->dst))
		return 1;
	for (size_t i = 0; i < s->naddrs; i++) {
		const struct net_addr *a = &s->addr[i];

		if (a->link == r->link && a->family == r->family &&
			a->prefix == r->prefix &&
			in_net(a->ip, r->dst, r->prefix))
			return 1;
	}
	return 0;
}

static void put_routes(const struct netscan *s, const struct net_link *l,
	int with_gateway, struct buf *b)
{
	char dst[INET6_ADDRSTRLEN], gateway[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < s->nroutes; i++) {
		const struct net_route *r = &s->route[i];

		if (r->link != l->index || r->has_gateway != with_gateway ||
			is_implied(s, r))
			continue;
		inet_ntop(r->family, r->dst, dst, sizeof(dst));
		buf_addf(b, " route=%s/%u", dst, r->prefix);
		if (!with_gateway)
			continue;
		inet_ntop(r->family, r->gateway, gateway, sizeof(gateway));
		buf_addf(b, "@%s", gateway);
	}
}

char *netscan_record(const struct netscan *s, const struct net_link *l)
{
	const unsigned char *m = l->mac;
	struct buf b = {0};
	char ip[INET6_ADDRSTRLEN];
	int slaac = 0;

	buf_addf(&b, "mac=%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2],
		m[3], m[4], m[5]);
	for (size_t i = 0; i < s->naddrs; i++) {
		const struct net_addr *a = &s->addr[i];

		if (a->link != l->index || a->local)
			continue;
		if (a->family == AF_INET6 && a->temporary) {
			slaac = 1; /* the guest hears the router itself */
			continue;
		}
		inet_ntop(a->family, a->ip, ip, sizeof(ip));
		buf_addf(&b, " addr=%s/%u", ip, a->prefix);
	}
	put_routes(s, l, 0, &b);
	put_routes(s, l, 1, &b);
	buf_addf(&b, " mtu=%u%s", l->mtu, slaac ? "" : " noslaac");
	return buf_steal(&b);
}
