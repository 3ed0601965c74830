/* SPDX-License-Identifier: Apache-2.0 */
/* The relay's UDP half: one port, a socket for each peer. */
#ifndef VM_RELAY_UDP_H
#define VM_RELAY_UDP_H

#include <stdint.h>

/* `fd` is the bound IPv6 socket (borrowed), `port` that of 127.0.0.1. */
struct relay_udp;
struct relay_udp *relay_udp_new(int fd, uint16_t port);
void relay_udp_free(struct relay_udp *u); /* NULL is nothing */

/* Readable when relay_udp_work has something to do. */
int relay_udp_fd(const struct relay_udp *u);
void relay_udp_work(struct relay_udp *u);

#endif
