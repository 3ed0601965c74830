/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that change owner, permissions and times. */
#include <asm/errno.h>
#include <linux/stat.h>
#include <linux/fcntl.h>
#include <linux/time_types.h>
#include <linux/utime.h>

#include "fs/file.h"
#include "fs/path.h"
#include "fs/remote.h"
#include "mm/uaccess.h"
#include "sys/proto.h"

#define UTIME_NOW_  ((1L << 30) - 1L)
#define UTIME_OMIT_ ((1L << 30) - 2L)

/* What is to be changed. */
struct change {
	bool has_mode, has_times, now[2], omit[2];
	uint32_t mode, uid, gid; /* an owner of -1 stays */
	struct ktime time[2];
};

static void change_owner(struct inode *ino, const struct change *c)
{
	if (c->uid != UINT32_MAX)
		ino->uid = c->uid;
	if (c->gid != UINT32_MAX)
		ino->gid = c->gid;
	if (!inode_is_dir(ino) && (c->uid & c->gid) != UINT32_MAX)
		ino->mode &=
			~(ino->mode & S_IXGRP ? S_ISUID | S_ISGID : S_ISUID);
}

static void change_times(struct inode *ino, const struct change *c)
{
	if (!c->omit[0])
		ino->atime = c->now[0] ? ktime_now() : c->time[0];
	if (!c->omit[1])
		ino->mtime = c->now[1] ? ktime_now() : c->time[1];
}

static void ask_time(const struct change *c, int i, uint32_t change,
	uint32_t set, uint32_t *what, struct ktime *t)
{
	if (c->omit[i])
		return;
	*what |= c->now[i] ? change : change | set;
	*t = c->time[i];
}

/* Who may, and what else changes by it, the other side says. */
static long apply_remote(
	struct inode *ino, struct file *f, const struct change *c)
{
	struct remote_change r = {0};

	if (c->has_mode) {
		r.what = REMOTE_MODE;
		r.mode = (ino->mode & S_IFMT) | (c->mode & 07777);
	} else if (c->has_times) {
		ask_time(c, 0, REMOTE_ATIME, REMOTE_ATIME_SET, &r.what,
			&r.atime);
		ask_time(c, 1, REMOTE_MTIME, REMOTE_MTIME_SET, &r.what,
			&r.mtime);
	} else {
		r.uid = c->uid;
		r.gid = c->gid;
		r.what = (c->uid != UINT32_MAX ? REMOTE_UID : 0) |
			 (c->gid != UINT32_MAX ? REMOTE_GID : 0);
	}
	return ino->fs->remote->change(ino, f, &r);
}

/* `f`: the open file that is changed, or NULL under vfs_lock. */
static long apply(struct inode *ino, struct file *f, const struct change *c)
{
	if (ino->fs->read_only)
		return -EPERM;
	if (ino->fs->mounted_ro)
		return -EROFS;
	if (c->has_mode && inode_is_link(ino))
		return -EOPNOTSUPP;
	if (ino->fs->remote)
		return apply_remote(ino, f, c);
	if (c->has_mode)
		ino->mode = (ino->mode & S_IFMT) | (c->mode & 07777);
	else if (c->has_times)
		change_times(ino, c);
	else
		change_owner(ino, c);
	inode_touch(ino, TOUCH_C);
	return 0;
}

static long change_at(
	long dirfd, long upath, long at_flags, const struct change *c)
{
	struct dentry *d;
	long err = path_find(dirfd, upath, at_flags, &d);

	if (err)
		return err;
	mutex_lock(&vfs_lock);
	err = apply(d->inode, NULL, c);
	dentry_put(d);
	mutex_unlock(&vfs_lock);
	return err;
}

/* Files without an inode (console, pipes) have nothing to change. */
static long change_fd(long fd, bool path_ok, const struct change *c)
{
	struct file *f = fd_get((int)fd);
	long err = -EBADF;

	if (f && (path_ok || !(f->flags & O_PATH)))
		err = f->inode ? apply(f->inode, f, c) : -EPERM;
	file_put(f);
	return err;
}

/* --- permissions and owners -----------------------------------------------*/

long do_fchmodat(long dirfd, long upath, long mode)
{
	struct change c = {.has_mode = true, .mode = (uint32_t)mode};

	return change_at(dirfd, upath, 0, &c);
}

long do_chmod(long upath, long mode)
{
	return do_fchmodat(AT_FDCWD, upath, mode);
}

long do_fchmod(long fd, long mode)
{
	struct change c = {.has_mode = true, .mode = (uint32_t)mode};

	return change_fd(fd, false, &c);
}

long do_fchownat(long dirfd, long upath, long uid, long gid, long flags)
{
	struct change c = {.uid = (uint32_t)uid, .gid = (uint32_t)gid};

	if ((int)flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return change_at(dirfd, upath, flags, &c);
}

long do_chown(long upath, long uid, long gid)
{
	return do_fchownat(AT_FDCWD, upath, uid, gid, 0);
}

long do_lchown(long upath, long uid, long gid)
{
	return do_fchownat(AT_FDCWD, upath, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long do_fchown(long fd, long uid, long gid)
{
	struct change c = {.uid = (uint32_t)uid, .gid = (uint32_t)gid};

	return change_fd(fd, false, &c);
}

/* --- times ----------------------------------------------------------------*/

static int get_times(long utimes, struct change *c)
{
	struct __kernel_timespec t[2];

	*c = (struct change){.has_times = true, .now = {true, true}};
	if (!utimes)
		return 0;
	if (copy_from_user(t, (const void *)utimes, sizeof(t)))
		return -EFAULT;
	for (int i = 0; i < 2; i++) {
		c->now[i] = t[i].tv_nsec == UTIME_NOW_;
		c->omit[i] = t[i].tv_nsec == UTIME_OMIT_;
		if (!c->now[i] && !c->omit[i] &&
			(t[i].tv_nsec < 0 || t[i].tv_nsec > 999999999))
			return -EINVAL;
		c->time[i] = (struct ktime){t[i].tv_sec, t[i].tv_nsec};
	}
	return 0;
}

long do_utimensat(long dirfd, long upath, long utimes, long flags)
{
	struct change c;
	long err;

	err = get_times(utimes, &c);
	if (err)
		return err;
	if ((int)flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (c.omit[0] && c.omit[1])
		return 0;
	if (!upath) {
		if ((int)dirfd == AT_FDCWD)
			return -EFAULT;
		return flags ? -EINVAL : change_fd(dirfd, false, &c);
	}
	return change_at(dirfd, upath, flags, &c);
}

/* Seconds and microseconds, as utimes(2) has them. */
struct usec_time {
	int64_t sec, usec;
};

static int set_times(struct change *c, const struct usec_time t[2])
{
	*c = (struct change){.has_times = true, .now = {!t, !t}};
	for (int i = 0; i < 2 && t; i++) {
		if (t[i].usec < 0 || t[i].usec >= 1000000)
			return -EINVAL;
		c->time[i] = (struct ktime){t[i].sec, t[i].usec * 1000};
	}
	return 0;
}

long do_futimesat(long dirfd, long upath, long utimes)
{
	struct usec_time t[2];
	struct change c;
	int err;

	if (utimes && copy_from_user(t, (const void *)utimes, sizeof(t)))
		return -EFAULT;
	err = set_times(&c, utimes ? t : NULL);
	if (err)
		return err;
	return upath ? change_at(dirfd, upath, 0, &c)
		     : change_fd(dirfd, false, &c);
}

long do_utimes(long upath, long utimes)
{
	return upath ? do_futimesat(AT_FDCWD, upath, utimes) : -EFAULT;
}

long do_utime(long upath, long utimes)
{
	struct usec_time t[2] = {{0, 0}, {0, 0}};
	struct utimbuf b = {0, 0};
	struct change c;
	int err;

	if (utimes && copy_from_user(&b, (const void *)utimes, sizeof(b)))
		return -EFAULT;
	t[0].sec = b.actime;
	t[1].sec = b.modtime;
	err = set_times(&c, utimes ? t : NULL);
	return err ? err : change_at(AT_FDCWD, upath, 0, &c);
}
