/* SPDX-License-Identifier: Apache-2.0 */
/* Open files and the table of file descriptors. */
#ifndef FS_FILE_H
#define FS_FILE_H

#include "kern/types.h"
#include "sched/waitq.h"

struct dentry;
struct epoll_item;
struct inode;
struct kstat;
struct page;
struct waitq;
struct file;

/*
 * Buffers are the program's addresses: operations use mm/uaccess.h. All
 * return a count or 0, or a negative errno. A NULL member means that the
 * file cannot do it (-EINVAL, or -ENOTTY for ioctl, -ESPIPE for seeks).
 */
struct file_ops {
	long (*read)(struct file *f, void *ubuf, size_t n, uint64_t *pos);
	long (*write)(
		struct file *f, const void *ubuf, size_t n, uint64_t *pos);
	long (*ioctl)(struct file *f, unsigned long cmd, unsigned long arg);
	/* Ready events (POLLIN | ...), and the queue that is woken when they
	 * change (*q stays NULL if they never do). Does not sleep: epoll
	 * and sleepers that have prepared ask. */
	unsigned (*poll)(struct file *f, struct waitq **q);
	/* The page at `index` (units of PAGE_SIZE) with a reference for the
	 * caller. `write`: it will be written through a shared mapping.
	 * -ENXIO past the end of the file, -EIO, -ENOMEM. May sleep. */
	int (*get_page)(
		struct file *f, uint64_t index, bool write, struct page **out);
	long (*getdents)(struct file *f, void *ubuf, size_t n);
	int (*fsync)(struct file *f, bool data_only);
	void (*release)(struct file *f); /* the last reference is gone */
	/* NULL: from the inode, or the console's. */
	int (*stat)(struct file *f, struct kstat *st);
	/* NULL: only where there is an inode of a regular file or device. */
	int (*truncate)(struct file *f, uint64_t size);
	long (*seek)(struct file *f, int64_t offset, int whence);
	long (*fcntl)(struct file *f, int cmd, long arg); /* F_SETPIPE_SZ.. */
	/* sendfile: part of a page that stays as it is, without a copy; it
	 * takes references of its own. `more`: another part follows at once.
	 * -EOPNOTSUPP, or NULL: it has to be written. */
	long (*send_page)(struct file *f, struct page *p, unsigned offset,
		size_t n, bool more);
	/* readv, writev as one: a message (sockets). NULL: one by one. */
	long (*vector)(struct file *f, bool write, uint64_t uvec, long nvec);
	const char *name; /* in /proc/self/fd; NULL: a pipe or a socket */
};

struct file {
	uint32_t count;
	uint32_t flags; /* O_* as open(2), without creation flags */
	const struct file_ops *ops;
	struct inode *inode; /* NULL for the console, pipes, sockets */
	uint64_t pos;
	void *priv;
	struct dentry *dentry; /* where it was opened; NULL without inode */
	struct mutex pos_lock; /* of `pos`, for files with an inode */
	struct epoll_item *watched; /* by epoll (fs/eventpoll.c) */
};

struct file *file_new(const struct file_ops *ops, uint32_t flags);
void file_get(struct file *f);
void file_put(struct file *f);

/* The file with a reference, or NULL (-EBADF). */
struct file *fd_get(int fd);
/* Lowest free descriptor >= min; takes over the reference; -EMFILE. */
int fd_install(struct file *f, int min, bool cloexec);
int fd_close(int fd);
int fd_room(void);  /* -EMFILE when there is no descriptor left */
void fd_init(void); /* opens 0, 1, 2 on the console */

/* RLIMIT_NOFILE, the soft limit: descriptors are below it. */
extern uint64_t fd_limit;

/* dup2, dup3: `to` now is `from`, what was there is closed; `to`, -EBADF. */
int fd_replace(int from, int to, bool cloexec);
int fd_get_cloexec(int fd); /* 0, 1 or -EBADF */
int fd_set_cloexec(int fd, bool cloexec);
/* The lowest open descriptor >= fd, or -1; for close_range, /proc/self/fd. */
int fd_next(int fd);

/* Called, if linked in, when a descriptor of a file with an inode goes:
 * record locks of the process end with any close (fcntl(2)). */
weak void lock_release_posix(struct inode *ino);
/* Ends the locks that an open file holds (flock(2), F_OFD_SETLK). */
weak void lock_release_file(struct file *f);
/* Gives back dentry, inode and what hangs on them; linked in by open. */
weak void file_put_inode(struct file *f);
/* The reference of a mapping that has ended: only files that are opened can
 * be mapped, so there is always open where this is called. */
weak void file_put_mapped(struct file *f);
/* Ends what epoll has of a file; linked in by epoll. */
weak void epoll_forget(struct file *f);

#endif
