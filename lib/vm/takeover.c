/* SPDX-License-Identifier: Apache-2.0 */
/* The guest takes the place of the container's own network interfaces. */
#include "vm/takeover.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_mirred.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "vm/netlink.h"

/* The handle of an interface's ingress rules (tc-u32(8)). */
#define INGRESS 0xffff0000u

enum { ADDR_GEN_NONE = 1 };

/* A rule: packets that agree in all of the words go to an interface. */
struct rule {
	uint16_t priority, protocol; /* ETH_P_ALL: any */
	int copy;                    /* and go on to where they went */
	struct word {
		int offset; /* in the network header, a multiple of 4 */
		uint32_t value, mask;
	} word[3];
	unsigned nwords;
};

static const struct rule all = {
	.priority = 9,
	.protocol = ETH_P_ALL,
	.word = {{0, 0, 0}},
	.nwords = 1,
};

/* Answers of others to the addresses' old owner. */
static const struct rule arp_answers = {
	.priority = 1,
	.protocol = ETH_P_ARP,
	.copy = 1,
	.word = {{4, 0x00000002, 0x0000ffff}},
	.nwords = 1,
};
static const struct rule dns_answers = {
	.priority = 2,
	.protocol = ETH_P_IP,
	.copy = 1,
	/* No options; UDP; from port 53. */
	.word = {{0, 0x45000000, 0xff000000}, {8, 0x00110000, 0x00ff0000},
		{20, 53u << 16, 0xffff0000}},
	.nwords = 3,
};

/* What is needed on the way. */
struct taking {
	int nl, dns;
	const struct netscan *scan;
	struct vm_net *net;
};

static int is_containers(const struct net_link *l)
{
	static const char *const kinds[] = {"veth", "macvlan", "ipvlan"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(l->kind, kinds[i]))
			return l->ether;
	}
	return 0;
}

int takeover_fits(const struct netscan *s)
{
	size_t used = 0;

	for (size_t i = 0; i < s->nlinks; i++) {
		const struct net_link *l = &s->link[i];

		if (!(l->flags & IFF_UP) || (l->flags & IFF_LOOPBACK))
			continue;
		if (!is_containers(l))
			return 0;
		used += (size_t)netscan_is_used(s, l);
	}
	return used > 0 && used < VM_CARDS_MAX;
}

static int request(int nl, struct buf *b, struct err *e, const char *what,
	const char *name)
{
	int r = netlink_request(nl, b);

	if (r == 0)
		return 0;
	errno = -r;
	return err_errno(e, "%s %s", what, name);
}

/* A tap with room for offloads, the name in *name. */
static int open_tap(char name[IFNAMSIZ], struct err *e)
{
	_close_ int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	struct ifreq q = {.ifr_name = "keel%d"};

	if (fd < 0)
		return err_errno(e, "open /dev/net/tun");
	q.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	if (ioctl(fd, TUNSETIFF, &q) < 0)
		return err_errno(e, "make a tap");
	memcpy(name, q.ifr_name, IFNAMSIZ);
	return steal_fd(fd);
}

/* Up, with the MTU, and without an IPv6 address that would speak by itself. */
static int set_up_tap(
	int nl, int index, const char *name, unsigned mtu, struct err *e)
{
	struct ifinfomsg h = {.ifi_index = index};
	const uint8_t none = ADDR_GEN_NONE;
	_buf_ struct buf b = {0}, up = {0};
	size_t spec, inet6;

	netlink_begin(&b, RTM_SETLINK, 0, &h, sizeof(h));
	spec = netlink_begin_nest(&b, IFLA_AF_SPEC);
	inet6 = netlink_begin_nest(&b, AF_INET6);
	netlink_put(&b, IFLA_INET6_ADDR_GEN_MODE, &none, sizeof(none));
	netlink_end_nest(&b, inet6);
	netlink_end_nest(&b, spec);
	/* Where there is no IPv6 there is nothing to prevent. */
	netlink_request(nl, &b);
	h.ifi_flags = h.ifi_change = IFF_UP;
	netlink_begin(&up, RTM_SETLINK, 0, &h, sizeof(h));
	netlink_put_u32(&up, IFLA_MTU, mtu);
	return request(nl, &up, e, "set up", name);
}

static int add_ingress(int nl, int index, const char *name, struct err *e)
{
	struct tcmsg h = {.tcm_ifindex = index,
		.tcm_handle = INGRESS,
		.tcm_parent = TC_H_INGRESS};
	_buf_ struct buf b = {0};

	netlink_begin(
		&b, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &h, sizeof(h));
	netlink_put_str(&b, TCA_KIND, "ingress");
	return request(nl, &b, e, "traffic control of", name);
}

static void put_action(struct buf *b, int copy, int to)
{
	struct tc_mirred m = {
		.action = copy ? TC_ACT_OK : TC_ACT_STOLEN,
		.eaction = copy ? TCA_EGRESS_MIRROR : TCA_EGRESS_REDIR,
		.ifindex = (uint32_t)to,
	};
	size_t list = netlink_begin_nest(b, TCA_U32_ACT);
	size_t first = netlink_begin_nest(b, 1);
	size_t options;

	netlink_put_str(b, TCA_ACT_KIND, "mirred");
	options = netlink_begin_nest(b, TCA_ACT_OPTIONS);
	netlink_put(b, TCA_MIRRED_PARMS, &m, sizeof(m));
	netlink_end_nest(b, options);
	netlink_end_nest(b, first);
	netlink_end_nest(b, list);
}

static int add_rule(int nl, int index, const struct rule *r, int to,
	const char *name, struct err *e)
{
	struct tcmsg h = {
		.tcm_ifindex = index,
		.tcm_parent = INGRESS,
		.tcm_info = (uint32_t)r->priority << 16 | htons(r->protocol),
	};
	struct tc_u32_sel sel = {
		.flags = TC_U32_TERMINAL, .nkeys = (unsigned char)r->nwords};
	_buf_ struct buf b = {0}, match = {0};
	size_t options;

	buf_add(&match, &sel, sizeof(sel));
	for (unsigned i = 0; i < r->nwords; i++) {
		struct tc_u32_key key = {
			.off = r->word[i].offset,
			.val = htonl(r->word[i].value),
			.mask = htonl(r->word[i].mask),
		};

		buf_add(&match, &key, sizeof(key));
	}
	netlink_begin(
		&b, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &h, sizeof(h));
	netlink_put_str(&b, TCA_KIND, "u32");
	options = netlink_begin_nest(&b, TCA_OPTIONS);
	put_action(&b, r->copy, to);
	netlink_put(&b, TCA_U32_SEL, match.data, match.len);
	netlink_end_nest(&b, options);
	return request(nl, &b, e, "a traffic rule of", name);
}

static int join(const struct taking *t, const struct net_link *l,
	struct vm_card *c, int tap, const char *name, struct err *e)
{
	int r = add_ingress(t->nl, tap, name, e);

	if (r == 0)
		r = add_ingress(t->nl, l->index, l->name, e);
	if (r < 0)
		return r;
	c->link = l->index;
	r = add_rule(t->nl, tap, &all, l->index, name, e);
	if (r == 0 && t->dns)
		r = add_rule(t->nl, l->index, &arp_answers, tap, l->name, e);
	if (r == 0 && t->dns)
		r = add_rule(t->nl, l->index, &dns_answers, tap, l->name, e);
	if (r == 0)
		r = add_rule(t->nl, l->index, &all, tap, l->name, e);
	return r;
}

static int take(const struct taking *t, const struct net_link *l, struct err *e)
{
	struct vm_card *c = &t->net->card[t->net->ncards];
	char name[IFNAMSIZ];
	int index, r;

	*c = (struct vm_card){.tap = -1, .vhost = -1, .mtu = l->mtu};
	r = c->tap = open_tap(name, e);
	if (r < 0)
		return r;
	t->net->ncards++;
	/* The kernel's own backend, for those who may use it. */
	c->vhost = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);
	memcpy(c->mac, l->mac, 6);
	c->record = netscan_record(t->scan, l);
	index = (int)if_nametoindex(name);
	r = set_up_tap(t->nl, index, name, l->mtu, e);
	return r < 0 ? r : join(t, l, c, index, name, e);
}

int takeover_start(
	struct vm_net *n, const struct netscan *s, int dns, struct err *e)
{
	_close_ int nl = netlink_open(e);
	const struct taking t = {.nl = nl, .dns = dns, .scan = s, .net = n};
	int r = nl < 0 ? nl : 0;

	for (size_t i = 0; i < s->nlinks && r == 0; i++) {
		if (netscan_is_used(s, &s->link[i]))
			r = take(&t, &s->link[i], e);
	}
	if (r < 0) {
		takeover_end(n);
		vm_net_free(n);
	}
	return r;
}

void takeover_end(struct vm_net *n)
{
	struct err ignored;
	_close_ int nl = netlink_open(&ignored);

	for (size_t i = 0; nl >= 0 && i < n->ncards; i++) {
		struct tcmsg h = {.tcm_ifindex = n->card[i].link,
			.tcm_handle = INGRESS,
			.tcm_parent = TC_H_INGRESS};
		_buf_ struct buf b = {0};

		if (!n->card[i].link)
			continue;
		netlink_begin(&b, RTM_DELQDISC, 0, &h, sizeof(h));
		netlink_request(nl, &b);
		n->card[i].link = 0;
	}
}
