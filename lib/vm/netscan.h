/* SPDX-License-Identifier: Apache-2.0 */
/* The interfaces, addresses and routes of this network namespace. */
#ifndef VM_NETSCAN_H
#define VM_NETSCAN_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct net_link {
	int index;
	char name[IF_NAMESIZE];
	char kind[16]; /* "veth", "bridge"; "" for hardware */
	unsigned char mac[6];
	int ether;      /* has such an address */
	unsigned flags; /* IFF_UP, IFF_LOOPBACK */
	unsigned mtu;
};

struct net_addr {
	int link, family;
	unsigned char ip[16];
	unsigned prefix;
	int local;     /* link-local, or of the host only */
	int temporary; /* will expire: from DHCP or a router's message */
};

struct net_route {
	int link, family;
	unsigned char dst[16], gateway[16];
	unsigned prefix;
	int has_gateway;
};

/* Links by their names; of routes the unicast ones of the main table that have
 * an interface. */
struct netscan {
	struct net_link *link;
	struct net_addr *addr;
	struct net_route *route;
	size_t nlinks, naddrs, nroutes;
};

int netscan_read(struct netscan *s, struct err *e);
void netscan_free(struct netscan *s);
#define _netscan_ __attribute__((cleanup(netscan_free)))

/* Is it up, not the loopback, and does it have an address for others? */
int netscan_is_used(const struct netscan *s, const struct net_link *l);
/* Does any interface that is used have an IPv6 address for others? */
int netscan_has_ipv6(const struct netscan *s);
/* Is it one of our own addresses? */
int netscan_is_own(const struct netscan *s, int family, const void *ip);

/*
 * The record of a card (RECORD_NET) that takes the place of an interface:
 * its MAC, addresses, routes and MTU. Caller frees.
 */
char *netscan_record(const struct netscan *s, const struct net_link *l);

#endif
