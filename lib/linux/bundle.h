/* SPDX-License-Identifier: Apache-2.0 */
/* One kernel file of a Linux kernel and its initramfs. */
#ifndef LINUX_BUNDLE_H
#define LINUX_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "toolchain/elf.h"

/*
 * The result is an ELF file that boots by PVH wherever keel's kernels do: the
 * segments of `vmlinux` (uncompressed, with a PVH entry), then one of our
 * own with `stub` (targets/linux/arch), the command line and the initramfs.
 * The entry becomes the stub's: it says where the initramfs is (modules of the
 * loader are not looked at), and gives the command line, unless there is one.
 * Same inputs, same bytes; written whole or not at all.
 */
struct linux_bundle {
	const char *vmlinux; /* path */
	const char *stub;    /* path of the flat binary */
	const char *cmdline;
	const void *initramfs;
	size_t initramfs_len;
};
int linux_bundle_write(
	const struct linux_bundle *b, const char *path, struct err *e);

/* Where such a file has its initramfs, in bytes; -ENOENT: it is not one. */
int linux_bundle_find(const struct elf *f, uint64_t *at, uint64_t *len);

#endif
