/* SPDX-License-Identifier: Apache-2.0 */
/* From paths to names: the walk, the working directory, umask. */
#include "fs/path.h"

#include <asm/errno.h>
#include <linux/fcntl.h>

#include "fs/file.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"

struct dentry *fs_cwd;
uint32_t fs_umask = 022;

/* --- the walk -------------------------------------------------------------*/

static void set_at(struct walk *w, struct dentry *d)
{
	dentry_get(d);
	dentry_put(w->at);
	w->at = d;
}

void walk_start(struct walk *w, struct dentry *base, const char *path)
{
	*w = (struct walk){.rest = path};
	set_at(w, *path == '/' ? fs_root() : base);
}

void walk_end(struct walk *w)
{
	dentry_put(w->at);
	kfree(w->own);
	w->at = NULL;
	w->own = NULL;
}

long inode_readlink(struct inode *ino, char *dst, size_t size)
{
	size_t len;

	if (!inode_is_link(ino))
		return -EINVAL;
	if (!ino->link)
		return ino->ops && ino->ops->readlink
			       ? ino->ops->readlink(ino, dst, size)
			       : -EINVAL;
	len = MIN(strlen(ino->link), size);
	memcpy(dst, ino->link, len);
	return len;
}

int walk_follow(struct walk *w, struct dentry *link)
{
	const struct inode_ops *ops = link->inode->ops;
	struct dentry *target;
	size_t left = strlen(w->rest);
	char *path;
	long n;

	if (++w->nlinks > LINKS_MAX)
		return -ELOOP;
	if (ops && ops->jump) {
		int err = ops->jump(link->inode, &target);

		if (err)
			return err;
		set_at(w, target);
		dentry_put(target);
		return 0;
	}
	path = kmalloc(PATH_LEN_MAX + left + 1);
	if (!path)
		return -ENOMEM;
	n = inode_readlink(link->inode, path, PATH_LEN_MAX);
	if (n <= 0) {
		kfree(path);
		return n ? n : -ENOENT;
	}
	memcpy(path + n, w->rest, left + 1);
	kfree(w->own);
	w->rest = w->own = path;
	if (*path == '/')
		set_at(w, fs_root());
	return 0;
}

/* One component that is a name; `rest` is behind it already. */
static int step(struct walk *w, struct name name, bool last, unsigned flags)
{
	struct dentry *d;
	bool slash = *w->rest == '/';
	int err = dentry_lookup(w->at, name, &d);

	if (err)
		return err;
	if (d->mounted) {
		struct dentry *top = mount_top(d);

		dentry_get(top);
		dentry_put(d);
		d = top;
	}
	if (inode_is_link(d->inode) && (!last || slash || flags & WALK_FOLLOW))
		err = walk_follow(w, d);
	else if (slash && !inode_is_dir(d->inode))
		err = -ENOTDIR;
	else
		set_at(w, d);
	dentry_put(d);
	return err;
}

static bool ends(const char *rest)
{
	while (*rest == '/')
		rest++;
	return !*rest;
}

int walk_run(struct walk *w, unsigned flags)
{
	for (;;) {
		struct name name;
		bool last;
		int err;

		while (*w->rest == '/')
			w->rest++;
		name = name_first(w->rest);
		if (!name.len)
			break;
		if (!inode_is_dir(w->at->inode))
			return -ENOTDIR;
		if (name.len > NAME_LEN_MAX)
			return -ENAMETOOLONG;
		w->rest += name.len;
		last = ends(w->rest);
		w->kind = name_is(name, ".")    ? WALK_DOT
			  : name_is(name, "..") ? WALK_DOTDOT
						: WALK_NAME;
		w->last = name;
		w->slash = *w->rest == '/';
		if (last && flags & WALK_PARENT)
			return 0;
		if (w->kind == WALK_DOTDOT) {
			set_at(w, mount_parent(w->at));
		} else if (w->kind == WALK_NAME) {
			err = step(w, name, last, flags);
			if (err)
				return err;
		}
	}
	w->kind = WALK_NONE;
	return 0;
}

int path_walk(struct dentry *base, const char *path, unsigned flags,
	struct dentry **out)
{
	struct walk w;
	int err;

	walk_start(&w, base, path);
	err = walk_run(&w, flags);
	if (!err) {
		dentry_get(w.at);
		*out = w.at;
	}
	walk_end(&w);
	return err;
}

/* --- paths of calls -------------------------------------------------------*/

int path_get(long upath, char **out)
{
	char *path = kmalloc(PATH_LEN_MAX);
	long n;

	if (!path)
		return -ENOMEM;
	n = strncpy_from_user(path, (const char *)upath, PATH_LEN_MAX);
	if (n < 0) {
		kfree(path);
		return n;
	}
	*out = path;
	return 0;
}

int path_base(long dirfd, const char *path, struct dentry **out)
{
	struct file *f;
	int err = 0;

	if (*path == '/') {
		*out = fs_root();
	} else if ((int)dirfd == AT_FDCWD) {
		*out = fs_cwd;
	} else {
		f = fd_get((int)dirfd);
		if (!f)
			return -EBADF;
		if (f->dentry && (!*path || inode_is_dir(f->inode)))
			*out = f->dentry;
		else
			err = -ENOTDIR;
		if (!err)
			dentry_get(*out);
		file_put(f);
		return err;
	}
	dentry_get(*out);
	return 0;
}

static int find_locked(
	long dirfd, const char *path, long at_flags, struct dentry **out)
{
	struct dentry *base;
	int err;

	if (!*path && !(at_flags & AT_EMPTY_PATH))
		return -ENOENT;
	err = path_base(dirfd, path, &base);
	if (err)
		return err;
	err = path_walk(base, path,
		at_flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW, out);
	dentry_put(base);
	return err;
}

int path_find(long dirfd, long upath, long at_flags, struct dentry **out)
{
	char *path;
	int err = path_get(upath, &path);

	if (err)
		return err;
	mutex_lock(&vfs_lock);
	dentry_prune();
	err = find_locked(dirfd, path, at_flags, out);
	mutex_unlock(&vfs_lock);
	kfree(path);
	return err;
}
