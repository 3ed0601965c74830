/* SPDX-License-Identifier: Apache-2.0 */
/* File systems that live in memory only. */
#ifndef FS_MEMFS_H
#define FS_MEMFS_H

#include "fs/dentry.h"

#define MEMFS_TMPFS 0x01021994
#define MEMFS_PROC  0x9fa0
#define MEMFS_SYSFS 0x62656572

/* An empty one with a root directory of this mode; -ENOMEM. */
int memfs_new(const char *type, uint32_t magic, uint32_t mode, struct fs **out);
/* The same, mounted on a path, whose directories are made. */
int memfs_mount(const char *path, const char *type, uint32_t magic,
	uint32_t mode, struct fs **out);
/* A node below a directory that is in memory; *out as dentry_add. */
int memfs_add(struct dentry *dir, const char *name, uint32_t mode,
	struct inode **out);

#endif
