/* SPDX-License-Identifier: Apache-2.0 */
/* Making and removing names. */
#include "fs/names.h"

#include <asm/errno.h>
#include <linux/stat.h>
#include <linux/fcntl.h>

#include "fs/file.h"
#include "fs/remote.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

/* Before names of a directory change: all of them are in memory. */
static int may_create(struct dentry *dir)
{
	if (dir->fs->mounted_ro)
		return -EROFS;
	if (dir->fs->remote)
		return 0; /* the other side says */
	if (!dir->inode->nlink || dir->fs->read_only || dir->inode->dynamic)
		return -ENOENT;
	return dentry_load(dir);
}

int inode_create_in(struct dentry *dir, uint32_t mode, struct inode **out)
{
	struct inode *ino;

	if (!dir->inode->nlink || dir->fs->read_only || dir->inode->dynamic)
		return -ENOENT;
	if (dir->fs->mounted_ro)
		return -EROFS;
	ino = inode_new(dir->fs, mode);
	if (!ino)
		return -ENOSPC;
	if (dir->inode->mode & S_ISGID) {
		ino->gid = dir->inode->gid;
		if (inode_is_dir(ino))
			ino->mode |= S_ISGID;
	}
	if (inode_is_dir(ino))
		ino->nlink = 2;
	*out = ino;
	return 0;
}

/* The inode gets its first name; the caller's reference goes over. */
static int add_new(struct dentry *dir, struct name name, struct inode *ino,
	struct dentry **out)
{
	struct dentry *d;
	int err = may_create(dir);

	if (!err)
		err = dentry_add(dir, name, ino, &d);
	inode_put(ino);
	if (err)
		return err == -ENOMEM ? -ENOSPC : err;
	if (inode_is_dir(ino))
		dir->inode->nlink++;
	if (out) {
		dentry_get(d);
		*out = d;
	}
	return 0;
}

int name_create_at(struct dentry *dir, struct name name, uint32_t mode,
	uint64_t rdev, struct dentry **out)
{
	struct inode *ino;
	int err = inode_create_in(dir, mode, &ino);

	if (err)
		return err;
	ino->rdev = rdev;
	return add_new(dir, name, ino, out);
}

/* The place for a new name: -EEXIST if something is there. */
static int walk_to_new(
	struct walk *w, struct dentry *base, const char *path, bool directory)
{
	struct dentry *d;
	int err;

	if (!*path)
		return -ENOENT;
	walk_start(w, base, path);
	err = walk_run(w, WALK_PARENT);
	if (!err && w->kind != WALK_NAME)
		err = -EEXIST;
	if (!err) {
		err = dentry_lookup(w->at, w->last, &d);
		if (!err) {
			dentry_put(d);
			err = -EEXIST;
		} else if (err == -ENOENT && (directory || !w->slash)) {
			err = 0;
		}
	}
	if (err)
		walk_end(w);
	return err;
}

int name_mknod(
	struct dentry *base, const char *path, uint32_t mode, uint64_t rdev)
{
	struct walk w;
	int err = walk_to_new(&w, base, path, false);

	if (err)
		return err;
	if (w.at->fs->remote)
		err = w.at->fs->remote->mknod(w.at->inode, w.last, mode, rdev);
	else
		err = name_create_at(w.at, w.last, mode, rdev, NULL);
	walk_end(&w);
	return err;
}

int name_mkdir(struct dentry *base, const char *path, uint32_t mode)
{
	struct walk w;
	int err = walk_to_new(&w, base, path, true);

	if (err)
		return err;
	mode = S_IFDIR | (mode & 07777);
	if (w.at->fs->remote)
		err = w.at->fs->remote->mknod(w.at->inode, w.last, mode, 0);
	else
		err = name_create_at(w.at, w.last, mode, 0, NULL);
	walk_end(&w);
	return err;
}

int name_symlink(struct dentry *base, const char *path, const char *target)
{
	size_t len = strlen(target);
	struct inode *ino;
	struct walk w;
	int err;

	if (!len)
		return -ENOENT;
	err = walk_to_new(&w, base, path, false);
	if (err)
		return err;
	if (w.at->fs->remote) {
		err = w.at->fs->remote->symlink(w.at->inode, w.last, target);
		goto out;
	}
	err = inode_create_in(w.at, S_IFLNK | 0777, &ino);
	if (err)
		goto out;
	ino->link = kmalloc(len + 1);
	if (ino->link) {
		memcpy(ino->link, target, len + 1);
		ino->size = len;
		err = add_new(w.at, w.last, ino, NULL);
	} else {
		inode_put(ino);
		err = -ENOSPC;
	}
out:
	walk_end(&w);
	return err;
}

int name_link(struct dentry *old, struct dentry *base, const char *path)
{
	struct inode *ino = old->inode;
	struct walk w;
	int err = walk_to_new(&w, base, path, false);

	if (err)
		return err;
	if (w.at->fs != old->fs)
		err = -EXDEV;
	else if (inode_is_dir(ino))
		err = -EPERM;
	else if (old->fs->remote)
		err = old->fs->remote->link(ino, w.at->inode, w.last);
	else if (!ino->nlink && !ino->linkable)
		err = -ENOENT;
	else
		err = may_create(w.at);
	if (!err && !old->fs->remote)
		err = dentry_add(w.at, w.last, ino, NULL);
	if (!err) {
		ino->nlink++;
		ino->linkable = false;
		inode_touch(ino, TOUCH_C);
	}
	walk_end(&w);
	return err;
}

/* --- removing -------------------------------------------------------------*/

static int may_remove(struct dentry *d)
{
	if (d->fs->read_only || !d->hashed)
		return -EPERM;
	if (d->mounted || d == d->fs->root)
		return -EBUSY;
	if (d->fs->mounted_ro)
		return -EROFS;
	return dentry_load(d->parent);
}

/* Where names are somewhere else they go there first. */
static int remove_remote(struct dentry *d)
{
	if (!d->fs->remote)
		return 0;
	return d->fs->remote->unlink(d->parent->inode, d->name, d->inode);
}

/* A name went: counts of a damaged image may be too low. */
static void drop_link(struct dentry *d)
{
	struct inode *dir = d->parent->inode;

	if (inode_is_dir(d->inode)) {
		d->inode->nlink = 0;
		if (dir->nlink)
			dir->nlink--;
	} else if (d->inode->nlink) {
		d->inode->nlink--;
	}
	inode_touch(d->inode, TOUCH_C);
}

/* A name that exists, at the end of a path: *out with a reference. */
static int walk_to_old(struct walk *w, struct dentry *base, const char *path,
	struct dentry **out)
{
	int err;

	if (!*path)
		return -ENOENT;
	walk_start(w, base, path);
	err = walk_run(w, WALK_PARENT);
	if (!err && w->kind == WALK_NAME)
		err = dentry_lookup(w->at, w->last, out);
	if (err)
		walk_end(w);
	return err;
}

int name_unlink(struct dentry *base, const char *path)
{
	struct dentry *d;
	struct walk w;
	int err = walk_to_old(&w, base, path, &d);

	if (err)
		return err;
	if (w.kind != WALK_NAME) {
		walk_end(&w);
		return -EISDIR;
	}
	if (inode_is_dir(d->inode))
		err = -EISDIR;
	else if (w.slash)
		err = -ENOTDIR;
	else
		err = may_remove(d);
	if (!err)
		err = remove_remote(d);
	if (!err) {
		dentry_remove(d);
		drop_link(d);
	}
	dentry_put(d);
	walk_end(&w);
	return err;
}

static int may_rmdir(struct dentry *d)
{
	int r;

	if (!inode_is_dir(d->inode))
		return -ENOTDIR;
	r = may_remove(d);
	if (r || d->fs->remote)
		return r; /* whether it is empty the other side says */
	r = dentry_is_empty(d);
	if (r < 0)
		return r;
	return r ? 0 : -ENOTEMPTY;
}

int name_rmdir(struct dentry *base, const char *path)
{
	struct dentry *d;
	struct walk w;
	int err = walk_to_old(&w, base, path, &d);

	if (err)
		return err;
	if (w.kind != WALK_NAME) {
		err = w.kind == WALK_DOT      ? -EINVAL
		      : w.kind == WALK_DOTDOT ? -ENOTEMPTY
					      : -EBUSY;
		walk_end(&w);
		return err;
	}
	err = may_rmdir(d);
	if (!err)
		err = remove_remote(d);
	if (!err) {
		dentry_remove(d);
		drop_link(d);
	}
	dentry_put(d);
	walk_end(&w);
	return err;
}

/* --- rename ---------------------------------------------------------------*/

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE  2
#endif

/* Both ends of a rename; `to` is NULL when nothing is there. */
struct move {
	struct walk old, new;
	struct dentry *from, *to;
	unsigned flags;
};

static int check_move(const struct move *m)
{
	bool exchange = m->flags & RENAME_EXCHANGE;
	bool from_dir = inode_is_dir(m->from->inode);
	bool to_dir = m->to && inode_is_dir(m->to->inode);
	int err;

	if (m->to && m->flags & RENAME_NOREPLACE)
		return -EEXIST;
	if (!m->to && exchange)
		return -ENOENT;
	if (!from_dir && (m->old.slash || (!exchange && m->new.slash)))
		return -ENOTDIR;
	if (exchange && !to_dir && m->new.slash)
		return -ENOTDIR;
	if (dentry_is_above(m->from, m->new.at))
		return -EINVAL;
	if (m->to && dentry_is_above(m->to, m->old.at))
		return exchange ? -EINVAL : -ENOTEMPTY;
	if (m->to && m->to->inode == m->from->inode)
		return 0;
	err = may_remove(m->from);
	if (!err)
		err = may_create(m->new.at);
	if (err || !m->to || exchange)
		return !err && m->to ? may_remove(m->to) : err;
	if (from_dir)
		return may_rmdir(m->to);
	return to_dir ? -EISDIR : may_remove(m->to);
}

/* A directory that changes its parent takes a link along. */
static void move_link(struct dentry *d, struct dentry *from, struct dentry *to)
{
	if (inode_is_dir(d->inode)) {
		from->inode->nlink--;
		to->inode->nlink++;
	}
}

static int do_move(struct move *m)
{
	struct dentry *old_dir = m->old.at, *new_dir = m->new.at;
	int err;

	if (m->to && m->to->inode == m->from->inode)
		return 0; /* two names of one file: both stay (POSIX) */
	if (old_dir->fs->remote) {
		if (m->flags)
			return -EINVAL;
		err = old_dir->fs->remote->rename(old_dir->inode, m->old.last,
			new_dir->inode, m->new.last,
			m->to ? m->to->inode : NULL);
		if (err)
			return err;
	}
	if (m->flags & RENAME_EXCHANGE) {
		err = dentry_exchange(m->from, m->to);
		if (!err)
			move_link(m->to, new_dir, old_dir);
	} else {
		err = dentry_move(m->from, new_dir, m->new.last, m->to);
		if (!err && m->to)
			drop_link(m->to);
	}
	if (!err) {
		move_link(m->from, old_dir, new_dir);
		inode_touch(m->from->inode, TOUCH_C);
	}
	return err;
}

static int rename_in(struct move *m)
{
	int err;

	if (m->old.at->fs != m->new.at->fs)
		return -EXDEV;
	if (m->old.kind != WALK_NAME)
		return -EBUSY;
	if (m->new.kind != WALK_NAME)
		return m->flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	err = dentry_lookup(m->old.at, m->old.last, &m->from);
	if (err)
		return err;
	err = dentry_lookup(m->new.at, m->new.last, &m->to);
	if (err == -ENOENT)
		err = 0;
	if (!err)
		err = check_move(m);
	if (!err)
		err = do_move(m);
	dentry_put(m->to);
	dentry_put(m->from);
	return err;
}

int name_rename(struct dentry *old_base, const char *old_path,
	struct dentry *new_base, const char *new_path, unsigned flags)
{
	struct move m = {.flags = flags};
	int err;

	if (!*old_path || !*new_path)
		return -ENOENT;
	walk_start(&m.old, old_base, old_path);
	walk_start(&m.new, new_base, new_path);
	err = walk_run(&m.old, WALK_PARENT);
	if (!err)
		err = walk_run(&m.new, WALK_PARENT);
	if (!err)
		err = rename_in(&m);
	walk_end(&m.new);
	walk_end(&m.old);
	return err;
}

int name_make_parents(const char *path)
{
	char *copy = kmalloc(strlen(path) + 1);
	int err = 0;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, path, strlen(path) + 1);
	for (char *p = copy + 1; *copy && !err && (p = strchr(p, '/')); p++) {
		*p = 0;
		err = name_mkdir(fs_root(), copy, 0755);
		if (err == -EEXIST)
			err = 0;
		*p = '/';
	}
	kfree(copy);
	return err;
}
