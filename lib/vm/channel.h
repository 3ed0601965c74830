/* SPDX-License-Identifier: Apache-2.0 */
/* The host's end of the channel: frames out of a byte stream, and into it. */
#ifndef VM_CHANNEL_H
#define VM_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "abi/channel.h"
#include "core/buf.h"
#include "core/err.h"

/*
 * Received bytes are given to channel_next piece by piece. It returns the
 * parts of a frame: output in as many parts as it arrives in (each at most
 * what was given), every other frame once and whole.
 */
struct channel_rx {
	unsigned char head[8];
	size_t have;     /* bytes of head */
	uint32_t left;   /* bytes of the frame still to come */
	struct buf body; /* of a frame that is delivered whole */
	int done;        /* body was delivered: empty it first */
};

struct channel_part {
	unsigned type; /* enum channel_type */
	const unsigned char *data;
	size_t len;
};

/*
 * Takes one part from the bytes at *p (up to n): 1 and *part, or 0: all was
 * taken and more is needed. Returns the number of bytes used in *used; the
 * data of *part holds until the next call. -EPROTO: not a frame the guest may
 * send.
 */
int channel_next(struct channel_rx *rx, const void *p, size_t n, size_t *used,
	struct channel_part *part, struct err *e);
void channel_rx_free(struct channel_rx *rx);

/* Appends a frame. */
void channel_put(struct buf *out, unsigned type, const void *p, size_t n);

static inline uint32_t channel_u32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

#endif
