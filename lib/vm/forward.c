/* SPDX-License-Identifier: Apache-2.0 */
/* Opens our ports for those that the guest takes peers on. */
#include "vm/forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "abi/channel.h"
#include "core/log.h"
#include "core/mem.h"
#include "vm/monitor.h"
#include "vm/relay.h"
#include "vm/unsent.h"

/* A port of ours that is open for one of the guest. */
struct opening {
	char *rule; /* "tcp:0.0.0.0:80", what QEMU was told; NULL: nothing */
	int relay;  /* its number there; -1: none */
};

/* A port of the guest and how many of its sockets are there. */
struct port {
	int udp;
	uint16_t number;
	unsigned users;
	struct opening *v;
	size_t n;
};

struct forward {
	const struct vm_net *net;
	struct monitor monitor;
	struct relay *relay;
	struct port *port;
	size_t nports;
	int draining;
};

struct forward *forward_new(const struct vm_net *n, int monitor)
{
	struct forward *f = xcalloc(1, sizeof(*f));

	f->net = n;
	f->monitor.fd = monitor;
	f->relay = relay_new();
	return f;
}

static void port_clear(struct port *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].rule);
	free(p->v);
	p->v = NULL;
	p->n = 0;
}

void forward_free(struct forward *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->nports; i++)
		port_clear(&f->port[i]);
	free(f->port);
	relay_free(f->relay);
	monitor_free(&f->monitor);
	free(f);
}

int forward_fd(const struct forward *f)
{
	return f ? relay_fd(f->relay) : -1;
}

void forward_work(struct forward *f)
{
	relay_work(f->relay);
}

static struct opening *add_opening(struct port *p)
{
	p->v = xreallocarray(p->v, p->n + 1, sizeof(*p->v));
	p->v[p->n] = (struct opening){.relay = -1};
	return &p->v[p->n++];
}

/* Over IPv4, by QEMU: 1 if the port is open now. */
static int open_v4(struct forward *f, struct port *p, const char *ip,
	unsigned host, struct err *e)
{
	const char *proto = p->udp ? "udp" : "tcp";
	_free_ char *rule = xasprintf("%s:%s:%u", proto, ip, host);
	_free_ char *command =
		xasprintf("hostfwd_add user %s-:%u", rule, p->number);
	_buf_ struct buf said = {0};
	int r = monitor_command(&f->monitor, command, &said, e);

	if (r < 0)
		return r;
	if (said.len) {
		log_add(LOG_WARNING,
			"%s port %u of the program is not forwarded: %s:%u "
			"cannot be opened (in use, or not allowed)",
			proto, p->number, *ip ? ip : "0.0.0.0", host);
		return 0;
	}
	add_opening(p)->rule = steal_ptr(rule);
	return 1;
}

/* Over IPv6, by the relay; to `inner` of 127.0.0.1. */
static void open_v6(struct forward *f, struct port *p, const unsigned char *ip,
	unsigned host, unsigned inner, int must)
{
	struct sockaddr_in6 a = {
		.sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)host),
	};
	int id;

	if (ip)
		memcpy(&a.sin6_addr, ip, 16);
	id = relay_open(f->relay, p->udp, &a, (uint16_t)inner);
	if (id >= 0)
		add_opening(p)->relay = id;
	else if (must || (id != -EAFNOSUPPORT && id != -EADDRNOTAVAIL))
		log_add(LOG_WARNING,
			"%s port %u of the program is not forwarded over IPv6: "
			"port %u: %s",
			p->udp ? "udp" : "tcp", p->number, host, strerror(-id));
}

/* A port of 127.0.0.1 that is free. */
static unsigned free_port(int udp)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(a);
	_close_ int fd = socket(
		AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&a, sizeof(a)) < 0 ||
		getsockname(fd, (struct sockaddr *)(void *)&a, &len) < 0)
		return 0;
	return ntohs(a.sin_port);
}

static int open_published(struct forward *f, struct port *p,
	const struct vm_publish *pub, struct err *e)
{
	char ip[INET_ADDRSTRLEN] = "";
	unsigned inner = pub->host;
	int r;

	if (pub->family == AF_INET)
		inet_ntop(AF_INET, pub->addr, ip, sizeof(ip));
	if (pub->family == AF_INET6) {
		strcpy(ip, "127.0.0.1");
		inner = free_port(pub->udp);
	}
	r = open_v4(f, p, ip, inner, e);
	if (r > 0 && pub->family != AF_INET)
		open_v6(f, p, pub->addr, pub->host, inner,
			pub->family == AF_INET6);
	return r < 0 ? r : 0;
}

static int port_open(struct forward *f, struct port *p, struct err *e)
{
	const struct vm_publishes *pub = f->net->publish;
	int r = 0;

	switch (f->net->forward) {
	case VM_FORWARD_LOOPBACK:
		r = open_v4(f, p, "127.0.0.1", p->number, e);
		break;
	case VM_FORWARD_ALL:
		r = open_v4(f, p, "", p->number, e);
		if (r > 0)
			open_v6(f, p, NULL, p->number, p->number, 0);
		break;
	case VM_FORWARD_PUBLISHED:
		for (size_t i = 0; pub && i < pub->n && r >= 0; i++) {
			if (pub->v[i].guest == p->number &&
				!pub->v[i].udp == !p->udp)
				r = open_published(f, p, &pub->v[i], e);
		}
	}
	return r < 0 ? r : 0;
}

static int port_close(struct forward *f, struct port *p, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < p->n && r == 0; i++) {
		const struct opening *o = &p->v[i];
		_free_ char *command = NULL;
		_buf_ struct buf said = {0};

		if (o->relay >= 0)
			relay_close(f->relay, o->relay);
		if (!o->rule)
			continue;
		command = xasprintf("hostfwd_remove user %s", o->rule);
		r = monitor_command(&f->monitor, command, &said, e);
		/* A machine that has just ended has no open ports. */
		if (r == -EPIPE || r == -ECONNRESET)
			r = 0;
	}
	port_clear(p);
	return r;
}

static struct port *find_port(struct forward *f, int udp, uint16_t number)
{
	struct port *p;

	for (size_t i = 0; i < f->nports; i++) {
		p = &f->port[i];
		if (p->udp == udp && p->number == number)
			return p;
	}
	f->port = xreallocarray(f->port, f->nports + 1, sizeof(*f->port));
	p = &f->port[f->nports++];
	*p = (struct port){.udp = udp, .number = number};
	return p;
}

int forward_port(struct forward *f, const unsigned char *data, struct err *e)
{
	struct channel_port c;
	struct port *p;

	memcpy(&c, data, sizeof(c));
	if ((c.protocol != IPPROTO_TCP && c.protocol != IPPROTO_UDP) ||
		c.open > 1 || !c.port)
		return err_set(e, -EPROTO,
			"the guest told of port %u of protocol %u", c.port,
			c.protocol);
	p = find_port(f, c.protocol == IPPROTO_UDP, c.port);
	if (c.open && (p->users++ || (f->draining && !p->udp)))
		return 0;
	if (c.open)
		return port_open(f, p, e);
	if (!p->users)
		return err_set(e, -EPROTO, "the guest closed a port twice: %u",
			c.port);
	return --p->users ? 0 : port_close(f, p, e);
}

void forward_drain(struct forward *f)
{
	struct err e = {0};

	for (size_t i = 0; f && i < f->nports; i++) {
		if (!f->port[i].udp && port_close(f, &f->port[i], &e) < 0)
			log_add(LOG_WARNING, "%s", e.msg);
	}
	if (f)
		f->draining = 1;
}

int forward_unsent(struct forward *f, pid_t pid)
{
	_buf_ struct buf said = {0};
	struct err e = {0};

	/* Not to be asked: it has just ended. */
	if (monitor_command(&f->monitor, "info usernet", &said, &e) < 0)
		return 0;
	return (said.len && unsent_by_usernet(said.data)) ||
	       relay_unsent(f->relay) || unsent_by(pid) || unsent_by(getpid());
}

void forward_published(struct forward *f)
{
	const struct vm_publishes *pub = f->net->publish;

	for (size_t i = 0; pub && i < pub->n; i++) {
		const struct vm_publish *v = &pub->v[i];

		if (v->family == AF_UNSPEC)
			open_v6(f, find_port(f, v->udp, v->guest), v->addr,
				v->host, v->host, 0);
		else if (v->family == AF_INET6)
			log_add(LOG_WARNING,
				"port %u over IPv6 alone is not forwarded to "
				"this guest",
				v->host);
	}
}
