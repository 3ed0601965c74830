/* SPDX-License-Identifier: Apache-2.0 */
/* Cards as lwIP's network interfaces, for net/ only; all under net_lock. */
#ifndef NET_CARD_H
#define NET_CARD_H

#include "lwip/netif.h"

struct net_card;

extern struct net_card *net_cards;

/* Frames that are queued on the cards go out. */
void card_flush(void);
/* Whether a card's queue was full when something was sent. */
bool card_is_blocked(void);
/* Cards let go of frames that are sent. */
void card_reclaim(void);
/* Delivers what a card has sent to the machine itself. */
void card_loop(struct netif *n);
/* The card of an interface; NULL: loopback. */
struct net_card *card_of(const struct netif *n);
/* "lo", "eth0", ...; at least 16 bytes. */
void card_name(const struct netif *n, char *dst);

#endif
