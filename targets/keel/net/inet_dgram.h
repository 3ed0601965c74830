/* SPDX-License-Identifier: Apache-2.0 */
/* What UDP and RAW sockets share: datagrams that wait to be read, and what
 * goes with one to be sent. For net/ only. */
#ifndef NET_INET_DGRAM_H
#define NET_INET_DGRAM_H

#include "lwip/pbuf.h"
#include "lwip/raw.h"
#include "lwip/udp.h"

#include "net/inet.h"

struct datagram {
	struct datagram *next;
	struct pbuf *data;
	ip_addr_t from, to;
	uint16_t port; /* of the sender */
	uint8_t card, ttl, tos;
	uint64_t time; /* realtime ns; 0: nobody asked */
};

enum { DGRAM_NO_MORE_IN = 1, DGRAM_NO_MORE_OUT = 2 };

struct dgram {
	struct inet inet;
	struct udp_pcb *udp; /* one of the two */
	struct raw_pcb *raw;
	struct datagram *first, **end; /* under net_lock, as below */
	unsigned queued;               /* memory of these, about */
	uint8_t shut;                  /* DGRAM_NO_MORE_* */
	bool connected;
	ip_addr_t bound; /* what bind(2) said; connect(2) narrows it */
	uint16_t remote_port;
	uint32_t icmp_filter; /* types not to receive */
};

static inline struct dgram *dgram_of(const struct socket *s)
{
	return s->sk;
}

struct dgram *dgram_new(struct socket *s);
/* After its pcb has gone. */
void dgram_free(struct dgram *d);
/* Queues what lwIP has just received; takes over the pbuf. Under net_lock. */
void dgram_input(
	struct dgram *d, struct pbuf *p, const ip_addr_t *from, uint16_t port);

long dgram_recv(struct socket *s, struct socket_msg *m);
unsigned dgram_poll(struct socket *s);
long dgram_ioctl(struct socket *s, unsigned cmd, unsigned long arg);
int dgram_shutdown(struct socket *s, int how);
int dgram_set_option(
	struct socket *s, int level, int name, long uval, unsigned len);
int dgram_get_option(
	struct socket *s, int level, int name, long uval, unsigned *len);

/* Where a datagram goes, how. */
struct dgram_to {
	ip_addr_t ip, source; /* source any: by route */
	uint16_t port;
	uint8_t card; /* 0: by route */
	int ttl, tos; /* -1: the socket's */
};

/* The destination and control data of a message; -EDESTADDRREQ, ... */
int dgram_destination(
	struct socket *s, struct socket_msg *m, struct dgram_to *to);
/* The program's data in a packet with room for headers; *err if NULL. */
struct pbuf *dgram_copy_in(struct socket_msg *m, pbuf_layer layer, int *err);
/* The card and source address for it; -ENETUNREACH, -EACCES. Under
 * net_lock. */
int dgram_route(struct socket *s, struct dgram_to *to, struct netif **card);
/* What a protocol adds to sending; `packet` is under net_lock. */
struct dgram_sender {
	size_t most;      /* bytes of a message */
	pbuf_layer layer; /* whose headers come before it */
	int (*check)(
		const struct socket *s, const struct dgram_to *to, size_t n);
	int (*packet)(struct socket *s, struct dgram_to *to, struct pbuf *p);
};
long dgram_send(
	struct socket *s, struct socket_msg *m, const struct dgram_sender *how);
/* The values for TTL and TOS of it. */
uint8_t dgram_ttl(const struct inet *i, const struct dgram_to *to);
uint8_t dgram_tos(const struct inet *i, const struct dgram_to *to);

#endif
