/* SPDX-License-Identifier: Apache-2.0 */
/* Opening: from a path and flags to an open file. */
#include "fs/open.h"

#include <asm/errno.h>
#include <linux/stat.h>
#include <linux/fcntl.h>

#include "fs/file.h"
#include "fs/names.h"
#include "fs/path.h"
#include "fs/remote.h"
#include "kern/log.h"

/* Nothing can be done with O_PATH but what takes a descriptor as a place. */
static const struct file_ops path_file_ops;

#define TMPFILE_BIT (O_TMPFILE & ~O_DIRECTORY)

static bool wants_write(uint32_t flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

void file_put_inode(struct file *f)
{
	if (f->inode->locks && lock_release_file)
		lock_release_file(f);
	mutex_lock(&vfs_lock);
	dentry_put(f->dentry);
	inode_put(f->inode);
	mutex_unlock(&vfs_lock);
}

void file_put_mapped(struct file *f)
{
	if (f->inode && f->inode->fs->remote)
		f->inode->fs->remote->unmapped(f);
	file_put(f);
}

static int set_ops(struct file *f, struct inode *ino)
{
	if (f->flags & O_PATH) {
		f->ops = &path_file_ops;
		return 0;
	}
	if (ino->ops && ino->ops->open)
		return ino->ops->open(ino, f);
	switch (inode_type(ino)) {
	case S_IFREG:
		f->ops = &regular_file_ops;
		return 0;
	case S_IFDIR:
		f->ops = &dir_file_ops;
		return 0;
	case S_IFCHR:
	case S_IFBLK:
		return device_open(ino, f);
	case S_IFLNK:
		return -ELOOP;
	}
	/* Sockets cannot be opened; named pipes are not there yet. */
	return -ENXIO;
}

static int check_open(struct inode *ino, uint32_t flags)
{
	if (flags & O_PATH)
		return flags & O_DIRECTORY && !inode_is_dir(ino) ? -ENOTDIR : 0;
	if (inode_is_link(ino))
		return flags & O_DIRECTORY ? -ENOTDIR : -ELOOP;
	if (flags & O_DIRECTORY && !(flags & TMPFILE_BIT) && !inode_is_dir(ino))
		return -ENOTDIR;
	if (inode_is_dir(ino) && (wants_write(flags) || flags & O_TRUNC))
		return -EISDIR;
	if (ino->fs->mounted_ro && inode_is_reg(ino) &&
		(wants_write(flags) || flags & O_TRUNC))
		return -EROFS;
	return 0;
}

static int open_dentry(struct dentry *d, uint32_t flags, struct file **out)
{
	struct inode *ino = d->inode;
	struct file *f;
	int err = check_open(ino, flags);

	if (err)
		return err;
	f = file_new(&path_file_ops,
		flags & ~(uint32_t)(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC |
				    O_CLOEXEC));
	if (!f)
		return -ENOMEM;
	dentry_get(d);
	inode_get(ino);
	f->dentry = d;
	f->inode = ino;
	err = set_ops(f, ino);
	if (err) {
		/* Not file_put: vfs_lock is held. */
		f->inode = NULL;
		f->ops = &path_file_ops;
		file_put(f);
		dentry_put(d);
		inode_put(ino);
		return err;
	}
	*out = f;
	return 0;
}

/* A new regular file: *d with a reference. */
static int make_file(struct dentry *dir, struct name name, uint32_t flags,
	uint32_t mode, struct dentry **d)
{
	struct inode *ino;
	int err;

	mode = S_IFREG | (mode & 07777 & ~fs_umask);
	if (!dir->fs->remote)
		return name_create_at(dir, name, mode, 0, d);
	err = dir->fs->remote->create(dir->inode, name, flags, mode, &ino);
	return err ? err : dentry_adopt(dir, name, ino, d);
}

/* The last component of a walk with O_CREAT: *d with a reference. */
static int find_or_make(
	struct walk *w, uint32_t flags, uint32_t mode, struct dentry **d)
{
	int err;

	for (;;) {
		err = walk_run(w, WALK_PARENT);
		if (err)
			return err;
		if (w->kind != WALK_NAME) {
			/* "." and the like, or the end of a magic link. */
			if (flags & O_EXCL)
				return -EEXIST;
			if (w->kind != WALK_NONE)
				return -EISDIR;
			*d = w->at;
			dentry_get(*d);
			break;
		}
		if (w->slash)
			return -EISDIR;
		err = dentry_lookup(w->at, w->last, d);
		if (err == -ENOENT)
			return make_file(w->at, w->last, flags, mode, d);
		if (err)
			return err;
		if (flags & O_EXCL) {
			err = -EEXIST;
		} else if (inode_is_link((*d)->inode) &&
			   !(flags & O_NOFOLLOW)) {
			err = walk_follow(w, *d);
			dentry_put(*d);
			if (err)
				return err;
			continue;
		}
		if (err) {
			dentry_put(*d);
			return err;
		}
		break;
	}
	if ((*d)->mounted) {
		struct dentry *top = mount_top(*d);

		dentry_get(top);
		dentry_put(*d);
		*d = top;
	}
	if (inode_is_dir((*d)->inode)) {
		dentry_put(*d);
		return -EISDIR;
	}
	return 0;
}

/* O_TMPFILE: a file without a name in the directory at the path. */
static int make_nameless(struct dentry *base, const char *path, uint32_t flags,
	uint32_t mode, struct dentry **out)
{
	struct dentry *dir;
	struct inode *ino;
	char text[24];
	int err = path_walk(base, path, WALK_FOLLOW, &dir);

	if (err)
		return err;
	err = -ENOTDIR;
	if (inode_is_dir(dir->inode) && dir->fs->remote)
		err = -EOPNOTSUPP;
	else if (inode_is_dir(dir->inode))
		err = inode_create_in(
			dir, S_IFREG | (mode & 07777 & ~fs_umask), &ino);
	if (!err) {
		ino->nlink = 0;
		ino->linkable = !(flags & O_EXCL);
		ksnprintf(text, sizeof(text), "#%lu", (unsigned long)ino->ino);
		*out = dentry_new_free(dir->fs, dir, name_of(text), ino);
		if (!*out) {
			inode_put(ino);
			err = -ENOMEM;
		}
	}
	dentry_put(dir);
	return err;
}

static int open_locked(struct dentry *base, const char *path, uint32_t flags,
	uint32_t mode, struct file **out)
{
	struct dentry *d;
	int err;

	if (flags & TMPFILE_BIT) {
		err = make_nameless(base, path, flags, mode, &d);
	} else if (flags & O_CREAT) {
		struct walk w;

		walk_start(&w, base, path);
		err = find_or_make(&w, flags, mode, &d);
		walk_end(&w);
	} else {
		err = path_walk(
			base, path, flags & O_NOFOLLOW ? 0 : WALK_FOLLOW, &d);
	}
	if (err)
		return err;
	err = open_dentry(d, flags, out);
	dentry_put(d);
	return err;
}

int open_path(struct dentry *base, const char *path, uint32_t flags,
	uint32_t mode, struct file **out)
{
	int err;

	if (flags & O_PATH)
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	if (flags & TMPFILE_BIT &&
		(!(flags & O_DIRECTORY) || !wants_write(flags)))
		return -EINVAL;
	if (flags & O_CREAT && flags & O_DIRECTORY)
		return -EINVAL;
	mutex_lock(&vfs_lock);
	dentry_prune();
	err = open_locked(base, path, flags, mode, out);
	mutex_unlock(&vfs_lock);
	if (err || !(flags & O_TRUNC) || !(*out)->ops->truncate ||
		!inode_is_reg((*out)->inode) || !(*out)->inode->size)
		return err;
	/* Without vfs_lock: it takes the lock of the mappings. */
	err = (*out)->ops->truncate(*out, 0);
	if (err)
		file_put(*out);
	return err;
}
