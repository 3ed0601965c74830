/* SPDX-License-Identifier: Apache-2.0 */
/* Passes IPv6 peers on to a port of 127.0.0.1: TCP and UDP. */
#ifndef VM_RELAY_H
#define VM_RELAY_H

#include <netinet/in.h>
#include <stdint.h>

/*
 * QEMU forwards ports over IPv4 only; this is the IPv6 half. TCP
 * connections keep their two directions apart (one may end first) and a reset
 * stays a reset. For UDP each peer has a socket of its own towards the
 * port, so that answers find back, from the address that the peer asked.
 */
struct relay;
struct relay *relay_new(void);
void relay_free(struct relay *r);

/* Readable when relay_work has something to do, which never waits. */
int relay_fd(const struct relay *r);
void relay_work(struct relay *r);

/* Passes on what comes to this address: an ID for relay_close, or -errno.
 * After relay_close TCP connections that are there go on to their end. */
int relay_open(
	struct relay *r, int udp, const struct sockaddr_in6 *at, uint16_t port);
void relay_close(struct relay *r, int id);

/* Whether a peer has not got all that the port sends, which ends. */
int relay_unsent(const struct relay *r);

#endif
