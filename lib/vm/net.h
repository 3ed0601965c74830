/* SPDX-License-Identifier: Apache-2.0 */
/* The network cards of a machine. */
#ifndef VM_NET_H
#define VM_NET_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "vm/netscan.h"
#include "vm/publish.h"

/*
 * A user card is QEMU's own network of one machine (slirp): it needs no
 * privilege. What the guest sends goes out as our own traffic; in come the
 * ports that are forwarded. A tap card is an interface of ours.
 */
struct vm_card {
	int tap;   /* descriptor; -1: a user card */
	int link;  /* whose place a tap card has, while rules lead here; or 0 */
	int vhost; /* descriptor of /dev/vhost-net for a tap card; -1: none */
	unsigned char mac[6];
	unsigned mtu;         /* that the device tells; 0: it tells none */
	char *record;         /* RECORD_NET */
	unsigned char net[4]; /* of a user card: its /24 */
	int ipv6;             /* of a user card: has fec0::/64 too */
};

enum { VM_CARDS_MAX = 16 };

/*
 * Which ports are forwarded to the user card (there is at most one). They
 * are open as long as the guest has a socket there (abi/channel.h).
 */
enum vm_forward {
	VM_FORWARD_ALL,      /* all of the guest's, on all our addresses */
	VM_FORWARD_LOOPBACK, /* all of the guest's, on 127.0.0.1 */
	VM_FORWARD_PUBLISHED /* those of `publish` */
};

struct vm_net {
	struct vm_card card[VM_CARDS_MAX];
	size_t ncards;
	enum vm_forward forward;
	const struct vm_publishes *publish; /* borrowed */
	/* cmd/launch/listen.c as a library, for the QEMU of a user card; NULL,
	 * or not there: it does without. Borrowed. */
	const char *preload;
};
void vm_net_free(struct vm_net *n);
#define _vm_net_ __attribute__((cleanup(vm_net_free)))

/* Adds a user card, in an IPv4 network that none of ours overlaps. With
 * `extra` it is beside others and no default route. */
struct vm_card *vm_net_add_user(
	struct vm_net *n, const struct netscan *s, int extra);
/* The user card, or NULL. */
const struct vm_card *vm_net_user(const struct vm_net *n);

/* The address N of a user card's network (2 ours, 3 DNS, 15 the guest). */
void vm_card_address(const struct vm_card *c, unsigned host, char out[16]);

/* -netdev and -device; `bus` is "device" or "pci". `serial`: the guest does
 * not tell its ports, so published ones are open at once. */
void vm_net_command(
	const struct vm_net *n, const char *bus, int serial, struct strv *argv);

/*
 * resolv.conf as the guest gets it: a name server on a loopback address,
 * which is the container's own, becomes the user card's, whose server asks
 * the first one of ours; everything else stays. Without a user card
 * nothing changes.
 */
void vm_net_resolv(const struct vm_net *n, struct buf *text);
/* Is a name server among them that only we can reach? */
int vm_net_has_resolver(const struct buf *text);
/* hosts as the guest gets it: our own addresses are the guest's on a user
 * card, so that a program can bind to its own name. */
void vm_net_hosts(
	const struct vm_net *n, const struct netscan *s, struct buf *text);

#endif
