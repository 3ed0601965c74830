/* SPDX-License-Identifier: Apache-2.0 */
/* GUID partition tables (UEFI 2.10, 5.3). */
#ifndef DRIVERS_GPT_H
#define DRIVERS_GPT_H

#include "kern/types.h"

struct block_device;

struct gpt_partition {
	unsigned number; /* from 1 */
	uint64_t first, nsectors;
	uint8_t type[16];
};

/*
 * Reads the table of `d`, the backup if the first copy is damaged, and calls
 * `found` for each partition once the whole table has proved consistent:
 * checksums, everything on the disk, no partition over another. The count
 * of partitions, -ENOENT: no table, -EINVAL: a bad one (with a log line),
 * -EIO, -ENOMEM.
 */
int gpt_read(struct block_device *d,
	void (*found)(struct block_device *d, const struct gpt_partition *p));

#endif
