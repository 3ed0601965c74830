/* SPDX-License-Identifier: Apache-2.0 */
/* Multicast groups of sockets. */
#include "net/inet_group.h"

#include <asm/errno.h>
#include <linux/in.h>
#include <linux/in6.h>

#include "lwip/igmp.h"
#include "lwip/ip.h"
#include "lwip/mld6.h"

#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "net/net.h"

struct inet_member {
	struct inet_member *next;
	ip_addr_t group;
	struct netif *card;
};

static int join_card(struct netif *n, const ip_addr_t *group)
{
	if (IP_IS_V6(group))
		return inet_errno(mld6_joingroup_netif(n, ip_2_ip6(group)));
	return inet_errno(igmp_joingroup_netif(n, ip_2_ip4(group)));
}

static void leave_card(struct netif *n, const ip_addr_t *group)
{
	if (IP_IS_V6(group))
		mld6_leavegroup_netif(n, ip_2_ip6(group));
	else
		igmp_leavegroup_netif(n, ip_2_ip4(group));
}

static struct inet_member **find(
	struct inet *i, const struct netif *card, const ip_addr_t *group)
{
	struct inet_member **at = &i->groups;

	while (*at &&
		((*at)->card != card || !ip_addr_cmp(&(*at)->group, group)))
		at = &(*at)->next;
	return at;
}

static int join(struct inet *i, struct netif *card, const ip_addr_t *group)
{
	struct inet_member *m;
	int err;

	if (*find(i, card, group))
		return -EADDRINUSE;
	m = kzalloc(sizeof(*m));
	if (!m)
		return -ENOBUFS;
	m->group = *group;
	m->card = card;
	err = join_card(card, group);
	if (err) {
		kfree(m);
		return err;
	}
	m->next = i->groups;
	i->groups = m;
	return 0;
}

static int leave(struct inet *i, struct netif *card, const ip_addr_t *group)
{
	struct inet_member **at = find(i, card, group), *m = *at;

	if (!m)
		return -EADDRNOTAVAIL;
	*at = m->next;
	leave_card(m->card, &m->group);
	kfree(m);
	return 0;
}

void inet_leave_all(struct inet *i)
{
	while (i->groups)
		leave(i, i->groups->card, &i->groups->group);
}

/* By number, by an address that it has, or by the route to the group. */
static struct netif *card_of_choice(
	int index, uint32_t address, const ip_addr_t *group)
{
	struct netif *n;

	if (index)
		return index < 0 || index > 255
			       ? NULL
			       : netif_get_by_index((uint8_t)index);
	if (!address)
		return ip_route(IP46_ADDR_ANY(IP_GET_TYPE(group)), group);
	NETIF_FOREACH(n)
	{
		if (netif_ip4_addr(n)->addr == address)
			return n;
	}
	return NULL;
}

static int change(struct socket *s, bool in, int index, uint32_t address,
	ip_addr_t *group)
{
	struct inet *i = inet_of(s);
	struct netif *card;
	int err;

	if (!ip_addr_ismulticast(group))
		return -EINVAL;
	net_lock();
	card = card_of_choice(index, address, group);
	if (!card) {
		err = -ENODEV;
	} else {
		if (IP_IS_V6(group))
			ip6_addr_assign_zone(
				ip_2_ip6(group), IP6_MULTICAST, card);
		err = in ? join(i, card, group) : leave(i, card, group);
	}
	net_unlock();
	return err;
}

static int group4(struct socket *s, bool in, long uval, unsigned len)
{
	struct ip_mreqn req = {.imr_ifindex = 0};
	ip_addr_t group;

	if (len < sizeof(struct ip_mreq))
		return -EINVAL;
	if (copy_from_user(&req, (const void *)uval, MIN(len, sizeof(req))))
		return -EFAULT;
	if (len < sizeof(req))
		req.imr_ifindex = 0;
	ip_addr_set_ip4_u32_val(group, req.imr_multiaddr.s_addr);
	return change(s, in, req.imr_ifindex, req.imr_address.s_addr, &group);
}

static int group6(struct socket *s, bool in, long uval, unsigned len)
{
	struct ipv6_mreq req;
	ip_addr_t group;

	if (len < sizeof(req))
		return -EINVAL;
	if (copy_from_user(&req, (const void *)uval, sizeof(req)))
		return -EFAULT;
	memset(&group, 0, sizeof(group));
	memcpy(ip_2_ip6(&group)->addr, &req.ipv6mr_multiaddr, 16);
	IP_SET_TYPE_VAL(group, IPADDR_TYPE_V6);
	return change(s, in, req.ipv6mr_ifindex, 0, &group);
}

static int send_card4(struct socket *s, long uval, unsigned len)
{
	struct ip_mreqn req = {.imr_ifindex = 0};
	struct inet *i = inet_of(s);
	struct netif *n;

	if (len < sizeof(struct in_addr))
		return -EINVAL;
	if (len < sizeof(struct ip_mreq)) {
		if (copy_from_user(&req.imr_address, (const void *)uval,
			    sizeof(req.imr_address)))
			return -EFAULT;
	} else if (copy_from_user(
			   &req, (const void *)uval, MIN(len, sizeof(req)))) {
		return -EFAULT;
	}
	if (!req.imr_ifindex && !req.imr_address.s_addr) {
		i->mc_card = 0;
		i->mc_source.addr = 0;
		return 0;
	}
	net_lock();
	n = card_of_choice(
		req.imr_ifindex, req.imr_address.s_addr, IP4_ADDR_ANY);
	if (n) {
		i->mc_card = netif_get_index(n);
		i->mc_source.addr = req.imr_address.s_addr;
	}
	net_unlock();
	return n ? 0 : req.imr_ifindex ? -ENODEV : -EADDRNOTAVAIL;
}

static int send_card6(struct socket *s, long uval, unsigned len)
{
	struct netif *n = NULL;
	int v, err = option_get_int(uval, len, &v);

	if (err)
		return err;
	net_lock();
	if (v > 0 && v < 256)
		n = netif_get_by_index((uint8_t)v);
	net_unlock();
	if (v && !n)
		return -ENODEV;
	inet_of(s)->mc_card = (uint16_t)v;
	return 0;
}

int inet_group_option(
	struct socket *s, int level, int name, long uval, unsigned len)
{
	if (s->type == SOCK_STREAM)
		return -ENOPROTOOPT;
	if (level == IPPROTO_IP) {
		switch (name) {
		case IP_ADD_MEMBERSHIP:
		case IP_DROP_MEMBERSHIP:
			return group4(s, name == IP_ADD_MEMBERSHIP, uval, len);
		case IP_MULTICAST_IF:
			return send_card4(s, uval, len);
		}
		return -ENOPROTOOPT;
	}
	switch (name) {
	case IPV6_ADD_MEMBERSHIP:
	case IPV6_DROP_MEMBERSHIP:
		return group6(s, name == IPV6_ADD_MEMBERSHIP, uval, len);
	case IPV6_MULTICAST_IF:
		return send_card6(s, uval, len);
	}
	return -ENOPROTOOPT;
}
