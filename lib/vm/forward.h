/* SPDX-License-Identifier: Apache-2.0 */
/* Opens our ports for those that the guest takes peers on. */
#ifndef VM_FORWARD_H
#define VM_FORWARD_H

#include <sys/types.h>

#include "core/err.h"
#include "vm/net.h"

/*
 * Ports over IPv4 are QEMU's to forward, which keeps the peer's address;
 * for IPv6 there is a relay. A port that cannot be opened is a warning of
 * the log, and only QEMU not answering is an error.
 */
struct forward;
struct forward *forward_new(const struct vm_net *n, int monitor);
void forward_free(struct forward *f); /* NULL is nothing */

/* A socket of the guest was opened or closed: the data of CHANNEL_PORT. */
int forward_port(struct forward *f, const unsigned char *p, struct err *e);

/* For a guest that tells nothing: the published ports over IPv6. */
void forward_published(struct forward *f);

/* The guest is about to end: no TCP connection is taken any more. NULL is
 * nothing. */
void forward_drain(struct forward *f);

/* Whether a TCP peer lacks something of what the guest, which has ended, sent:
 * it is with QEMU (process `pid`), with us, or in the kernel. */
int forward_unsent(struct forward *f, pid_t pid);

/* Readable when forward_work has something to do; -1: f is NULL. */
int forward_fd(const struct forward *f);
void forward_work(struct forward *f);

#endif
