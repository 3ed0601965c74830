/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio console's way out: a ring of bytes that the device reads. */
#ifndef DRIVERS_CONSOLE_TX_H
#define DRIVERS_CONSOLE_TX_H

#include "kern/types.h"

struct virtio_device;

/* A contiguous part of the ring to be filled, then committed or cancelled.
 * Bytes leave in the order of the commits. */
struct tx_piece {
	uint8_t *data;       /* to be filled */
	uint8_t *start;      /* the frame header, or data */
	uint32_t entry, len; /* len: from start */
};

int console_tx_init(struct virtio_device *d, unsigned queue);
size_t console_tx_max(void); /* bytes of the largest piece */
/* n <= console_tx_max() bytes; with a frame header of `type` before them
 * unless that is 0. 0, -EAGAIN: no room now, -EIO: the device is broken. */
int console_tx_reserve(struct tx_piece *p, unsigned type, size_t n);
int console_tx_commit(struct tx_piece *p);
void console_tx_cancel(struct tx_piece *p);
void console_tx_kick(void);
/* Whether n bytes can be reserved (or the device is broken); if not, an
 * interrupt comes when some have left. */
bool console_tx_room(size_t n);
void console_tx_flush(void); /* sleeps until all has left */
size_t console_tx_unsent(void);

#endif
