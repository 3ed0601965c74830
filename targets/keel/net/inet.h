/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of AF_INET and AF_INET6: addresses, ports, what TCP, UDP and RAW
 * share. For net/ only. */
#ifndef NET_INET_H
#define NET_INET_H

#include "lwip/ip_addr.h"
#include "lwip/netif.h"

#include "net/socket.h"

/*
 * A port in use: of a socket, or of a connection that lives on without one.
 * All under net_lock.
 */
struct inet_port {
	struct inet_port *next, **link;
	ip_addr_t ip; /* any: all local ones; type ANY: of both families */
	uint16_t port;
	uint8_t protocol;
	bool reuse, reuseport, listening;
	void *owner;   /* struct tcp of a connection, or NULL */
	void *half_of; /* of a half-open connection: its listener knows it */
};

enum { PORT_FIRST = 32768, PORT_END = 61000 }; /* ephemeral ones */

/* Takes the port for p (ip, protocol, reuse, reuseport are set), a random
 * ephemeral one for 0; -EADDRINUSE. */
int inet_port_take(struct inet_port *p, uint16_t port);
/* As a connection of a listener or with it: no question of conflicts. */
void inet_port_join(struct inet_port *p, uint16_t port);
void inet_port_release(struct inet_port *p); /* also if it has none */
/* Whether another listens there: TCP decides at listen(2). */
bool inet_port_listened(const struct inet_port *p);
/* The first in use with this number, then what follows it. */
struct inet_port *inet_port_next(
	const struct inet_port *after, uint8_t protocol, uint16_t port);

/* Choices of the program at IPPROTO_IP and IPPROTO_IPV6. */
enum {
	INET_V6ONLY = 1 << 0,
	INET_FREEBIND = 1 << 1,
	INET_PKTINFO = 1 << 2, /* IP_PKTINFO */
	INET_PKTINFO6 = 1 << 3,
	INET_RECVTTL = 1 << 4,
	INET_RECVTOS = 1 << 5,
	INET_RECVHOPS = 1 << 6,
	INET_RECVTCLASS = 1 << 7,
	INET_NO_MC_LOOP = 1 << 8,
	INET_NO_MC_LOOP6 = 1 << 9,
	INET_HDRINCL = 1 << 10,
	INET_MC_ALL_OFF = 1 << 11,
};

struct inet_member; /* of a multicast group */

/* Begins struct tcp, struct udp: s->sk of such a socket. */
struct inet {
	struct socket *s;       /* NULL: nobody holds it any more */
	struct inet_port *port; /* NULL: none yet; under net_lock */
	uint32_t options;       /* INET_* */
	uint8_t tos, tclass;
	int16_t ttl, hops; /* -1: the default */
	uint8_t mc_ttl, mc_hops;
	uint16_t mc_card; /* interface index, 0: by routes */
	ip4_addr_t mc_source;
	struct inet_member *groups;
};

static inline struct inet *inet_of(const struct socket *s)
{
	return s->sk;
}

/* An address of the program's: -EINVAL when it is too short, -EAFNOSUPPORT
 * when it is of another family. Mapped ones are of IPv4. */
int inet_get_addr(const struct socket *s, const struct sockaddr_storage *a,
	unsigned len, ip_addr_t *ip, uint16_t *port);
/* For the program, in the family of the socket; the length. */
int inet_put_addr(const struct socket *s, const ip_addr_t *ip, uint16_t port,
	struct sockaddr_storage *a);
/* Whether it is an address of this machine (loopback: all of 127/8). */
bool inet_is_local(const ip_addr_t *ip);
/* What bind(2) checks of an address; *ip becomes what to bind to. */
int inet_check_bind(const struct socket *s, const struct sockaddr_storage *a,
	unsigned len, ip_addr_t *ip, uint16_t *port);
/* A destination: any becomes loopback; what needs an address that a DHCP
 * server may yet give waits for that. Without net_lock. */
void inet_fix_destination(ip_addr_t *ip);
/* -errno of lwIP's err_t. */
int inet_errno(int err);

/* The new port of a socket, not yet in the table; NULL: no memory. */
struct inet_port *inet_port_new(const struct socket *s, uint8_t protocol);

/* Protocols. */
int tcp_socket_create(struct socket *s);
int udp_socket_create(struct socket *s);
int raw_socket_create(struct socket *s, int protocol);

/* Options of IPPROTO_IP, IPPROTO_IPV6; -ENOPROTOOPT. `changed` is told so
 * that the protocol can pass on tos and ttl. */
int inet_set_option(
	struct socket *s, int level, int name, long uval, unsigned len);
int inet_get_option(
	struct socket *s, int level, int name, long uval, unsigned *len);
/* Tells the protocol of new values; set by it. */
void inet_apply(struct socket *s);

/* The calls on interfaces (SIOCGIFCONF, ...); -ENOTTY: not one of these. */
long inet_ioctl(unsigned cmd, unsigned long arg);

/* A message of ICMP that says that a datagram did not arrive. */
void inet_errors_init(void); /* under net_lock, once or more */
void udp_error(const ip_addr_t *local, uint16_t local_port,
	const ip_addr_t *remote, uint16_t remote_port, int error);
void tcp_error(const ip_addr_t *local, uint16_t local_port,
	const ip_addr_t *remote, uint16_t remote_port, int error);

/* Groups of a socket: all left. Under net_lock. */
void inet_leave_all(struct inet *i);

#endif
