/* SPDX-License-Identifier: Apache-2.0 */
/* The root filesystem: an EROFS image made with mkfs.erofs, without root. */
#ifndef DISK_ROOTFS_H
#define DISK_ROOTFS_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "manifest/app.h"

/*
 * Makes an EROFS image (uncompressed, 4 KiB blocks) that holds `files` and
 * the folders above them (0755, 0:0 when not listed themselves). An entry
 * whose `from` is a folder stands for the tree below it: `mode` then
 * applies to the regular files of the tree, owners to all of it. Times are
 * `epoch`, the UUID comes from the contents: same files, same bytes. With
 * no files the image is an empty root folder. Links are kept as they are.
 * Entries that are weak give way to the others, see disk/nodes.h; those of an
 * image's layers have times of their own. Written whole or not at all.
 */
int rootfs_write(const struct app_file *files, size_t n, uint64_t epoch,
	const char *path, struct err *e);

/* Calls for each regular file of such a root filesystem, in the order of
 * their paths: "/etc/x", and the file that it comes from. Stops at not 0. */
typedef int rootfs_file_fn(
	const char *path, const char *from, void *arg, struct err *e);
int rootfs_each(const struct app_file *files, size_t n, rootfs_file_fn *fn,
	void *arg, struct err *e);

#endif
