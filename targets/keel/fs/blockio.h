/* SPDX-License-Identifier: Apache-2.0 */
/* Reading pages from a block device. */
#ifndef FS_BLOCKIO_H
#define FS_BLOCKIO_H

#include "kern/types.h"

struct block_device;
struct page;

/* n pages from byte offset index * PAGE_SIZE of the device; what lies past
 * its end is zeros. -EIO, -ENOMEM. */
int blockio_read(struct block_device *d, uint64_t index, struct page **pages,
	unsigned n);

#endif
