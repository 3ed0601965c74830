/* SPDX-License-Identifier: Apache-2.0 */
/* Reads -p options and looks whether their ports are free. */
#include "vm/publish.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"

enum { PORT_MAX = 65535, TRIES = 20 };

struct range {
	unsigned first, last; /* 0, 0: none */
};

void vm_publishes_free(struct vm_publishes *l)
{
	free(l->v);
	*l = (struct vm_publishes){0};
}

/* "80" or "80-89", from a port that is not 0. */
static int parse_range(const char *s, struct range *r)
{
	unsigned n[2] = {0, 0};
	int i = 0;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	for (; *s; s++) {
		if (*s == '-' && i == 0 && s[1])
			i = 1;
		else if (*s >= '0' && *s <= '9' && n[i] <= PORT_MAX)
			n[i] = 10 * n[i] + (unsigned)(*s - '0');
		else
			return -EINVAL;
	}
	r->first = n[0];
	r->last = i ? n[1] : n[0];
	if (r->first < 1 || r->last > PORT_MAX || r->last < r->first)
		return -EINVAL;
	return 0;
}

/* "127.0.0.1", "::1" or "[::1]". */
static int parse_address(char *s, struct vm_publish *p)
{
	size_t n = strlen(s);

	if (*s == '[' && n > 2 && s[n - 1] == ']') {
		s[n - 1] = 0;
		s++;
	}
	p->family = strchr(s, ':') ? AF_INET6 : AF_INET;
	return inet_pton(p->family, s, p->addr) == 1 ? 0 : -EINVAL;
}

/* The part behind the last colon, which is cut off; NULL: none is left. */
static char *last_part(char *s)
{
	char *colon = strrchr(s, ':');

	/* A colon of an address in brackets is none of ours. */
	if (!colon || strchr(colon, ']'))
		return NULL;
	*colon = 0;
	return colon + 1;
}

static int same(const struct vm_publish *a, const struct vm_publish *b)
{
	return a->host && a->host == b->host && a->udp == b->udp &&
	       a->family == b->family && !memcmp(a->addr, b->addr, 16);
}

static int add(
	struct vm_publishes *l, const struct vm_publish *p, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		if (same(&l->v[i], p))
			return err_set(
				e, -EINVAL, "port %u is given twice", p->host);
	}
	l->v = xreallocarray(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = *p;
	return 0;
}

int vm_publish_add(struct vm_publishes *l, const char *spec, struct err *e)
{
	_free_ char *copy = xstrdup(spec);
	char *proto = strchr(copy, '/'), *guest, *host = NULL;
	struct vm_publish p = {.family = AF_UNSPEC};
	struct range g = {0}, h = {0};
	int r = 0;

	if (proto)
		*proto++ = 0;
	guest = last_part(copy);
	if (guest)
		host = last_part(copy);
	if (!guest) {
		guest = copy;
	} else if (!host) {
		host = copy;
	} else {
		r = parse_address(copy, &p);
	}
	if (r || parse_range(guest, &g) ||
		(host && *host && parse_range(host, &h)) ||
		(host && !*host && host == copy))
		return err_set(e, -EINVAL,
			"\"%s\" is not a port: [IP:]HOST:GUEST[/udp]", spec);
	if (proto && strcmp(proto, "tcp") != 0 && strcmp(proto, "udp") != 0)
		return err_set(
			e, -EINVAL, "\"%s\": the protocol is tcp or udp", spec);
	if (h.first && h.last - h.first != g.last - g.first)
		return err_set(e, -EINVAL,
			"\"%s\": the ranges differ in length", spec);
	p.udp = proto && !strcmp(proto, "udp");
	for (unsigned i = 0; r == 0 && i <= g.last - g.first; i++) {
		p.guest = (uint16_t)(g.first + i);
		p.host = (uint16_t)(h.first ? h.first + i : 0);
		r = add(l, &p, e);
	}
	return r;
}

void vm_publish_name(const struct vm_publish *p, char out[80])
{
	const char *proto = p->udp ? "udp" : "tcp";
	char ip[INET6_ADDRSTRLEN];

	if (p->family == AF_UNSPEC) {
		snprintf(out, 80, "%s port %u", proto, p->host);
		return;
	}
	inet_ntop(p->family, p->addr, ip, sizeof(ip));
	snprintf(out, 80, p->family == AF_INET6 ? "%s [%s]:%u" : "%s %s:%u",
		proto, ip, p->host);
}

/* The port that was bound, 0 if this family is not there; -errno. */
static int try_bind(const struct vm_publish *p, int family, unsigned port)
{
	_close_ int fd = socket(
		family, (p->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
	struct sockaddr_in a4 = {.sin_family = AF_INET};
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6};
	struct sockaddr *a = (struct sockaddr *)(void *)&a4;
	socklen_t len = sizeof(a4);
	int on = 1;

	if (fd < 0)
		return errno == EAFNOSUPPORT ? 0 : -errno;
	if (family == AF_INET6) {
		a = (struct sockaddr *)(void *)&a6;
		len = sizeof(a6);
		memcpy(&a6.sin6_addr, p->addr, 16);
		a6.sin6_port = htons((uint16_t)port);
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	} else {
		memcpy(&a4.sin_addr, p->addr, 4);
		a4.sin_port = htons((uint16_t)port);
	}
	/* As the one who will listen does it. */
	if (!p->udp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, a, len) < 0) {
		if (errno == EADDRNOTAVAIL && p->family == AF_UNSPEC)
			return 0;
		return -errno;
	}
	if (!p->udp && listen(fd, 1) < 0)
		return -errno;
	if (getsockname(fd, a, &len) < 0)
		return -errno;
	return ntohs(family == AF_INET6 ? a6.sin6_port : a4.sin_port);
}

static int reserve(struct vm_publish *p)
{
	int port, r = -EADDRINUSE;

	if (p->family != AF_UNSPEC) {
		port = try_bind(p, p->family, p->host);
		if (port == 0)
			return -EAFNOSUPPORT;
		if (port > 0)
			p->host = (uint16_t)port;
		return port < 0 ? port : 0;
	}
	for (int i = 0; i < TRIES; i++) {
		port = try_bind(p, AF_INET, p->host);
		if (port < 0)
			return port;
		r = try_bind(p, AF_INET6, (unsigned)port);
		if (r >= 0) {
			p->host = (uint16_t)port;
			return 0;
		}
		if (p->host)
			break;
	}
	return r;
}

int vm_publish_reserve(struct vm_publishes *l, struct err *e)
{
	char name[80];
	int r;

	for (size_t i = 0; i < l->n; i++) {
		r = reserve(&l->v[i]);
		if (r < 0) {
			vm_publish_name(&l->v[i], name);
			return err_set(
				e, r, "publish %s: %s", name, strerror(-r));
		}
	}
	return 0;
}
