/* SPDX-License-Identifier: Apache-2.0 */
/* Opening: from a path and flags to an open file. */
#ifndef FS_OPEN_H
#define FS_OPEN_H

#include "fs/dentry.h"

struct file_ops;

/* As openat(2), on a path in keel's memory; vfs_lock is taken. `mode` is
 * before umask. */
int open_path(struct dentry *base, const char *path, uint32_t flags,
	uint32_t mode, struct file **out);

/* A character or block device's operations by number; sets f->ops and
 * f->priv, or -ENXIO. (fs/devices.c) */
int device_open(struct inode *ino, struct file *f);

#endif
