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

/*
 * Sends a message that lies in `nout` pieces, and sleeps until its reply is
 * in the `nin` pieces after them; the reply's length in *len. Any number of
 * threads may be in it at once. The memory is the device's until it returns.
 * 0; -EIO when the device broke its promises, then for ever.
 */
int virtio_9p_call(struct virtio_9p *d, const struct virtq_buf *pieces,
	unsigned nout, unsigned nin, uint32_t *len);

#endif
