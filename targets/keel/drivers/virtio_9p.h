/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio device that carries 9P messages to the host. */
#ifndef DRIVERS_VIRTIO_9P_H
#define DRIVERS_VIRTIO_9P_H

#include "drivers/virtq.h"

struct virtio_9p;

/* Pieces of memory that one message and its reply may lie in. */
enum { VIRTIO_9P_PIECES = 40 };

/* The device with this mount tag, or NULL. */
struct virtio_9p *virtio_9p_find(const char *tag, size_t len);

/* A message on its way: it and this are the device's until `done`. */
struct virtio_9p_call {
	bool done;
	int err;      /* 0; -EIO when the device broke its promises */
	uint32_t len; /* of the reply */
};

/*
 * Sends a message that lies in `nout` pieces; the reply comes into the `nin`
 * pieces after them. Sleeps until there is room in the queue; any number of
 * threads may be in it at once. 0, or -EIO, then for ever.
 */
int virtio_9p_send(struct virtio_9p *d, struct virtio_9p_call *c,
	const struct virtq_buf *pieces, unsigned nout, unsigned nin);
bool virtio_9p_done(struct virtio_9p *d, struct virtio_9p_call *c);
/* Woken whenever a reply came. */
struct waitq *virtio_9p_waitq(struct virtio_9p *d);

#endif
