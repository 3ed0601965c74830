/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that tell what a file is, and may be done with it. */
#include <asm/errno.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/fcntl.h>
#include <linux/stat.h>

#include "fs/file.h"
#include "fs/kstat.h"
#include "fs/path.h"
#include "fs/remote.h"
#include "kern/string.h"
#include "mm/uaccess.h"
#include "sys/proto.h"
#include "sys/stat.h"

static int stat_of_dentry(struct dentry *d, struct kstat *st)
{
	int err = 0;

	mutex_lock(&vfs_lock);
	if (d->fs->remote)
		err = d->fs->remote->stat(d->inode, NULL, st);
	else
		inode_stat(d->inode, st);
	dentry_put(d);
	mutex_unlock(&vfs_lock);
	return err;
}

static int is_empty(long upath)
{
	char c;

	if (copy_from_user(&c, (const void *)upath, 1))
		return -EFAULT;
	return !c;
}

/* By a path or, with AT_EMPTY_PATH, a descriptor of any kind. */
static int stat_at(long dirfd, long upath, long at_flags, struct kstat *st)
{
	struct dentry *d;
	int err;

	if (at_flags & AT_EMPTY_PATH && (int)dirfd != AT_FDCWD) {
		err = upath ? is_empty(upath) : 1;
		if (err)
			return err < 0 ? err : file_stat_fd(dirfd, st);
	}
	err = path_find(dirfd, upath, at_flags, &d);
	return err ? err : stat_of_dentry(d, st);
}

long do_newfstatat(long dirfd, long upath, long ubuf, long flags)
{
	struct kstat k;
	int err;

	if ((int)flags &
		~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	err = stat_at(dirfd, upath, flags, &k);
	return err ? err : stat_put(&k, ubuf);
}

long do_stat(long upath, long ubuf)
{
	return do_newfstatat(AT_FDCWD, upath, ubuf, 0);
}

long do_lstat(long upath, long ubuf)
{
	return do_newfstatat(AT_FDCWD, upath, ubuf, AT_SYMLINK_NOFOLLOW);
}

static struct statx_timestamp stamp(struct ktime t)
{
	return (struct statx_timestamp){.tv_sec = t.sec, .tv_nsec = t.nsec};
}

static int put_statx(const struct kstat *k, long ubuf)
{
	struct statx x;

	memset(&x, 0, sizeof(x));
	x.stx_mask = STATX_BASIC_STATS;
	if (k->btime.sec || k->btime.nsec)
		x.stx_mask |= STATX_BTIME;
	x.stx_blksize = k->blksize;
	x.stx_nlink = k->nlink;
	x.stx_uid = k->uid;
	x.stx_gid = k->gid;
	x.stx_mode = k->mode;
	x.stx_ino = k->ino;
	x.stx_size = k->size;
	x.stx_blocks = k->blocks;
	x.stx_atime = stamp(k->atime);
	x.stx_btime = stamp(k->btime);
	x.stx_ctime = stamp(k->ctime);
	x.stx_mtime = stamp(k->mtime);
	x.stx_rdev_major = dev_major(k->rdev);
	x.stx_rdev_minor = dev_minor(k->rdev);
	x.stx_dev_major = dev_major(k->dev);
	x.stx_dev_minor = dev_minor(k->dev);
	return copy_to_user((void *)ubuf, &x, sizeof(x));
}

long do_statx(long dirfd, long upath, long flags, long mask, long ubuf)
{
	struct kstat k;
	int err;

	if ((int)flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT |
				 AT_EMPTY_PATH | AT_STATX_SYNC_TYPE) ||
		((int)flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE ||
		(uint32_t)mask & STATX__RESERVED)
		return -EINVAL;
	err = stat_at(dirfd, upath, flags, &k);
	return err ? err : put_statx(&k, ubuf);
}

/* Devices and the like can be written on any file system. */
static bool is_read_only(const struct kstat *k)
{
	const struct fs *fs = mount_first;
	uint32_t type = k->mode & S_IFMT;

	if (type != S_IFREG && type != S_IFDIR && type != S_IFLNK)
		return false;
	while (fs && fs->dev != k->dev)
		fs = fs->next;
	return fs && fs->mounted_ro;
}

/* Uid 0 may all, but run only what somebody may run. */
static long access_at(long dirfd, long upath, long mode, long at_flags)
{
	struct kstat k;
	int err;

	if ((int)mode & ~7)
		return -EINVAL;
	err = stat_at(dirfd, upath, at_flags, &k);
	if (err)
		return err;
	if ((int)mode & 2 && is_read_only(&k))
		return -EROFS;
	if ((int)mode & 1 && (k.mode & S_IFMT) != S_IFDIR && !(k.mode & 0111))
		return -EACCES;
	return 0;
}

long do_faccessat(long dirfd, long upath, long mode)
{
	return access_at(dirfd, upath, mode, 0);
}

long do_access(long upath, long mode)
{
	return access_at(AT_FDCWD, upath, mode, 0);
}

long do_faccessat2(long dirfd, long upath, long mode, long flags)
{
	if ((int)flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return access_at(dirfd, upath, mode, flags);
}

/* --- file systems ---------------------------------------------------------*/

/* A tmpfs with a limit, or all of memory. */
static void memory_statfs(const struct fs *fs, struct statfs *s)
{
	uint64_t have = page_free_count() + pagecache_clean();

	s->f_blocks = s->f_files = page_total();
	s->f_bfree = s->f_bavail = s->f_ffree = have;
	if (fs->max_pages) {
		have = MIN(have, fs->max_pages - fs->npages);
		s->f_blocks = fs->max_pages;
		s->f_bfree = s->f_bavail = have;
	}
}

static long put_statfs(struct fs *fs, long ubuf)
{
	struct statfs s;
	int err = 0;

	memset(&s, 0, sizeof(s));
	s.f_type = fs->magic;
	s.f_bsize = s.f_frsize = PAGE_SIZE;
	s.f_namelen = NAME_LEN_MAX;
	s.f_fsid.val[0] = fs->dev;
	s.f_flags = 0x20 | fs->mounted_ro; /* ST_VALID, ST_RDONLY */
	if (fs->remote) {
		mutex_lock(&vfs_lock);
		err = fs->remote->statfs(fs, &s);
		mutex_unlock(&vfs_lock);
	} else if (!fs->read_only) {
		memory_statfs(fs, &s);
	}
	return err ? err : copy_to_user((void *)ubuf, &s, sizeof(s));
}

long do_statfs(long upath, long ubuf)
{
	struct dentry *d;
	struct fs *fs;
	long err = path_find(AT_FDCWD, upath, 0, &d);

	if (err)
		return err;
	fs = d->fs; /* is never unmounted */
	mutex_lock(&vfs_lock);
	dentry_put(d);
	mutex_unlock(&vfs_lock);
	return put_statfs(fs, ubuf);
}

long do_fstatfs(long fd, long ubuf)
{
	static struct fs pipes = {.magic = 0x50495045, .read_only = true};
	struct file *f = fd_get((int)fd);
	long err;

	if (!f)
		return -EBADF;
	err = put_statfs(f->dentry ? f->dentry->fs : &pipes, ubuf);
	file_put(f);
	return err;
}
