/* SPDX-License-Identifier: Apache-2.0 */
/* One split virtqueue (virtio 1.2, 2.7): every index and length that the
 * device supplies is checked here and nowhere else. */
#ifndef DRIVERS_VIRTQ_H
#define DRIVERS_VIRTQ_H

#include "kern/types.h"

struct virtio_device;
struct virtq_desc;
struct virtq_slot;

/*
 * The driver's own view lives in `slot`, which the device cannot write. A
 * device that breaks the rules makes the queue `broken`: it gives nothing
 * more, and the driver fails its requests. Callers serialise.
 */
struct virtq {
	struct virtio_device *dev;
	struct virtq_desc *desc;
	uint16_t *avail; /* flags, idx, ring[size], used_event */
	uint16_t *used;  /* flags, idx, {u32 id, len}[size], avail_event */
	struct virtq_slot *slot;
	uint16_t index; /* of the queue in the device */
	uint16_t size;
	uint16_t nfree, free_head;
	uint16_t avail_idx, used_idx; /* next to give, next to take */
	uint16_t kicked;              /* avail_idx at the last notify */
	bool event_idx;
	const char *broken; /* why, or NULL */
};

/* A piece of memory, physical; the device reads or writes it. */
struct virtq_buf {
	uint64_t pa;
	uint32_t len;
};

/* Sets up queue `index` with at most max_size entries (legacy PCI: as many
 * as the device says). -ENODEV: no such queue; -EINVAL, -ENOMEM. */
int virtq_init(struct virtq *q, struct virtio_device *d, unsigned index,
	unsigned max_size);
/* Gives nout pieces to read, then nin to write, as one request; -ENOSPC,
 * or -EIO if broken. The device hears of it at virtq_kick. */
int virtq_add(struct virtq *q, const struct virtq_buf *bufs, unsigned nout,
	unsigned nin, uint32_t token);
void virtq_kick(struct virtq *q);
/* Takes a finished request: its token, and the bytes written to it (never
 * more than was given). 0, -EAGAIN if there is none, -EIO if broken. */
int virtq_take(struct virtq *q, uint32_t *token, uint32_t *len);
/* Asks for an interrupt when `n` more requests (1..in flight) are finished.
 * True: something is there already. */
bool virtq_arm(struct virtq *q, unsigned n);
void virtq_disarm(struct virtq *q);
/* Of the requests that were given when avail_idx was `before`: how many the
 * device has not finished, or less than 0. */
static inline int virtq_left(const struct virtq *q, uint16_t before)
{
	return (int16_t)(before - READ_ONCE(q->used[1]));
}
static inline bool virtq_idle(const struct virtq *q)
{
	return q->nfree == q->size;
}

/* Physical address of keel memory: direct map, image, keel's stacks.
 * *left: bytes from there that are contiguous, at most n. */
uint64_t virtq_pa(const void *va, size_t n, size_t *left);

#endif
