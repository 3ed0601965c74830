/* SPDX-License-Identifier: Apache-2.0 */
/* What network the container has, and how the machine gets it. */
#ifndef LAUNCH_NETWORK_H
#define LAUNCH_NETWORK_H

#include "core/err.h"
#include "vm/config.h"
#include "vm/net.h"
#include "vm/vm.h"

/* SLIPWAY_NET: "auto" (the default), "tap", "user", "none". */
#define NET_ENV "SLIPWAY_NET"

struct network {
	struct netscan scan;
	struct vm_net net;
};

/*
 * No card if the program has no sockets or the container no network; the
 * container's own addresses if it may give them away (NET_ADMIN and
 * /dev/net/tun); else a user card. `p` gets the cards. network_end undoes
 * it all, after the machine ended.
 */
int network_start(struct network *w, const struct vm_config *c,
	struct vm_plan *p, struct err *e);
void network_end(struct network *w);

/* Makes a file of the container true in the guest. */
void network_fix_file(const struct network *w, struct vm_file *f);

#endif
