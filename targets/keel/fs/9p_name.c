/* SPDX-License-Identifier: Apache-2.0 */
/* Names and attributes of volumes: each is one question to the host. */
#include <asm/errno.h>
#include <asm/statfs.h>
#include <linux/fcntl.h>
#include <linux/stat.h>

#include "fs/9p.h"
#include "fs/file.h"
#include "fs/remote.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

#define V9FS_MAGIC 0x01021997

/* --- inodes ---------------------------------------------------------------*/

static struct inode *node_new(
	struct fs *fs, struct p9_fid *fid, struct p9_qid qid)
{
	struct p9_node *n = kzalloc(sizeof(*n));
	struct inode *ino;

	if (!n)
		return NULL;
	ino = inode_new(fs, qid.type & P9_QTDIR       ? S_IFDIR | 0755
			    : qid.type & P9_QTSYMLINK ? S_IFLNK | 0777
						      : S_IFREG | 0600);
	if (!ino) {
		kfree(n);
		return NULL;
	}
	fs->next_ino--; /* it has a number already */
	n->fid = fid;
	ino->ino = qid.path;
	ino->priv[0] = (uint64_t)n;
	ino->ops = &p9_inode_ops;
	return ino;
}

static bool same_kind(const struct inode *ino, struct p9_qid qid)
{
	return inode_is_dir(ino) == !!(qid.type & P9_QTDIR) &&
	       inode_is_link(ino) == !!(qid.type & P9_QTSYMLINK);
}

int p9_inode_get(struct fs *fs, struct p9_fid *fid, struct p9_qid qid,
	struct inode **out)
{
	struct inode *ino = inode_find(fs, qid.path);
	struct p9_node *n;
	int err = 0;

	/* The host has given the number to another file. */
	if (ino && !same_kind(ino, qid)) {
		p9_node(ino)->gone = true;
		inode_forget(ino);
		inode_put(ino);
		ino = NULL;
	}
	if (ino) {
		/* The path that was just walked is the one that is right; of a
		 * file with several, the one before may be needed. */
		n = p9_node(ino);
		p9_fid_clunk(fs->priv, n->spare);
		n->spare = n->fid;
		if (ino->nlink < 2 || inode_is_dir(ino)) {
			p9_fid_clunk(fs->priv, n->spare);
			n->spare = NULL;
		}
		n->fid = fid;
		n->gone = false;
	} else {
		ino = node_new(fs, fid, qid);
		if (!ino) {
			p9_fid_clunk(fs->priv, fid);
			return -ENOMEM;
		}
		inode_remember(ino, qid.path);
	}
	/* Of the other two kinds the type is all that a walk needs. */
	if (!(qid.type & (P9_QTDIR | P9_QTSYMLINK)))
		err = p9_refresh(ino, NULL);
	if (err)
		inode_put(ino);
	else
		*out = ino;
	return err;
}

static void release(struct inode *ino)
{
	struct p9_node *n = p9_node(ino);

	p9_forget_dirty(ino);
	if (n->made)
		p9_open_put(n->made);
	p9_fid_clunk(p9_of(ino), n->spare);
	p9_fid_clunk(p9_of(ino), n->fid);
	kfree(n);
}

/* --- attributes -----------------------------------------------------------*/

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
		o->stale = err == -ENOENT;
		if (!o->stale)
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

/* Whether it is gone only from now on. */
static bool note_gone(struct inode *ino)
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

static int remote_stat(struct inode *ino, struct file *f, struct kstat *st)
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

/* With vfs_lock. */
static int change(
	struct inode *ino, struct p9_open *o, const struct remote_change *c)
{
	struct p9_node *n = p9_node(ino);
	int err = 0;

	if (!n->gone) {
		err = setattr(ino, o && !o->stale ? o->fid : n->fid, c);
		/* The file may be open by a name that went, and have others. */
		if (err == -ENOENT && o && !getattr(ino, n->fid))
			err = setattr(ino, n->fid, c);
		if (!err && c->what & REMOTE_SIZE)
			p9_set_size(ino, c->size);
		if (err != -ENOENT || !o)
			return err;
		go(ino);
	}
	err = 0;
	if (c->what & REMOTE_SIZE)
		err = o ? p9_resize_gone(ino, o, c->size) : -ENOENT;
	if (!err)
		change_gone(ino, c);
	return err;
}

/* An open file may be gone from its path, and there may be another there:
 * so it is looked at before it is changed. */
static int remote_change(
	struct inode *ino, struct file *f, const struct remote_change *c)
{
	struct p9_open *o = open_of(ino, f);
	int err = o ? p9_refresh(ino, o) : 0;

	if (err)
		return err;
	if (f)
		mutex_lock(&vfs_lock);
	err = change(ino, o, c);
	if (f)
		mutex_unlock(&vfs_lock);
	return err;
}

static int remote_statfs(struct fs *fs, struct statfs *s)
{
	struct p9_msg *m = p9_begin(fs->priv, P9_TSTATFS);
	int err;

	p9_put32(m, p9_node(fs->root->inode)->fid->number);
	err = p9_call(m);
	if (err)
		return p9_end(m, err);
	p9_get32(m); /* the host's own type */
	s->f_type = V9FS_MAGIC;
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

/* --- names ----------------------------------------------------------------*/

static int lookup(struct inode *dir, struct name name, struct inode **out)
{
	struct p9_fid *fid;
	struct p9_qid qid;
	int err = p9_walk(p9_of(dir), p9_node(dir)->fid, &name, &fid, &qid);

	return err ? err : p9_inode_get(dir->fs, fid, qid, out);
}

/* The host's own rules for owners: of the folder, or of who runs it. */
static int create(struct inode *dir, struct name name, uint32_t flags,
	uint32_t mode, struct inode **out)
{
	struct p9 *c = p9_of(dir);
	struct p9_fid *fid;
	struct p9_open *o;
	struct p9_msg *m;
	int err = p9_walk(c, p9_node(dir)->fid, NULL, &fid, NULL);

	if (err)
		return err;
	m = p9_begin(c, P9_TLCREATE);
	p9_put32(m, fid->number);
	p9_put_name(m, name);
	p9_put32(m, flags & (P9_OPEN_FLAGS | O_EXCL));
	p9_put32(m, mode & 07777);
	p9_put32(m, P9_NOBODY);
	err = p9_end(m, p9_call(m));
	if (err) {
		p9_fid_clunk(c, fid);
		return err;
	}
	err = lookup(dir, name, out);
	if (err) {
		p9_fid_clunk(c, fid);
		return err;
	}
	o = p9_open_new(*out, fid, flags & P9_OPEN_FLAGS);
	if (!o) {
		inode_put(*out);
		return -ENOMEM;
	}
	if (p9_node(*out)->made)
		p9_open_put(p9_node(*out)->made);
	p9_node(*out)->made = o;
	return 0;
}

static int remote_mknod(
	struct inode *dir, struct name name, uint32_t mode, uint64_t rdev)
{
	bool folder = (mode & S_IFMT) == S_IFDIR;
	struct p9_msg *m;

	/* A folder's rule for groups goes down; QEMU would take it away. */
	if (folder && !p9_refresh(dir, NULL))
		mode |= dir->mode & S_ISGID;
	m = p9_begin(p9_of(dir), folder ? P9_TMKDIR : P9_TMKNOD);
	p9_put32(m, p9_node(dir)->fid->number);
	p9_put_name(m, name);
	p9_put32(m, folder ? mode & 07777 : mode);
	if (!folder) {
		p9_put32(m, rdev >> 8 & 0xfff);
		p9_put32(m, (rdev & 0xff) | (rdev >> 12 & 0xffffff00));
	}
	p9_put32(m, P9_NOBODY);
	return p9_end(m, p9_call(m));
}

static int remote_symlink(
	struct inode *dir, struct name name, const char *target)
{
	struct p9_msg *m = p9_begin(p9_of(dir), P9_TSYMLINK);

	p9_put32(m, p9_node(dir)->fid->number);
	p9_put_name(m, name);
	p9_put_name(m, name_of(target));
	p9_put32(m, P9_NOBODY);
	return p9_end(m, p9_call(m));
}

static int remote_link(struct inode *ino, struct inode *dir, struct name name)
{
	struct p9_msg *m = p9_begin(p9_of(dir), P9_TLINK);

	p9_put32(m, p9_node(dir)->fid->number);
	p9_put32(m, p9_node(ino)->fid->number);
	p9_put_name(m, name);
	return p9_end(m, p9_call(m));
}

enum { UNLINK_DIR = 0x200 };

static int remote_unlink(struct inode *dir, struct name name, struct inode *ino)
{
	struct p9_node *n = p9_node(ino);
	bool going = note_gone(ino);
	struct p9_msg *m = p9_begin(p9_of(dir), P9_TUNLINKAT);
	int err;

	p9_put32(m, p9_node(dir)->fid->number);
	p9_put_name(m, name);
	p9_put32(m, inode_is_dir(ino) ? UNLINK_DIR : 0);
	err = p9_end(m, p9_call(m));
	if (err && going)
		n->gone = false;
	if (!err && n->spare) {
		p9_fid_clunk(p9_of(dir), n->fid);
		n->fid = n->spare;
		n->spare = NULL;
	}
	return err;
}

static int remote_rename(struct inode *dir, struct name name,
	struct inode *new_dir, struct name new_name, struct inode *over)
{
	bool going = over && note_gone(over);
	struct p9_msg *m = p9_begin(p9_of(dir), P9_TRENAMEAT);
	int err;

	p9_put32(m, p9_node(dir)->fid->number);
	p9_put_name(m, name);
	p9_put32(m, p9_node(new_dir)->fid->number);
	p9_put_name(m, new_name);
	err = p9_end(m, p9_call(m));
	if (err && going)
		p9_node(over)->gone = false;
	return err;
}

static long p9_readlink(struct inode *ino, char *dst, size_t size)
{
	struct p9_msg *m = p9_begin(p9_of(ino), P9_TREADLINK);
	struct name target = {0};
	int err;

	p9_put32(m, p9_node(ino)->fid->number);
	err = p9_call(m);
	if (!err) {
		target = p9_get_name(m);
		target.len = MIN(target.len, size);
		memcpy(dst, target.s, target.len);
	}
	err = p9_end(m, err);
	return err ? err : (long)target.len;
}

const struct inode_ops p9_inode_ops = {
	.read_pages = p9_read_pages,
	.readlink = p9_readlink,
	.open = p9_file_open,
};

const struct remote_ops p9_remote_ops = {
	.lookup = lookup,
	.create = create,
	.mknod = remote_mknod,
	.symlink = remote_symlink,
	.link = remote_link,
	.unlink = remote_unlink,
	.rename = remote_rename,
	.stat = remote_stat,
	.change = remote_change,
	.statfs = remote_statfs,
	.unmapped = p9_unmapped,
	.release = release,
};
