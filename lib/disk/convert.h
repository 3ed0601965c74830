/* SPDX-License-Identifier: Apache-2.0 */
/* Other disk formats, through qemu-img. */
#ifndef DISK_CONVERT_H
#define DISK_CONVERT_H

#include <stdint.h>

#include "core/err.h"

/* "raw", "qcow2", "vmdk", "vhdx", "vpc", "gcp". */
enum { DISK_FORMATS = 6 };
extern const char *const disk_format_names[DISK_FORMATS];
/* Nonzero if convert knows it. */
int disk_format_known(const char *format);

/*
 * Converts the raw image to `path`, whole or not at all. All are
 * reproducible (a vmdk under the same name); vpc is fixed-size and keeps
 * the exact size. `size`: the disk grows to so many bytes (disk/grow.h), 0:
 * it keeps its own; gcp rounds up to whole GiB.
 */
int disk_convert(const char *raw, const char *format, uint64_t size,
	const char *path, struct err *e);

#endif
