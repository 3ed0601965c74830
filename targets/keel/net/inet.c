/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of AF_INET and AF_INET6: families, addresses. */
#include "net/inet.h"

#include <asm/errno.h>
#include <linux/in.h>
#include <linux/in6.h>

#include "lwip/err.h"
#include "lwip/ip4.h"

#include "kern/string.h"
#include "mm/kmalloc.h"
#include "net/net.h"

/* Up to and with sin6_addr: what RFC 2133 had. */
enum { SIN6_LEN_MIN = 24 };

int socket_inet_create(struct socket *s, int type, int protocol)
{
	switch (type) {
	case SOCK_STREAM:
		if (protocol && protocol != IPPROTO_TCP)
			return -EPROTONOSUPPORT;
		s->protocol = IPPROTO_TCP;
		return tcp_socket_create(s);
	case SOCK_DGRAM:
		if (protocol && protocol != IPPROTO_UDP)
			return -EPROTONOSUPPORT;
		s->protocol = IPPROTO_UDP;
		return udp_socket_create(s);
	case SOCK_RAW:
		if (protocol <= 0 || protocol > 255)
			return -EPROTONOSUPPORT;
		return raw_socket_create(s, protocol);
	}
	return -ESOCKTNOSUPPORT;
}

static int get_addr6(const struct sockaddr_storage *a, unsigned len,
	ip_addr_t *ip, uint16_t *port)
{
	const struct sockaddr_in6 *in6 = (const void *)a;
	ip6_addr_t *to = ip_2_ip6(ip);

	if (len < SIN6_LEN_MIN)
		return -EINVAL;
	if (in6->sin6_family != AF_INET6)
		return -EAFNOSUPPORT;
	*port = lwip_ntohs(in6->sin6_port);
	memset(ip, 0, sizeof(*ip));
	memcpy(to->addr, &in6->sin6_addr, 16);
	IP_SET_TYPE(ip, IPADDR_TYPE_V6);
	if (ip6_addr_isipv4mappedipv6(to)) {
		uint32_t v4 = to->addr[3];

		ip_addr_set_ip4_u32(ip, v4);
	} else if (ip6_addr_has_scope(to, IP6_UNKNOWN)) {
		ip6_addr_set_zone(to, (uint8_t)in6->sin6_scope_id);
	}
	return 0;
}

int inet_get_addr(const struct socket *s, const struct sockaddr_storage *a,
	unsigned len, ip_addr_t *ip, uint16_t *port)
{
	const struct sockaddr_in *in = (const void *)a;

	if (s->domain == AF_INET6)
		return get_addr6(a, len, ip, port);
	if (len < sizeof(*in))
		return -EINVAL;
	if (in->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	*port = lwip_ntohs(in->sin_port);
	ip_addr_set_ip4_u32(ip, in->sin_addr.s_addr);
	return 0;
}

int inet_put_addr(const struct socket *s, const ip_addr_t *ip, uint16_t port,
	struct sockaddr_storage *a)
{
	struct sockaddr_in6 *in6 = (void *)a;
	struct sockaddr_in *in = (void *)a;

	if (s->domain == AF_INET) {
		memset(in, 0, sizeof(*in));
		in->sin_family = AF_INET;
		in->sin_port = lwip_htons(port);
		if (IP_IS_V4(ip))
			in->sin_addr.s_addr = ip_2_ip4(ip)->addr;
		return sizeof(*in);
	}
	memset(in6, 0, sizeof(*in6));
	in6->sin6_family = AF_INET6;
	in6->sin6_port = lwip_htons(port);
	if (IP_IS_V6_VAL(*ip)) {
		memcpy(&in6->sin6_addr, ip_2_ip6(ip)->addr, 16);
		if (ip6_addr_has_zone(ip_2_ip6(ip)))
			in6->sin6_scope_id = ip6_addr_zone(ip_2_ip6(ip));
	} else if (!IP_IS_ANY_TYPE_VAL(*ip)) {
		in6->sin6_addr.s6_addr[10] = in6->sin6_addr.s6_addr[11] = 0xff;
		memcpy(&in6->sin6_addr.s6_addr[12], &ip_2_ip4(ip)->addr, 4);
	}
	return sizeof(*in6);
}

bool inet_is_local(const ip_addr_t *ip)
{
	struct netif *n;

	if (IP_IS_V4(ip) && ip4_addr_isloopback(ip_2_ip4(ip)))
		return true;
	NETIF_FOREACH(n)
	{
		if (IP_IS_V4(ip) &&
			ip4_addr_cmp(ip_2_ip4(ip), netif_ip4_addr(n)))
			return true;
		if (IP_IS_V6(ip) &&
			netif_get_ip6_addr_match(n, ip_2_ip6(ip)) >= 0)
			return true;
	}
	return false;
}

/* The program may leave AF_UNSPEC for the address of all. */
static bool is_unspec_any(
	const struct socket *s, const struct sockaddr_storage *a, unsigned len)
{
	const struct sockaddr_in *in = (const void *)a;

	return s->domain == AF_INET && len >= sizeof(*in) &&
	       in->sin_family == AF_UNSPEC && !in->sin_addr.s_addr;
}

static int check_local(const ip_addr_t *ip)
{
	bool local;

	net_lock();
	local = inet_is_local(ip);
	net_unlock();
	return local ? 0 : -EADDRNOTAVAIL;
}

int inet_check_bind(const struct socket *s, const struct sockaddr_storage *a,
	unsigned len, ip_addr_t *ip, uint16_t *port)
{
	const struct inet *i = inet_of(s);
	struct sockaddr_storage b = *a;
	int err;

	if (is_unspec_any(s, a, len))
		b.family = AF_INET;
	err = inet_get_addr(s, &b, len, ip, port);
	if (err)
		return err;
	if (s->domain == AF_INET6 && IP_IS_V4(ip) && i->options & INET_V6ONLY)
		return -EINVAL;
	if (s->domain == AF_INET6 && IP_IS_V6(ip) && ip_addr_isany(ip)) {
		if (!(i->options & INET_V6ONLY))
			IP_SET_TYPE(ip, IPADDR_TYPE_ANY);
		return 0;
	}
	if (ip_addr_isany(ip) || i->options & INET_FREEBIND)
		return 0;
	if (IP_IS_V6(ip) && ip6_addr_lacks_zone(ip_2_ip6(ip), IP6_UNICAST))
		return -EINVAL;
	if (ip_addr_ismulticast(ip))
		return s->type == SOCK_STREAM ? -EADDRNOTAVAIL : 0;
	if (IP_IS_V4(ip) && ip_2_ip4(ip)->addr == IPADDR_BROADCAST)
		return s->type == SOCK_STREAM ? -EADDRNOTAVAIL : 0;
	err = check_local(ip);
	if (err && net_is_waiting() && IP_IS_V4(ip)) {
		net_wait_addresses();
		err = check_local(ip);
	}
	return err;
}

static bool has_route(const ip_addr_t *ip)
{
	struct netif *n;

	net_lock();
	n = ip4_route(ip_2_ip4(ip));
	net_unlock();
	return n && !ip4_addr_isany(netif_ip4_addr(n));
}

void inet_fix_destination(ip_addr_t *ip)
{
	if (!ip_addr_isany(ip)) {
		if (net_is_waiting() && IP_IS_V4(ip) && !has_route(ip))
			net_wait_addresses();
		return;
	}
	if (IP_IS_V4(ip))
		ip_addr_set_loopback_val(false, *ip);
	else
		ip_addr_set_loopback_val(true, *ip);
}

int inet_errno(int err)
{
	switch (err) {
	case ERR_OK:
		return 0;
	case ERR_MEM:
	case ERR_BUF:
		return -ENOBUFS;
	case ERR_TIMEOUT:
	case ERR_ABRT:
		return -ETIMEDOUT;
	case ERR_RTE:
		return -ENETUNREACH;
	case ERR_USE:
		return -EADDRNOTAVAIL;
	case ERR_ISCONN:
		return -EISCONN;
	case ERR_CONN:
		return -ENOTCONN;
	case ERR_RST:
		return -ECONNRESET;
	case ERR_IF:
		return -ENETDOWN;
	}
	return -EINVAL;
}

/* --- ports -------------------------------------------------------------*/

enum { PORT_HASH = 1024 };

static struct inet_port *ports[PORT_HASH]; /* under net_lock */

uint32_t net_random(void);

struct inet_port *inet_port_next(
	const struct inet_port *after, uint8_t protocol, uint16_t port)
{
	struct inet_port *p = after ? after->next : ports[port % PORT_HASH];

	while (p && (p->port != port || p->protocol != protocol))
		p = p->next;
	return p;
}

struct inet_port *inet_port_new(const struct socket *s, uint8_t protocol)
{
	const struct inet *i = inet_of(s);
	struct inet_port *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	if (s->domain == AF_INET6)
		IP_SET_TYPE_VAL(p->ip, i->options & INET_V6ONLY
					       ? IPADDR_TYPE_V6
					       : IPADDR_TYPE_ANY);
	p->protocol = protocol;
	p->reuse = s->options & SOCKET_REUSEADDR;
	p->reuseport = s->options & SOCKET_REUSEPORT;
	return p;
}

static bool is_any(const ip_addr_t *ip)
{
	return IP_IS_ANY_TYPE_VAL(*ip) || ip_addr_isany(ip);
}

/* Whether a packet could be for both. */
static bool overlap(const ip_addr_t *a, const ip_addr_t *b)
{
	if (IP_IS_ANY_TYPE_VAL(*a) || IP_IS_ANY_TYPE_VAL(*b))
		return true;
	if (IP_IS_V6(a) != IP_IS_V6(b))
		return false;
	return is_any(a) || is_any(b) || ip_addr_cmp(a, b);
}

static bool conflict(const struct inet_port *a, const struct inet_port *b)
{
	if (a == b || !overlap(&a->ip, &b->ip))
		return false;
	if (a->reuseport && b->reuseport)
		return false;
	if (a->reuse && b->reuse)
		return a->protocol == IPPROTO_TCP && b->listening;
	return true;
}

static bool is_free(const struct inet_port *p, uint16_t port)
{
	struct inet_port *q = inet_port_next(NULL, p->protocol, port);

	while (q && !conflict(p, q))
		q = inet_port_next(q, p->protocol, port);
	return !q;
}

void inet_port_join(struct inet_port *p, uint16_t port)
{
	struct inet_port **head = &ports[port % PORT_HASH];

	p->port = port;
	p->next = *head;
	p->link = head;
	if (p->next)
		p->next->link = &p->next;
	*head = p;
}

int inet_port_take(struct inet_port *p, uint16_t port)
{
	unsigned range = PORT_END - PORT_FIRST, at;

	if (port) {
		if (!is_free(p, port))
			return -EADDRINUSE;
		inet_port_join(p, port);
		return 0;
	}
	at = net_random() % range;
	for (unsigned n = 0; n < range; n++, at = (at + 1) % range) {
		port = (uint16_t)(PORT_FIRST + at);
		if (!inet_port_next(NULL, p->protocol, port)) {
			inet_port_join(p, port);
			return 0;
		}
	}
	return -EADDRINUSE;
}

void inet_port_release(struct inet_port *p)
{
	if (!p || !p->link)
		return;
	*p->link = p->next;
	if (p->next)
		p->next->link = p->link;
	p->link = NULL;
}

bool inet_port_listened(const struct inet_port *p)
{
	struct inet_port *q = NULL;

	while ((q = inet_port_next(q, p->protocol, p->port)))
		if (q != p && q->listening && overlap(&p->ip, &q->ip) &&
			!(p->reuseport && q->reuseport))
			return true;
	return false;
}
