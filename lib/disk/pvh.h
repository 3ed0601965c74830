/* SPDX-License-Identifier: Apache-2.0 */
/* What our boot code asks of a kernel, checked before it is on a disk. */
#ifndef DISK_PVH_H
#define DISK_PVH_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct pvh_info {
	uint32_t entry;     /* physical, from the note "Xen", type 18 */
	uint64_t entry_at;  /* where the file has it: 4 bytes */
	uint64_t low, high; /* physical range of the PT_LOAD segments */
};

/*
 * A kernel is an ELF64 file for x86-64 with up to 16 PT_LOAD segments at
 * 1 MiB or above and below 3 GiB, and a PVH note. `p` is the whole file.
 */
int pvh_parse(
	const uint8_t *p, size_t len, struct pvh_info *out, struct err *e);

/* The same for a file; *size (may be NULL) is its size. */
int pvh_read(
	const char *path, uint64_t *size, struct pvh_info *out, struct err *e);

#endif
