/* SPDX-License-Identifier: Apache-2.0 */
/* Other disk formats, through qemu-img. */
#ifndef DISK_CONVERT_H
#define DISK_CONVERT_H

#include "core/err.h"

/* "raw", "qcow2", "vmdk", "vhdx", "vpc". */
enum { DISK_FORMATS = 5 };
extern const char *const disk_format_names[DISK_FORMATS];
/* Nonzero if convert knows it. */
int disk_format_known(const char *format);

/*
 * Converts the raw image to `path`, whole or not at all. All but vhdx are
 * reproducible (a vmdk under the same name); vpc is fixed-size and keeps
 * the exact size.
 */
int disk_convert(
	const char *raw, const char *format, const char *path, struct err *e);

#endif
