/* SPDX-License-Identifier: Apache-2.0 */
/* File systems whose names and attributes are somewhere else. */
#ifndef FS_REMOTE_H
#define FS_REMOTE_H

#include "fs/dentry.h"

struct file;
struct statfs;

/* What setattr changes; times without *_SET are the host's now. */
enum {
	REMOTE_MODE = 1,
	REMOTE_UID = 2,
	REMOTE_GID = 4,
	REMOTE_SIZE = 8,
	REMOTE_ATIME = 0x10,
	REMOTE_MTIME = 0x20,
	REMOTE_ATIME_SET = 0x80,
	REMOTE_MTIME_SET = 0x100,
};

struct remote_change {
	uint32_t what; /* REMOTE_* */
	uint32_t mode, uid, gid;
	uint64_t size;
	struct ktime atime, mtime;
};

/*
 * Names of such a file system (fs->remote) are in memory only while somebody
 * uses them, and are asked for again each time: others change them. What is
 * allowed, what exists and who wins is the other side's to say. All under
 * vfs_lock, but stat and change with a file. Errors are -errno.
 */
struct remote_ops {
	int (*lookup)(struct inode *dir, struct name name, struct inode **out);
	/* A regular file, opened with these flags: the next open of the inode
	 * takes that over, whatever its permissions are. */
	int (*create)(struct inode *dir, struct name name, uint32_t flags,
		uint32_t mode, struct inode **out);
	int (*mknod)(struct inode *dir, struct name name, uint32_t mode,
		uint64_t rdev); /* also directories */
	int (*symlink)(struct inode *dir, struct name name, const char *target);
	int (*link)(struct inode *ino, struct inode *dir, struct name name);
	int (*unlink)(struct inode *dir, struct name name, struct inode *ino);
	/* `over`: what has the new name now, or NULL. */
	int (*rename)(struct inode *dir, struct name name,
		struct inode *new_dir, struct name new_name,
		struct inode *over);
	/* `f`: the open file that it is asked of, or NULL. */
	int (*stat)(struct inode *ino, struct file *f, struct kstat *st);
	int (*change)(struct inode *ino, struct file *f,
		const struct remote_change *c);
	int (*statfs)(struct fs *fs, struct statfs *s);
	void (*unmapped)(struct file *f);   /* a mapping of it has ended */
	void (*release)(struct inode *ino); /* it ends */
};

/* Gives an inode, whose reference goes over, its name in memory. */
int dentry_adopt(struct dentry *dir, struct name name, struct inode *ino,
	struct dentry **out);

/* fs/9p_mount.c: mounts what the boot record asks for. */
int mounts_make(void);

#endif
