/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes of files on volumes: asked for each time. */
#include <asm/errno.h>
#include <asm/statfs.h>
#include <linux/stat.h>

#include "fs/9p.h"
#include "fs/file.h"
#include "fs/remote.h"

static struct ktime get_time(struct p9_msg *m)
{
	struct ktime t = {.sec = p9_get64(m)};

	t.nsec = p9_get64(m);
	return t;
}

enum { GETATTR_BASIC = 0x7ff };

static int getattr(struct inode *ino, const struct p9_fid *fid)
{
	struct p9_node *n = p9_node(ino);
	struct p9_msg *m = p9_begin(p9_of(ino), P9_TGETATTR);
	struct inode a = {0};
	struct p9_qid qid;
	uint64_t blksize, blocks;
	int err;

	p9_put32(m, fid->number);
	p9_put64(m, GETATTR_BASIC);
	err = p9_call(m);
	if (err)
		return p9_end(m, err);
	p9_get64(m); /* which are valid: all of Linux's are */
	qid = p9_get_qid(m);
	a.mode = p9_get32(m);
	a.uid = p9_get32(m);
	a.gid = p9_get32(m);
	a.nlink = p9_get64(m);
	a.rdev = p9_get64(m);
	a.size = p9_get64(m);
	blksize = p9_get64(m);
	blocks = p9_get64(m);
	a.atime = get_time(m);
	a.mtime = get_time(m);
	a.ctime = get_time(m);
	err = p9_end(m, 0);
	/* At this path is another file now. */
	if (!err && qid.path != ino->ino)
		err = -ENOENT;
	if (err)
		return err;
	ino->mode = a.mode;
	ino->uid = a.uid;
	ino->gid = a.gid;
	ino->nlink = a.nlink;
	ino->rdev = a.rdev;
	ino->atime = a.atime;
	ino->mtime = a.mtime;
	ino->ctime = a.ctime;
	ino->btime = (struct ktime){0, 0}; /* not told */
	n->blksize = blksize;
	n->blocks = blocks;
	p9_set_size(ino, MIN(a.size, (uint64_t)INT64_MAX));
	return 0;
}

/* From here on it is ours to know. */
static void go(struct inode *ino)
{
	struct p9_node *n = p9_node(ino);

	n->gone = true;
	n->reach = ino->size;
}

/*
 * QEMU asks the path that an open file had, even when it is gone from there:
 * then what is known here is all that can be told.
 */
int p9_refresh(struct inode *ino, struct p9_open *o)
{
	struct p9_node *n = p9_node(ino);
	int err;

	if (n->gone)
		return n->opens ? 0 : -ENOENT;
	if (o) {
		err = getattr(ino, o->fid);
		if (err != -ENOENT)
			return err;
		mutex_lock(&vfs_lock); /* paths change under it */
	}
	err = getattr(ino, n->fid);
	if (err == -ENOENT && n->opens) {
		go(ino);
		err = 0;
	}
	if (o)
		mutex_unlock(&vfs_lock);
	return err;
}

bool p9_note_gone(struct inode *ino)
{
	struct p9_node *n = p9_node(ino);

	if (!n->opens || n->gone || inode_is_dir(ino) ||
		getattr(ino, n->fid) != 0 || ino->nlink > 1)
		return false;
	go(ino);
	ino->nlink = 0;
	return true;
}

static struct p9_open *open_of(struct inode *ino, struct file *f)
{
	return f && (f->ops == &p9_file_ops || f->ops == &p9_dir_ops) &&
			       f->inode == ino
		       ? f->priv
		       : NULL;
}

int p9_stat(struct inode *ino, struct file *f, struct kstat *st)
{
	struct p9_open *o = open_of(ino, f);
	int err;

	if (f && !o)
		mutex_lock(&vfs_lock);
	err = p9_refresh(ino, o);
	if (f && !o)
		mutex_unlock(&vfs_lock);
	if (err)
		return err;
	inode_stat(ino, st);
	st->blocks = p9_node(ino)->blocks;
	st->blksize = p9_node(ino)->blksize;
	return 0;
}

static int setattr(struct inode *ino, const struct p9_fid *fid,
	const struct remote_change *c)
{
	struct p9_msg *m = p9_begin(p9_of(ino), P9_TSETATTR);

	p9_put32(m, fid->number);
	p9_put32(m, c->what);
	p9_put32(m, c->mode);
	p9_put32(m, c->uid);
	p9_put32(m, c->gid);
	p9_put64(m, c->size);
	p9_put64(m, c->atime.sec);
	p9_put64(m, c->atime.nsec);
	p9_put64(m, c->mtime.sec);
	p9_put64(m, c->mtime.nsec);
	return p9_end(m, p9_call(m));
}

/* Nobody else can see the file any more. */
static void change_gone(struct inode *ino, const struct remote_change *c)
{
	struct ktime now = ktime_now();

	if (c->what & REMOTE_MODE)
		ino->mode = (ino->mode & S_IFMT) | (c->mode & 07777);
	if (c->what & REMOTE_UID)
		ino->uid = c->uid;
	if (c->what & REMOTE_GID)
		ino->gid = c->gid;
	if (c->what & REMOTE_ATIME)
		ino->atime = c->what & REMOTE_ATIME_SET ? c->atime : now;
	if (c->what & (REMOTE_MTIME | REMOTE_SIZE))
		ino->mtime = c->what & REMOTE_MTIME_SET ? c->mtime : now;
	ino->ctime = now;
}

/*
 * With vfs_lock. QEMU changes what is at the path of a fid, also of an open
 * one; there may be another file by now. So a path is looked at before, with
 * a fid that was only walked: of an open one its file may be told.
 */
static int change(
	struct inode *ino, struct p9_open *o, const struct remote_change *c)
{
	struct p9_node *n = p9_node(ino);
	int err = 0;

	if (!n->gone) {
		if (o)
			err = getattr(ino, n->fid);
		if (!err)
			err = setattr(ino, n->fid, c);
		if (!err && c->what & REMOTE_SIZE)
			p9_set_size(ino, c->size);
		if (err != -ENOENT || !o)
			return err;
		getattr(ino, o->fid); /* if it can still be told */
		go(ino);
	}
	err = 0;
	if (c->what & REMOTE_SIZE)
		err = o ? p9_resize_gone(ino, o, c->size) : -ENOENT;
	if (!err)
		change_gone(ino, c);
	return err;
}

int p9_change(struct inode *ino, struct file *f, const struct remote_change *c)
{
	int err;

	if (f)
		mutex_lock(&vfs_lock);
	err = change(ino, open_of(ino, f), c);
	if (f)
		mutex_unlock(&vfs_lock);
	return err;
}

int p9_statfs(struct fs *fs, struct statfs *s)
{
	struct p9_msg *m = p9_begin(fs->priv, P9_TSTATFS);
	int err;

	p9_put32(m, p9_node(fs->root->inode)->fid->number);
	err = p9_call(m);
	if (err)
		return p9_end(m, err);
	p9_get32(m); /* the host's own type */
	s->f_type = P9_MAGIC;
	s->f_bsize = s->f_frsize = p9_get32(m);
	s->f_blocks = p9_get64(m);
	s->f_bfree = p9_get64(m);
	s->f_bavail = p9_get64(m);
	s->f_files = p9_get64(m);
	s->f_ffree = p9_get64(m);
	p9_get64(m);
	s->f_namelen = p9_get32(m);
	return p9_end(m, 0);
}
