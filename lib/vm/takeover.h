/* SPDX-License-Identifier: Apache-2.0 */
/* The guest takes the place of the container's own network interfaces. */
#ifndef VM_TAKEOVER_H
#define VM_TAKEOVER_H

#include "core/err.h"
#include "vm/net.h"
#include "vm/netscan.h"

/*
 * Each interface that is used gets a tap: what arrives at the interface goes
 * to the tap and the other way, by the kernel's traffic control (u32,
 * mirred), with checksums and segments left as they are. The guest's card
 * has the interface's MAC, addresses, routes and MTU, so that peers see no
 * difference. Nothing of the interface itself is changed: without the
 * rules all is as before.
 *
 * The container's engine may go on to use the addresses for the queries of
 * its name server (Docker's 127.0.0.11 asks others from in here): with `dns`
 * answers of ARP and of UDP port 53 come to both.
 */

/* Whether the interfaces are a container's own: all that are used are virtual
 * ones, and none is a bridge, hardware or the like (--network host). */
int takeover_fits(const struct netscan *s);

/* Needs CAP_NET_ADMIN and /dev/net/tun; adds the cards to *n. On failure
 * nothing is changed. takeover_end takes the rules away again. */
int takeover_start(
	struct vm_net *n, const struct netscan *s, int dns, struct err *e);
void takeover_end(struct vm_net *n);

#endif
