/* SPDX-License-Identifier: Apache-2.0 */
/* The initramfs of base `linux`: our init, modules, program, record. */
#ifndef LINUX_INITRAMFS_H
#define LINUX_INITRAMFS_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * Appends a cpio archive (newc, not compressed) to *out:
 *   /init              DIR/init of the sysroot's lib
 *   /modules/...       DIR/modules, every file of it
 *   /slipway/program   `program`
 *   /slipway/record    the boot record for when no launcher gives one
 * All of 0:0 and of the time `epoch`.
 */
struct linux_initramfs {
	const char *dir;     /* lib folder of the sysroot */
	const char *program; /* static Linux program; NULL: one of the root */
	const void *record;
	size_t record_len;
	uint64_t epoch;
};
int linux_initramfs(
	const struct linux_initramfs *i, struct buf *out, struct err *e);

#endif
