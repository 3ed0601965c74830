/* SPDX-License-Identifier: Apache-2.0 */
/* Options of IPPROTO_IP and IPPROTO_IPV6. What does not work is refused. */
#include <asm/errno.h>
#include <linux/in.h>
#include <linux/in6.h>

#include "mm/uaccess.h"
#include "net/inet_group.h"
#include "net/inet_tcp.h"
#include "net/net.h"

enum { MTU_WANT = 1 }; /* IP_PMTUDISC_WANT: lwIP never fragments TCP */

/* The INET_* bit of an option that is yes or no; 0: it is not one. */
static uint32_t bit_of(const struct socket *s, int level, int name)
{
	bool dgram = s->type != SOCK_STREAM;

	if (level == IPPROTO_IP) {
		switch (name) {
		case IP_FREEBIND:
			return INET_FREEBIND;
		case IP_PKTINFO:
			return dgram ? INET_PKTINFO : 0;
		case IP_RECVTTL:
			return dgram ? INET_RECVTTL : 0;
		case IP_RECVTOS:
			return dgram ? INET_RECVTOS : 0;
		}
		return 0;
	}
	switch (name) {
	case IPV6_RECVPKTINFO:
		return dgram ? INET_PKTINFO6 : 0;
	case IPV6_RECVHOPLIMIT:
		return dgram ? INET_RECVHOPS : 0;
	case IPV6_RECVTCLASS:
		return dgram ? INET_RECVTCLASS : 0;
	case IPV6_FREEBIND:
		return INET_FREEBIND;
	}
	return 0;
}

/* A byte is taken where Linux does so. */
static int get_value(long uval, unsigned len, int *v)
{
	uint8_t one;

	if (len >= sizeof(int) || !len)
		return len ? option_get_int(uval, len, v) : (*v = 0, 0);
	if (copy_from_user(&one, (const void *)uval, 1))
		return -EFAULT;
	*v = one;
	return 0;
}

static int set_v6only(struct socket *s, int v)
{
	struct inet *i = inet_of(s);

	if (i->port)
		return -EINVAL;
	if (v)
		i->options |= INET_V6ONLY;
	else
		i->options &= ~(uint32_t)INET_V6ONLY;
	return 0;
}

static int set4(struct socket *s, int name, int v)
{
	struct inet *i = inet_of(s);

	switch (name) {
	case IP_TOS:
		i->tos = (uint8_t)v;
		/* Linux leaves the two bits of ECN on streams alone. */
		if (s->type == SOCK_STREAM)
			i->tos &= 0xfc;
		return 0;
	case IP_TTL:
		if (v != -1 && (v < 1 || v > 255))
			return -EINVAL;
		i->ttl = (int16_t)v;
		return 0;
	case IP_MTU_DISCOVER:
		return v == MTU_WANT ? 0 : -EINVAL;
	case IP_MULTICAST_TTL:
		if (s->type == SOCK_STREAM || v < -1 || v > 255)
			return -EINVAL;
		i->mc_ttl = v < 0 ? 1 : (uint8_t)v;
		return 0;
	case IP_MULTICAST_LOOP:
		if (v)
			i->options &= ~(uint32_t)INET_NO_MC_LOOP;
		else
			i->options |= INET_NO_MC_LOOP;
		return 0;
	}
	return -ENOPROTOOPT;
}

static int set6(struct socket *s, int name, int v)
{
	struct inet *i = inet_of(s);

	switch (name) {
	case IPV6_V6ONLY:
		return set_v6only(s, v);
	case IPV6_TCLASS:
		if (v < -1 || v > 255)
			return -EINVAL;
		i->tclass = v < 0 ? 0 : (uint8_t)v;
		return 0;
	case IPV6_UNICAST_HOPS:
		if (v < -1 || v > 255)
			return -EINVAL;
		i->hops = (int16_t)v;
		return 0;
	case IPV6_MULTICAST_HOPS:
		if (s->type == SOCK_STREAM)
			return -ENOPROTOOPT;
		if (v < -1 || v > 255)
			return -EINVAL;
		i->mc_hops = v < 0 ? 1 : (uint8_t)v;
		return 0;
	case IPV6_MULTICAST_LOOP:
		if (v != 0 && v != 1)
			return -EINVAL;
		if (v)
			i->options &= ~(uint32_t)INET_NO_MC_LOOP6;
		else
			i->options |= INET_NO_MC_LOOP6;
		return 0;
	case IPV6_MTU_DISCOVER:
		return v == MTU_WANT ? 0 : -EINVAL;
	}
	return -ENOPROTOOPT;
}

static void apply(struct socket *s)
{
	if (s->type != SOCK_STREAM)
		return;
	net_lock();
	tcp_apply(tcp_of(s));
	net_unlock();
}

int inet_set_option(
	struct socket *s, int level, int name, long uval, unsigned len)
{
	struct inet *i = inet_of(s);
	uint32_t bit = bit_of(s, level, name);
	int v, err;

	if (level == IPPROTO_IPV6 && s->domain != AF_INET6)
		return -ENOPROTOOPT;
	err = inet_group_option(s, level, name, uval, len);
	if (err != -ENOPROTOOPT)
		return err;
	err = level == IPPROTO_IP ? get_value(uval, len, &v)
				  : option_get_int(uval, len, &v);
	if (err)
		return err;
	if (bit) {
		i->options = v ? i->options | bit : i->options & ~bit;
		return 0;
	}
	err = level == IPPROTO_IP ? set4(s, name, v) : set6(s, name, v);
	if (!err)
		apply(s);
	return err;
}

static int get4(const struct socket *s, int name, int *v)
{
	const struct inet *i = inet_of(s);

	switch (name) {
	case IP_TOS:
		*v = i->tos;
		return 0;
	case IP_TTL:
		*v = i->ttl < 0 ? 64 : i->ttl;
		return 0;
	case IP_MTU_DISCOVER:
		*v = MTU_WANT;
		return 0;
	case IP_MULTICAST_TTL:
		*v = s->type == SOCK_STREAM ? 1 : i->mc_ttl;
		return 0;
	case IP_MULTICAST_LOOP:
		*v = !(i->options & INET_NO_MC_LOOP);
		return 0;
	}
	return -ENOPROTOOPT;
}

static int get6(const struct socket *s, int name, int *v)
{
	const struct inet *i = inet_of(s);

	switch (name) {
	case IPV6_V6ONLY:
		*v = !!(i->options & INET_V6ONLY);
		return 0;
	case IPV6_TCLASS:
		*v = i->tclass;
		return 0;
	case IPV6_UNICAST_HOPS:
		*v = i->hops < 0 ? 64 : i->hops;
		return 0;
	case IPV6_MULTICAST_HOPS:
		*v = s->type == SOCK_STREAM ? 1 : i->mc_hops;
		return 0;
	case IPV6_MULTICAST_LOOP:
		*v = !(i->options & INET_NO_MC_LOOP6);
		return 0;
	case IPV6_MULTICAST_IF:
		*v = i->mc_card;
		return 0;
	case IPV6_MTU_DISCOVER:
		*v = MTU_WANT;
		return 0;
	}
	return -ENOPROTOOPT;
}

/* Linux writes one byte where there is only room for that. */
static int put4(long uval, unsigned *len, int v)
{
	uint8_t one = (uint8_t)v;

	if (*len && *len < sizeof(int) && v >= 0 && v <= 255)
		return option_put(uval, len, &one, 1);
	return option_put_int(uval, len, v);
}

int inet_get_option(
	struct socket *s, int level, int name, long uval, unsigned *len)
{
	const struct inet *i = inet_of(s);
	uint32_t bit = bit_of(s, level, name);
	int v = 0, err = 0;

	if (level != IPPROTO_IP && s->domain != AF_INET6)
		return -EOPNOTSUPP;
	if (level != IPPROTO_IP && level != IPPROTO_IPV6)
		return -ENOPROTOOPT;
	if (level == IPPROTO_IP && name == IP_MULTICAST_IF)
		return option_put(uval, len, &i->mc_source, sizeof(uint32_t));
	if (bit)
		v = !!(i->options & bit);
	else
		err = level == IPPROTO_IP ? get4(s, name, &v)
					  : get6(s, name, &v);
	if (err)
		return err;
	return level == IPPROTO_IP ? put4(uval, len, v)
				   : option_put_int(uval, len, v);
}
