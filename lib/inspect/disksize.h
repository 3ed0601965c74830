/* SPDX-License-Identifier: Apache-2.0 */
/* Whose each byte of a disk and of a root filesystem is. */
#ifndef INSPECT_DISKSIZE_H
#define INSPECT_DISKSIZE_H

#include <stdint.h>

#include "disk/gpt.h"
#include "inspect/spans.h"

/* What the partition tables name: boot code, kernel, files, free space. */
void disk_spans(
	struct spans *s, const uint8_t *p, uint64_t size, const struct gpt *g);

/* An EROFS image of `size` bytes at p, which is at `at` of the file that the
 * spans are of. Names begin with `prefix`. */
void rootfs_spans(struct spans *s, const uint8_t *p, uint64_t at, uint64_t size,
	const char *prefix);

#endif
