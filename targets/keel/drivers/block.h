/* SPDX-License-Identifier: Apache-2.0 */
/* Block devices and partitions. */
#ifndef DRIVERS_BLOCK_H
#define DRIVERS_BLOCK_H

#include "kern/types.h"

enum { SECTOR_SIZE = 512 };

struct block_device {
	char name[16]; /* "vda", "vda3" */
	uint64_t nsectors;
	bool read_only;
	/* Reads or writes sectors to or from keel memory (direct map or
	 * keel's stacks and data are fine). Sleeps. 0 or -EIO, -EROFS. */
	int (*rw)(struct block_device *d, bool write, uint64_t sector,
		void *buf, size_t nsectors);
	int (*flush)(struct block_device *d);
	void *priv;
	uint64_t first; /* of a partition on its parent */
	struct block_device *parent;
	uint8_t type_guid[16]; /* of a partition, as on disk */
	struct block_device *next;
};

void block_add(struct block_device *d); /* reads its GPT, adds partitions */
struct block_device *block_first(void);

/* The partition type that holds a keel root file system: the generic
 * "Linux filesystem data", 0FC63DAF-8483-4772-8E79-3D69D8477DE4. */
struct block_device *block_find_root(void);

#endif
