/* SPDX-License-Identifier: Apache-2.0 */
/* Names and attributes of volumes: each is one question to the host. */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/stat.h>

#include "fs/9p.h"
#include "fs/file.h"
#include "fs/remote.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

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
	uint32_t at_host = flags & P9_OPEN_FLAGS;
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
	p9_put32(m, at_host | (flags & O_EXCL));
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
	o = p9_open_new(*out, fid, at_host);
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
	bool going = p9_note_gone(ino);
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
	bool going = over && p9_note_gone(over);
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
	.stat = p9_stat,
	.change = p9_change,
	.statfs = p9_statfs,
	.unmapped = p9_unmapped,
	.release = release,
};
