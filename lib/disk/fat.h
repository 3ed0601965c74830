/* SPDX-License-Identifier: Apache-2.0 */
/* Where the files of a FAT are: a reader, for looking into partitions. */
#ifndef DISK_FAT_H
#define DISK_FAT_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * Bytes [at, at + size) of the volume. `path` is "EFI/BOOT/BOOTX64.EFI" (of
 * a folder: its name with a slash at the end), or NULL for the boot sector,
 * the tables and the root folder of FAT12 and FAT16. Short names only.
 */
typedef void fat_visit_fn(
	void *arg, const char *path, uint64_t at, uint64_t size);

/* Visits all that is in use. Nothing in it is trusted; -EINVAL if it is not a
 * FAT or damaged, -E2BIG with too many files. */
int fat_walk(const uint8_t *p, size_t len, fat_visit_fn *visit, void *arg,
	struct err *e);

#endif
