/* SPDX-License-Identifier: Apache-2.0 */
/* System calls on names: directories, links, renaming, the place. */
#include <asm/errno.h>
#include <linux/stat.h>
#include <linux/fcntl.h>

#include "fs/file.h"
#include "fs/kstat.h"
#include "fs/names.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "sys/proto.h"

/* A path of a call, ready for the functions of fs/names.h: vfs_lock is held
 * between enter and leave. */
struct place {
	char *path;
	struct dentry *base;
};

static int enter(struct place *p, long dirfd, long upath)
{
	int err = path_get(upath, &p->path);

	if (err)
		return err;
	err = path_base(dirfd, *p->path ? p->path : "/", &p->base);
	if (err) {
		kfree(p->path);
		return err;
	}
	mutex_lock(&vfs_lock);
	dentry_prune();
	return 0;
}

static void leave(struct place *p)
{
	dentry_put(p->base);
	mutex_unlock(&vfs_lock);
	kfree(p->path);
}

long do_mkdirat(long dirfd, long upath, long mode)
{
	struct place p;
	long err = enter(&p, dirfd, upath);

	if (err)
		return err;
	err = name_mkdir(p.base, p.path, (uint32_t)mode & 01777 & ~fs_umask);
	leave(&p);
	return err;
}

long do_mkdir(long upath, long mode)
{
	return do_mkdirat(AT_FDCWD, upath, mode);
}

/* Regular files, devices and socket names; named pipes are refused as a
 * file system without them does. */
long do_mknodat(long dirfd, long upath, long mode, long dev)
{
	uint32_t type = (uint32_t)mode & S_IFMT, rdev = (uint32_t)dev;
	struct place p;
	long err;

	switch (type) {
	case 0:
		type = S_IFREG;
		break;
	case S_IFREG:
	case S_IFSOCK:
	case S_IFCHR:
	case S_IFBLK:
		break;
	case S_IFIFO:
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
	err = enter(&p, dirfd, upath);
	if (err)
		return err;
	err = name_mknod(p.base, p.path,
		type | ((uint32_t)mode & 07777 & ~fs_umask),
		type == S_IFCHR || type == S_IFBLK ? rdev : 0);
	leave(&p);
	return err;
}

long do_mknod(long upath, long mode, long dev)
{
	return do_mknodat(AT_FDCWD, upath, mode, dev);
}

long do_unlinkat(long dirfd, long upath, long flags)
{
	struct place p;
	long err;

	if ((int)flags & ~AT_REMOVEDIR)
		return -EINVAL;
	err = enter(&p, dirfd, upath);
	if (err)
		return err;
	err = (int)flags & AT_REMOVEDIR ? name_rmdir(p.base, p.path)
					: name_unlink(p.base, p.path);
	leave(&p);
	return err;
}

long do_unlink(long upath)
{
	return do_unlinkat(AT_FDCWD, upath, 0);
}

long do_rmdir(long upath)
{
	return do_unlinkat(AT_FDCWD, upath, AT_REMOVEDIR);
}

long do_renameat2(
	long old_dirfd, long uold, long new_dirfd, long unew, long flags)
{
	struct dentry *new_base;
	struct place p;
	char *path;
	long err;

	/* Not both, and no whiteouts. */
	if ((uint32_t)flags > 2)
		return -EINVAL;
	err = path_get(unew, &path);
	if (err)
		return err;
	err = path_base(new_dirfd, *path ? path : "/", &new_base);
	if (err)
		goto out_path;
	err = enter(&p, old_dirfd, uold);
	if (err) {
		mutex_lock(&vfs_lock);
	} else {
		err = name_rename(
			p.base, p.path, new_base, path, (uint32_t)flags);
		dentry_put(p.base);
		kfree(p.path);
	}
	dentry_put(new_base);
	mutex_unlock(&vfs_lock);
out_path:
	kfree(path);
	return err;
}

long do_renameat(long old_dirfd, long uold, long new_dirfd, long unew)
{
	return do_renameat2(old_dirfd, uold, new_dirfd, unew, 0);
}

long do_rename(long uold, long unew)
{
	return do_renameat2(AT_FDCWD, uold, AT_FDCWD, unew, 0);
}

long do_linkat(long old_dirfd, long uold, long new_dirfd, long unew, long flags)
{
	struct dentry *old;
	struct place p;
	long err;

	if ((int)flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = path_find(old_dirfd, uold,
		((int)flags & AT_EMPTY_PATH) |
			((int)flags & AT_SYMLINK_FOLLOW ? 0
							: AT_SYMLINK_NOFOLLOW),
		&old);
	if (err)
		return err;
	err = enter(&p, new_dirfd, unew);
	if (err) {
		mutex_lock(&vfs_lock);
		dentry_put(old);
		mutex_unlock(&vfs_lock);
		return err;
	}
	err = name_link(old, p.base, p.path);
	dentry_put(old);
	leave(&p);
	return err;
}

long do_link(long uold, long unew)
{
	return do_linkat(AT_FDCWD, uold, AT_FDCWD, unew, 0);
}

long do_symlinkat(long utarget, long dirfd, long upath)
{
	struct place p;
	char *target;
	long err = path_get(utarget, &target);

	if (err)
		return err;
	err = *target ? enter(&p, dirfd, upath) : -ENOENT;
	if (!err) {
		err = name_symlink(p.base, p.path, target);
		leave(&p);
	}
	kfree(target);
	return err;
}

long do_symlink(long utarget, long upath)
{
	return do_symlinkat(utarget, AT_FDCWD, upath);
}

/* An empty path means the descriptor itself, opened with O_PATH. */
long do_readlinkat(long dirfd, long upath, long ubuf, long size)
{
	struct dentry *d;
	bool by_fd;
	char *text;
	long n;

	if ((int)size <= 0)
		return -EINVAL;
	text = kmalloc(PATH_LEN_MAX);
	if (!text)
		return -ENOMEM;
	n = path_find(dirfd, upath, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &d);
	if (!n) {
		by_fd = !copy_from_user(text, (void *)upath, 1) && !*text;
		mutex_lock(&vfs_lock);
		n = inode_readlink(d->inode, text, PATH_LEN_MAX);
		if (by_fd && n == -EINVAL)
			n = -ENOENT;
		dentry_put(d);
		mutex_unlock(&vfs_lock);
	}
	if (n > 0) {
		n = MIN(n, (int)size);
		if (copy_to_user((void *)ubuf, text, n))
			n = -EFAULT;
	}
	kfree(text);
	return n;
}

long do_readlink(long upath, long ubuf, long size)
{
	return do_readlinkat(AT_FDCWD, upath, ubuf, size);
}

/* --- reading a directory, the place ---------------------------------------*/

long do_getdents64(long fd, long ubuf, long size)
{
	struct file *f = fd_get((int)fd);
	long r;

	if (!f)
		return -EBADF;
	if (f->flags & O_PATH)
		r = -EBADF;
	else
		r = f->ops->getdents
			    ? f->ops->getdents(f, (void *)ubuf, (uint32_t)size)
			    : -ENOTDIR;
	file_put(f);
	return r;
}

long do_getcwd(long ubuf, long size)
{
	char *buf = kmalloc(PATH_LEN_MAX), *path;
	bool deleted;
	long r;

	if (!buf)
		return -ENOMEM;
	mutex_lock(&vfs_lock);
	r = dentry_path(fs_cwd, buf, PATH_LEN_MAX, &path, &deleted);
	mutex_unlock(&vfs_lock);
	if (!r && deleted)
		r = -ENOENT;
	if (!r) {
		r = buf + PATH_LEN_MAX - path;
		if ((uint64_t)r > (uint64_t)size)
			r = -ERANGE;
		else if (copy_to_user((void *)ubuf, path, r))
			r = -EFAULT;
	}
	kfree(buf);
	return r;
}

/* Takes over the reference. */
static long set_cwd(struct dentry *d)
{
	long err = 0;

	mutex_lock(&vfs_lock);
	if (inode_is_dir(d->inode)) {
		dentry_put(fs_cwd);
		fs_cwd = d;
	} else {
		dentry_put(d);
		err = -ENOTDIR;
	}
	mutex_unlock(&vfs_lock);
	return err;
}

long do_chdir(long upath)
{
	struct dentry *d;
	long err = path_find(AT_FDCWD, upath, 0, &d);

	return err ? err : set_cwd(d);
}

long do_fchdir(long fd)
{
	struct file *f = fd_get((int)fd);
	long err = -ENOTDIR;

	if (!f)
		return -EBADF;
	if (f->dentry) {
		dentry_get(f->dentry);
		err = set_cwd(f->dentry);
	}
	file_put(f);
	return err;
}

long do_umask(long mask)
{
	uint32_t old = fs_umask;

	fs_umask = (uint32_t)mask & 0777;
	return old;
}
