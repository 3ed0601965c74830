/* SPDX-License-Identifier: Apache-2.0 */
/* Inodes: files, directories, links and devices in memory. */
#ifndef FS_INODE_H
#define FS_INODE_H

#include "fs/name.h"
#include "fs/pagecache.h"
#include "kern/types.h"
#include "sched/waitq.h"

struct dentry;
struct file;
struct inode;
struct record_lock;
struct remote_ops;

struct ktime {
	int64_t sec;
	uint32_t nsec;
};

struct kstat {
	uint64_t dev, ino, rdev, size, blocks; /* blocks of 512 bytes */
	uint32_t mode, nlink, uid, gid, blksize;
	struct ktime atime, mtime, ctime, btime;
};

/* A mounted file system. */
struct fs {
	const char *type; /* "overlay", "tmpfs", ... */
	uint32_t magic;   /* f_type of statfs(2) */
	uint32_t dev;     /* st_dev */
	bool read_only;
	uint64_t next_ino;
	struct dentry *root;
	struct dentry *covered; /* mount point, NULL for the root */
	struct fs *next;        /* in the order of mounting */
	void *priv;             /* of the lower file system */
	bool mounted_ro;        /* by who mounted it: EROFS */
	/* Names and attributes are asked for each time (fs/remote.h). */
	const struct remote_ops *remote;
	uint64_t npages, max_pages; /* tmpfs: that hold data; 0: no limit */
};

/* An entry of a lower or generated directory; nonzero ends the walk. */
typedef int inode_list_fn(
	void *arg, struct name name, uint64_t nid, unsigned type);

/*
 * What lies below an inode. Inodes that are born in memory have NULL
 * members throughout. A lower file system supplies content; whatever is
 * written stays in memory and shadows it.
 */
struct inode_ops {
	/* Fills n pages from `index` on; all begin below lower_size. What
	 * lies past lower_size is zeroed by the caller. */
	int (*read_pages)(struct inode *ino, uint64_t index,
		struct page **pages, unsigned n);
	/* The entry of a directory; -ENOENT. */
	int (*lookup)(struct inode *dir, struct name name, uint64_t *nid);
	int (*list)(struct inode *dir, inode_list_fn *fn, void *arg);
	/* A new inode for an entry's number, with a reference. */
	int (*get)(struct fs *fs, uint64_t nid, struct inode **out);
	/* The text of a symbolic link: length, or -errno. */
	long (*readlink)(struct inode *ino, char *dst, size_t size);
	/* A link that leads to an object instead of a path: /proc/self/fd. */
	int (*jump)(struct inode *ino, struct dentry **out);
	/* Sets f->ops and f->priv of a file that is being opened. */
	int (*open)(struct inode *ino, struct file *f);
};

struct inode {
	uint32_t count; /* references */
	uint32_t mode;  /* S_IFMT and permissions */
	uint32_t uid, gid, nlink;
	uint64_t ino; /* st_ino */
	uint64_t rdev;
	uint64_t size;
	struct ktime atime, mtime, ctime, btime;
	struct fs *fs;
	const struct inode_ops *ops;

	/* the lower file */
	uint64_t nid;
	uint64_t lower_size; /* content below this comes from read_pages */
	uint64_t priv[3];    /* of the lower file system */
	bool lower;          /* found by nid; else born in memory */
	bool changed;        /* differs from the lower file: must be kept */
	struct inode *hash_next;

	/* the content of regular files, under lock when it changes */
	struct mutex lock;
	struct page_tree pages;
	bool mapped; /* was mapped shared and writable */
	struct record_lock *locks;

	/* directories, under vfs_lock */
	struct dentry *self; /* the only name of a directory */
	struct dentry *first_child, *last_child;
	uint64_t next_cookie;
	bool loaded;      /* all names are among the children */
	bool dir_changed; /* names were added or removed: never forget */
	bool dynamic;     /* asked anew each time, nothing is remembered */
	bool linkable;    /* O_TMPFILE without O_EXCL */

	char *link; /* target of a symbolic link born in memory */
};

/* The lock on all names: dentries, directories, mounts, link counts. */
extern struct mutex vfs_lock;

/* A new inode with one reference, times set to now; NULL: no memory. */
struct inode *inode_new(struct fs *fs, uint32_t mode);
void inode_get(struct inode *ino);
void inode_put(struct inode *ino); /* accepts NULL */
/* The inode of a lower number, from memory or read; a reference. */
int inode_lower(struct fs *fs, const struct inode_ops *ops, uint64_t nid,
	struct inode **out);

/* Inodes of remote file systems by number: in memory only while in use. The
 * one that is there, with a reference, or NULL. */
struct inode *inode_find(struct fs *fs, uint64_t nid);
void inode_remember(struct inode *ino, uint64_t nid);
void inode_forget(struct inode *ino); /* not found by its number any more */

void inode_stat(struct inode *ino, struct kstat *st);
struct ktime ktime_now(void);
struct ktime ktime_boot(void); /* when the machine started */
enum { TOUCH_A = 1, TOUCH_M = 2, TOUCH_C = 4 };
void inode_touch(struct inode *ino, unsigned which);
/* The content as the inode's type and size ask (truncate(2)). */
int inode_truncate(struct inode *ino, uint64_t size);

static inline unsigned inode_type(const struct inode *ino)
{
	return ino->mode & 0170000;
}
static inline bool inode_is_dir(const struct inode *ino)
{
	return inode_type(ino) == 0040000;
}
static inline bool inode_is_reg(const struct inode *ino)
{
	return inode_type(ino) == 0100000;
}
static inline bool inode_is_link(const struct inode *ino)
{
	return inode_type(ino) == 0120000;
}

/* Operations of open regular files and directories. */
extern const struct file_ops regular_file_ops;
extern const struct file_ops dir_file_ops;
/* Of these: -EISDIR, and a position for getdents. */
long dir_read(struct file *f, void *ubuf, size_t n, uint64_t *pos);
long dir_seek(struct file *f, int64_t offset, int whence);

#endif
