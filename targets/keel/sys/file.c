/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that open a path, and truncate. */
#include <asm/errno.h>
#include <linux/fcntl.h>

#include "fs/file.h"
#include "fs/open.h"
#include "fs/path.h"
#include "fs/remote.h"
#include "mm/kmalloc.h"
#include "sys/proto.h"

static long open_at(long dirfd, long upath, uint32_t flags, uint32_t mode)
{
	struct dentry *base;
	struct file *f;
	char *path;
	long err = path_get(upath, &path);

	if (err)
		return err;
	err = *path ? path_base(dirfd, path, &base) : -ENOENT;
	if (!err) {
		err = open_path(base, path, flags, mode, &f);
		mutex_lock(&vfs_lock);
		dentry_put(base);
		mutex_unlock(&vfs_lock);
	}
	kfree(path);
	if (err)
		return err;
	err = fd_install(f, 0, flags & O_CLOEXEC);
	if (err < 0)
		file_put(f);
	return err;
}

/* Linux adds O_LARGEFILE for programs of 64 bits. */
long do_openat(long dirfd, long upath, long flags, long mode)
{
	uint32_t large = (int)flags & O_PATH ? 0 : O_LARGEFILE;

	return open_at(dirfd, upath, (uint32_t)flags | large, (uint32_t)mode);
}

long do_open(long upath, long flags, long mode)
{
	return do_openat(AT_FDCWD, upath, flags, mode);
}

long do_creat(long upath, long mode)
{
	return do_openat(AT_FDCWD, upath, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

static long truncate_remote(struct inode *ino, uint64_t size)
{
	struct remote_change c = {.what = REMOTE_SIZE, .size = size};

	if (inode_is_dir(ino))
		return -EISDIR;
	if (!inode_is_reg(ino))
		return -EINVAL;
	if (size > INT64_MAX)
		return -EFBIG;
	return ino->fs->remote->change(ino, NULL, &c);
}

long do_truncate(long upath, long size)
{
	struct dentry *d;
	long err;

	if (size < 0)
		return -EINVAL;
	err = path_find(AT_FDCWD, upath, 0, &d);
	if (err)
		return err;
	if (!d->fs->remote)
		err = inode_truncate(d->inode, size);
	mutex_lock(&vfs_lock);
	if (d->fs->remote)
		err = truncate_remote(d->inode, size);
	dentry_put(d);
	mutex_unlock(&vfs_lock);
	return err;
}
