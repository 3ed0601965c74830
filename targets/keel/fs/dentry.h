/* SPDX-License-Identifier: Apache-2.0 */
/* Names in directories, as far as they are in memory. */
#ifndef FS_DENTRY_H
#define FS_DENTRY_H

#include "fs/inode.h"

/*
 * All under vfs_lock. A child holds its parent. A name that exists in a
 * lower directory may be forgotten when nobody uses it; one that only
 * memory knows is held by its directory (one reference, `pinned`).
 */
struct dentry {
	uint32_t count;
	uint32_t hash;
	struct dentry *parent; /* itself for a root */
	struct inode *inode;   /* NULL: not read yet, `nid` tells which */
	uint64_t nid;
	struct fs *fs;
	struct dentry *hash_next;
	struct dentry *prev, *next; /* children of the parent, by cookie */
	uint64_t cookie;            /* place in the directory, for getdents */
	uint8_t type;               /* DT_* */
	bool hashed;                /* in its directory */
	bool pinned, used, mounted;
	struct name name; /* own memory */
};

void dentry_get(struct dentry *d);
void dentry_put(struct dentry *d); /* accepts NULL */

/* A root, or a name that is in no directory; takes over the inode. */
struct dentry *dentry_new_free(struct fs *fs, struct dentry *parent,
	struct name name, struct inode *ino);

/* The child, its inode read, with a reference; -ENOENT, ... */
int dentry_lookup(struct dentry *dir, struct name name, struct dentry **out);
/* All names of a directory into memory, before names change. */
int dentry_load(struct dentry *dir);
/* Adds a name; takes a reference of its own to the inode. No such name may
 * exist. The dentry without a reference for the caller, or -ENOMEM. */
int dentry_add(struct dentry *dir, struct name name, struct inode *ino,
	struct dentry **out);
/* The name goes away; users of the dentry, as the caller, keep it. */
void dentry_remove(struct dentry *d);
/* Moves to another directory and name, in the place of `over` (or NULL);
 * -ENOMEM and nothing happened. */
int dentry_move(struct dentry *d, struct dentry *dir, struct name name,
	struct dentry *over);
/* Two names change their places; -ENOMEM and nothing happened. */
int dentry_exchange(struct dentry *a, struct dentry *b);
/* 1 if there are no names in a directory, 0 if there are, or -errno. */
int dentry_is_empty(struct dentry *dir);
/* Whether `a` is `d` or lies above it (within one file system). */
bool dentry_is_above(const struct dentry *a, const struct dentry *d);
/* Forgets names when more than dentry_keep could be forgotten; called where
 * none are held but those with a reference. */
void dentry_prune(void);
extern unsigned dentry_keep; /* set at boot, by the size of memory */

/* The file system mounted on it, or itself; and the other way. */
struct dentry *mount_top(struct dentry *d);
struct dentry *mount_parent(struct dentry *d); /* for ".." */
/* A new file system: memory first, `dev` given out in order. */
struct fs *mount_new(const char *type, uint32_t magic);
/* Puts it on a directory; on NULL it is the root. */
void mount_at(struct fs *fs, struct dentry *on);
extern struct fs *mount_first;

/* The absolute path, at the end of buf; -ENAMETOOLONG; *deleted if it is
 * reachable no more. */
int dentry_path(
	struct dentry *d, char *buf, size_t size, char **path, bool *deleted);

#endif
