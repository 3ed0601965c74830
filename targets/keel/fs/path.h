/* SPDX-License-Identifier: Apache-2.0 */
/* From paths to names: the walk, the working directory, umask. */
#ifndef FS_PATH_H
#define FS_PATH_H

#include "fs/dentry.h"

/* The process's place and mask, under vfs_lock. */
extern struct dentry *fs_cwd;
extern uint32_t fs_umask;
struct dentry *fs_root(void); /* the top of the tree, no reference */

enum { LINKS_MAX = 40 }; /* symbolic links followed in one walk */

enum {
	WALK_FOLLOW = 1, /* a link at the end is followed */
	WALK_PARENT = 2, /* stop before the last component */
};

/*
 * A walk in progress, under vfs_lock. With WALK_PARENT it ends at the
 * directory `at`, with the last component in `last`; `kind` tells whether
 * that is a proper name. Without, at the end of the path.
 */
struct walk {
	struct dentry *at; /* a reference */
	const char *rest;  /* not yet walked */
	char *own;         /* memory of `rest` after a link, or NULL */
	unsigned nlinks;
	enum { WALK_NAME, WALK_DOT, WALK_DOTDOT, WALK_NONE } kind;
	struct name last;
	bool slash; /* one follows the last component */
};

/* Begins at `base` (or the root, for an absolute path). */
void walk_start(struct walk *w, struct dentry *base, const char *path);
int walk_run(struct walk *w, unsigned flags);
/* Goes on into a link that was found at w->last; again with walk_run. */
int walk_follow(struct walk *w, struct dentry *link);
void walk_end(struct walk *w); /* gives back what it holds */

/* The whole walk; a reference in *out. */
int path_walk(struct dentry *base, const char *path, unsigned flags,
	struct dentry **out);

/* The text of a link: length, or -errno. */
long inode_readlink(struct inode *ino, char *dst, size_t size);

/* A path from the program, in own memory (kfree); -EFAULT, ... */
int path_get(long upath, char **out);
/* Where relative paths of the *at calls begin, with a reference. */
int path_base(long dirfd, const char *path, struct dentry **out);
/* Path, base and walk in one, for calls on something that exists, with
 * vfs_lock taken and given back. `at_flags`: AT_EMPTY_PATH and
 * AT_SYMLINK_NOFOLLOW are heeded. */
int path_find(long dirfd, long upath, long at_flags, struct dentry **out);

#endif
