/* SPDX-License-Identifier: Apache-2.0 */
/* The network: one lock around lwIP, cards, addresses and routes. */
#ifndef NET_NET_H
#define NET_NET_H

#include "kern/types.h"

struct netif;
struct pbuf;

/*
 * Around every call of lwIP and every look at what it owns. Between them
 * nobody sleeps and nobody touches the program's memory (a fault may sleep).
 * It is taken by threads and by works, never by interrupts. net_unlock
 * sends what was queued on the cards, and delivers what was sent to the
 * machine itself.
 */
void net_lock(void);
void net_unlock(void);

/* Boot: lwIP, the loopback card (before devices are looked for); addresses
 * of the boot record, DHCP, SLAAC (after files are there). */
void net_init(void);
void net_start(void);

/*
 * What a driver supplies for its card; all under net_lock.
 * transmit: a frame from the Ethernet header on, in a chain of pbufs. The
 * driver takes its own reference to what it keeps. 0, or -ENOBUFS when its
 * queue is full: then it calls net_card_writable later.
 * flush: the device may begin with what transmit has queued.
 * reclaim: lets go of frames that are sent; TCP cannot send one again before.
 * Only here net_card_writable may be called, not while the stack sends.
 */
struct net_card;
struct net_card_ops {
	int (*transmit)(struct net_card *c, struct pbuf *frame);
	void (*flush)(struct net_card *c);
	void (*reclaim)(struct net_card *c);
};

enum {
	NET_CARD_CHECKSUM = 1, /* it completes TCP and UDP checksums */
	NET_CARD_NO_LINK = 2,  /* no carrier */
	NET_CARD_TSO4 = 4,     /* it cuts up TCP segments, of IPv4 */
	NET_CARD_TSO6 = 8,     /* and of IPv6 */
};

/* A card; the driver has this in its own structure, zeroed. */
struct net_card {
	const struct net_card_ops *ops;
	uint8_t mac[6];
	uint16_t mtu; /* what the device says, or 1500 */
	unsigned flags;
	/* Content of the TCP segments that what is sent now has to be cut to,
	 * if it is larger; 0: nothing is. Under net_lock. */
	uint16_t segment;
	/* below: of net/card.c, under net_lock */
	struct net_card *next; /* in the order of devices */
	struct netif *netif;
	struct net_card *next_dirty;
	bool dirty, blocked;
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes, rx_dropped,
		tx_dropped;
};

/* From a driver's probe. 0 or -ENOMEM; the card stays for ever. */
int net_card_add(struct net_card *c);
/* A received frame, Ethernet header first, which is contiguous; takes the
 * pbuf over. `trusted`: its TCP or UDP checksum needs no look. Under
 * net_lock. */
void net_card_input(struct net_card *c, struct pbuf *frame, bool trusted);
/* There is room again after -ENOBUFS: lwIP sends. Under net_lock. */
void net_card_writable(struct net_card *c);
/* The carrier came or went. Under net_lock. */
void net_card_link(struct net_card *c, bool up);

/*
 * Sleeps until every card that asks a DHCP server for its address has one,
 * at most until a few seconds after the boot. Programs start before that,
 * so calls that need an address of the machine (connect, sending, bind to
 * one, telling them) come here first. Without net_lock.
 */
void net_wait_addresses(void);
bool net_is_waiting(void); /* whether that would wait */

/* Sum of 16-bit words over n bytes, and with a copy of them on the way;
 * folded, not inverted, in the order of memory. */
uint16_t net_checksum(const void *p, int n);
uint16_t net_checksum_copy(void *dst, const void *src, unsigned n);

#endif
