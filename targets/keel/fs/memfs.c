/* SPDX-License-Identifier: Apache-2.0 */
/* File systems that live in memory only. */
#include "fs/memfs.h"

#include <asm/errno.h>
#include <linux/stat.h>

#include "fs/names.h"
#include "mm/kmalloc.h"

int memfs_new(const char *type, uint32_t magic, uint32_t mode, struct fs **out)
{
	struct fs *fs = mount_new(type, magic);
	struct inode *ino;

	if (!fs)
		return -ENOMEM;
	ino = inode_new(fs, S_IFDIR | mode);
	if (!ino)
		goto out_fs;
	ino->nlink = 2;
	fs->root = dentry_new_free(fs, NULL, name_of("/"), ino);
	if (!fs->root)
		goto out_inode;
	*out = fs;
	return 0;
out_inode:
	inode_put(ino);
out_fs:
	kfree(fs);
	return -ENOMEM;
}

int memfs_mount(const char *path, const char *type, uint32_t magic,
	uint32_t mode, struct fs **out)
{
	struct dentry *on;
	struct fs *fs;
	int err = name_make_parents(path);

	if (!err)
		err = name_mkdir(fs_root(), path, 0755);
	if (err && err != -EEXIST)
		return err;
	err = path_walk(fs_root(), path, WALK_FOLLOW, &on);
	if (err)
		return err;
	err = -ENOTDIR;
	if (inode_is_dir(on->inode))
		err = memfs_new(type, magic, mode, &fs);
	if (!err) {
		mount_at(fs, on);
		if (out)
			*out = fs;
	}
	dentry_put(on);
	return err;
}

int memfs_add(
	struct dentry *dir, const char *name, uint32_t mode, struct inode **out)
{
	struct inode *ino = inode_new(dir->fs, mode);
	int err;

	if (!ino)
		return -ENOMEM;
	if (inode_is_dir(ino)) {
		ino->nlink = 2;
		dir->inode->nlink++;
	}
	err = dentry_add(dir, name_of(name), ino, NULL);
	inode_put(ino);
	if (!err && out)
		*out = ino;
	return err;
}
