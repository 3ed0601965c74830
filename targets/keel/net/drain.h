/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a server: the host's signal waits for requests under way. */
#ifndef NET_DRAIN_H
#define NET_DRAIN_H

#include "kern/types.h"

/*
 * With RECORD_DRAIN (abi/record.h) a signal of the host that ends the program
 * is kept back while a connection with another machine has
 *  - bytes of the program's that the peer has not acknowledged, or
 *  - if the peer opened it, bytes of the peer's after the program's last.
 * What a server is asked and has not answered is the second; what pauses for
 * less than 0.2 s is still under way, in the first half of the time: a peer
 * that asks again and again leaves only moments.
 */

/* No connection is taken any more, but by the program from itself. */
extern bool net_draining;

#endif
