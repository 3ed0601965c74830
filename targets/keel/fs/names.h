/* SPDX-License-Identifier: Apache-2.0 */
/* Making, moving and removing names. */
#ifndef FS_NAMES_H
#define FS_NAMES_H

#include "fs/path.h"

/*
 * What the calls of the same names do, on paths in keel's memory; all under
 * vfs_lock. `mode` is taken as it is: umask was applied.
 */
int name_mknod(
	struct dentry *base, const char *path, uint32_t mode, uint64_t rdev);
int name_mkdir(struct dentry *base, const char *path, uint32_t mode);
int name_symlink(struct dentry *base, const char *path, const char *target);
int name_link(struct dentry *old, struct dentry *base, const char *path);
int name_unlink(struct dentry *base, const char *path);
int name_rmdir(struct dentry *base, const char *path);
int name_rename(struct dentry *old_base, const char *old_path,
	struct dentry *new_base, const char *new_path, unsigned flags);

/* A new inode under a name that is not there yet; *out with a reference. */
int name_create_at(struct dentry *dir, struct name name, uint32_t mode,
	uint64_t rdev, struct dentry **out);
/* A new inode as a child of `dir` would get it, but without a name. */
int inode_create_in(struct dentry *dir, uint32_t mode, struct inode **out);

/* Folders above a path are made as they are missing (boot). */
int name_make_parents(const char *path);

#endif
