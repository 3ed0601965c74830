/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the launcher which ports the program's sockets take peers on. */
#ifndef DRIVERS_CHANNEL_PORT_H
#define DRIVERS_CHANNEL_PORT_H

#include "kern/types.h"

/*
 * Once when a TCP socket begins to listen or a UDP socket was bound to a port
 * by the program, and once with open = false when that socket is closed; not
 * for sockets bound to a loopback address. May sleep, so not under a lock.
 * Nothing happens without a channel.
 */
void channel_port(unsigned protocol, uint16_t port, bool open);

#endif
