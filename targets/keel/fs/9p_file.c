/* SPDX-License-Identifier: Apache-2.0 */
/* Open files of volumes: reading and writing goes straight to the host. */
#include <asm/errno.h>
#include <asm/ioctls.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>

#include "fs/9p.h"
#include "fs/file.h"
#include "fs/open.h"
#include "fs/remote.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"

/* --- opening --------------------------------------------------------------*/

struct p9_open *p9_open_new(
	struct inode *ino, struct p9_fid *fid, uint32_t flags)
{
	struct p9_node *n = p9_node(ino);
	struct p9_open *o = kzalloc(sizeof(*o));

	if (!o) {
		p9_fid_clunk(p9_of(ino), fid);
		return NULL;
	}
	o->count = 1;
	o->c = p9_of(ino);
	o->fid = fid;
	o->flags = flags;
	o->next = n->opens;
	n->opens = o;
	return o;
}

struct p9_open *p9_open_hold(struct file *f)
{
	struct p9_open *o = f->priv;

	o->count++;
	return o;
}

void p9_open_put(struct p9_open *o)
{
	if (--o->count)
		return;
	p9_fid_clunk(o->c, o->fid);
	kfree(o);
}

void p9_open_forget(struct inode *ino, struct p9_open *o)
{
	struct p9_open **p = &p9_node(ino)->opens;

	while (*p && *p != o)
		p = &(*p)->next;
	if (*p)
		*p = o->next;
	p9_open_put(o);
}

static int open_at_host(struct inode *ino, uint32_t flags, struct p9_open **out)
{
	struct p9 *c = p9_of(ino);
	struct p9_fid *fid;
	int err = p9_walk(c, p9_node(ino)->fid, NULL, &fid, NULL);

	if (err)
		return err;
	err = p9_lopen(c, fid, flags);
	if (err) {
		p9_fid_clunk(c, fid);
		return err;
	}
	*out = p9_open_new(ino, fid, flags);
	return *out ? 0 : -ENOMEM;
}

int p9_file_open(struct inode *ino, struct file *f)
{
	struct p9_node *n = p9_node(ino);
	struct p9_open *o = n->made;
	int err = 0;

	if (!inode_is_reg(ino) && !inode_is_dir(ino))
		return inode_type(ino) == S_IFCHR || inode_type(ino) == S_IFBLK
			       ? device_open(ino, f)
			       : -ENXIO;
	n->made = NULL;
	/* What creating it opened is for the call that did. */
	if (o && o->flags != (f->flags & P9_OPEN_FLAGS)) {
		p9_open_forget(ino, o);
		o = NULL;
	}
	if (!o)
		err = open_at_host(ino, f->flags & P9_OPEN_FLAGS, &o);
	if (err)
		return err;
	f->priv = o;
	f->ops = inode_is_dir(ino) ? &p9_dir_ops : &p9_file_ops;
	return 0;
}

static void file_release(struct file *f)
{
	if (p9_node(f->inode)->dirty)
		p9_write_back(f->inode);
	p9_open_forget(f->inode, f->priv);
}

/* --- reading and writing --------------------------------------------------*/

static bool lock_pos(struct file *f, const uint64_t *pos)
{
	if (pos != &f->pos)
		return false;
	mutex_lock(&f->pos_lock);
	return true;
}

static void unlock_pos(struct file *f, bool locked)
{
	if (locked)
		mutex_unlock(&f->pos_lock);
}

/* Between the buffer and the open file at the host. */
static long move(struct p9_open *o, enum p9_type type, struct p9_buffer *b,
	uint64_t pos, size_t n)
{
	struct virtq_buf piece = {.pa = virtq_pa(b->va, n, NULL), .len = n};

	return p9_transfer(o->c, type, o->fid, pos, &piece, 1, n);
}

/* A gone file may end before what the host still has of it, or behind. */
static long read_lot(struct inode *ino, struct p9_open *o, struct p9_buffer *b,
	uint64_t pos, size_t n)
{
	const struct p9_node *node = p9_node(ino);
	long r;

	if (!node->gone)
		return move(o, P9_TREAD, b, pos, n);
	if (pos >= ino->size)
		return 0;
	n = MIN(n, ino->size - pos);
	r = move(o, P9_TREAD, b, pos, n);
	if (r >= 0 && (size_t)r < n) {
		memset(b->va + r, 0, n - r);
		r = n;
	}
	return r;
}

static long read_all(struct file *f, char *ubuf, size_t n, uint64_t *pos)
{
	struct p9_buffer *b = p9_buffer_get();
	struct p9_open *o;
	size_t done = 0;
	long r = 0;

	if (!b)
		return -ENOMEM;
	o = p9_open_hold(f);
	while (done < n) {
		size_t lot = MIN(n - done, MIN(b->size, o->c->data_max));

		r = read_lot(f->inode, o, b, *pos, lot);
		if (r > 0 && copy_to_user(ubuf + done, b->va, r))
			r = -EFAULT;
		if (r <= 0)
			break;
		done += r;
		*pos += r;
		if ((size_t)r < lot)
			break;
	}
	p9_open_put(o);
	p9_buffer_put(b);
	return done ? (long)done : r;
}

static long file_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	bool locked;
	long r = 0;

	if (!n)
		return 0;
	if (p9_node(f->inode)->dirty)
		r = p9_write_back(f->inode);
	if (r < 0)
		return r;
	locked = lock_pos(f, pos);
	r = read_all(f, ubuf, n, pos);
	unlock_pos(f, locked);
	return r;
}

enum { ZEROS = 16 }; /* pages in one message */

/* Zeros in [from, to) of a gone file, over what the host still has there: one
 * page of them, many times. */
static int zero_host(
	struct inode *ino, struct p9_open *o, uint64_t from, uint64_t to)
{
	struct virtq_buf pieces[ZEROS];
	char *zeros = kzalloc(PAGE_SIZE);
	long r = 0;

	if (!zeros)
		return -ENOMEM;
	to = MIN(to, p9_node(ino)->reach);
	while (from < to && r >= 0) {
		size_t n = MIN(to - from, ZEROS * PAGE_SIZE), at = 0;
		unsigned k = 0;

		n = MIN(n, ALIGN_DOWN(o->c->data_max, PAGE_SIZE));
		for (; at < n; at += pieces[k++].len) {
			pieces[k].pa = virtq_pa(zeros, PAGE_SIZE, NULL);
			pieces[k].len = MIN(PAGE_SIZE, n - at);
		}
		r = p9_transfer(o->c, P9_TWRITE, o->fid, from, pieces, k, n);
		if (!r)
			r = -EIO;
		from += r > 0 ? r : 0;
	}
	kfree(zeros);
	return r < 0 ? r : 0;
}

int p9_resize_gone(struct inode *ino, struct p9_open *o, uint64_t size)
{
	int err = 0;

	if (size > ino->size && ino->size < p9_node(ino)->reach)
		err = zero_host(ino, o, ino->size, size);
	if (!err)
		p9_set_size(ino, size);
	return err;
}

static long write_lot(struct inode *ino, struct p9_open *o, struct p9_buffer *b,
	uint64_t pos, size_t n)
{
	struct p9_node *node = p9_node(ino);
	long r;

	if (node->gone && pos > ino->size) {
		r = p9_resize_gone(ino, o, pos);
		if (r)
			return r;
	}
	r = move(o, P9_TWRITE, b, pos, n);
	if (r <= 0)
		return r;
	if (pos + r > ino->size)
		p9_set_size(ino, pos + r);
	if (node->gone) {
		node->reach = MAX(node->reach, pos + r);
		ino->mtime = ino->ctime = ktime_now();
	}
	p9_update_pages(ino, pos, b->va, r);
	return r;
}

static long write_all(struct file *f, const char *ubuf, size_t n, uint64_t *pos)
{
	struct p9_buffer *b = p9_buffer_get();
	struct p9_open *o;
	size_t done = 0;
	long r = 0;

	if (!b)
		return -ENOMEM;
	o = p9_open_hold(f);
	while (done < n) {
		size_t lot = MIN(n - done, MIN(b->size, o->c->data_max));

		r = -EFAULT;
		if (!copy_from_user(b->va, ubuf + done, lot))
			r = write_lot(f->inode, o, b, *pos, lot);
		if (r <= 0)
			break;
		done += r;
		*pos += r;
		if ((size_t)r < lot)
			break;
	}
	p9_open_put(o);
	p9_buffer_put(b);
	return done ? (long)done : r;
}

/* O_APPEND can be changed while the file is open; the host appends in one
 * step only where it was told so. */
static int follow_append(struct file *f)
{
	struct p9_open *old = f->priv, *o;
	bool append = f->flags & O_APPEND, gone = p9_node(f->inode)->gone;
	int err = 0;

	if (append == !!(old->flags & O_APPEND) || (append && gone))
		return 0;
	mutex_lock(&vfs_lock);
	if (f->priv == old) /* no other thread was faster */
		err = gone ? -ENOENT
			   : open_at_host(f->inode, old->flags ^ O_APPEND, &o);
	if (!err && f->priv == old) {
		f->priv = o;
		p9_open_forget(f->inode, old);
	}
	mutex_unlock(&vfs_lock);
	return err;
}

static long file_write(
	struct file *f, const void *ubuf, size_t n, uint64_t *pos)
{
	struct inode *ino = f->inode;
	bool locked;
	long r = follow_append(f);

	if (r || !n)
		return r;
	locked = lock_pos(f, pos);
	mutex_lock(&ino->lock);
	/* Where the end really is the host knows. */
	if (f->flags & O_APPEND)
		*pos = ino->size;
	if (*pos >= INT64_MAX)
		r = -EFBIG;
	if (!r)
		r = write_all(f, ubuf, MIN(n, INT64_MAX - *pos), pos);
	mutex_unlock(&ino->lock);
	unlock_pos(f, locked);
	return r;
}

/* --- the rest -------------------------------------------------------------*/

static int file_fsync(struct file *f, bool data_only)
{
	struct p9_open *o = p9_open_hold(f);
	int err = 0;

	if (p9_node(f->inode)->dirty)
		err = p9_write_back(f->inode);
	if (!err)
		err = p9_fsync(o->c, o->fid, data_only);
	p9_open_put(o);
	return err;
}

static int file_truncate(struct file *f, uint64_t size)
{
	struct remote_change c = {.what = REMOTE_SIZE, .size = size};
	int err;

	if (size > INT64_MAX)
		return -EFBIG;
	mutex_lock(&f->inode->lock);
	err = p9_change(f->inode, f, &c);
	mutex_unlock(&f->inode->lock);
	return err;
}

static long file_ioctl(struct file *f, unsigned long cmd, unsigned long arg)
{
	int left, err;

	if (cmd != FIONREAD)
		return -ENOTTY;
	err = p9_refresh(f->inode, f->priv);
	left = (int)(f->inode->size - f->pos);
	return err ? err : copy_to_user((void *)arg, &left, sizeof(left));
}

static int64_t target_of(struct file *f, int64_t offset, int whence)
{
	uint64_t base = whence == SEEK_CUR ? f->pos : 0;
	int64_t at;

	if (whence > SEEK_CUR) {
		int err = p9_refresh(f->inode, f->priv);

		if (err)
			return err;
	}
	if (whence == SEEK_END)
		base = f->inode->size;
	switch (whence) {
	case SEEK_SET:
	case SEEK_CUR:
	case SEEK_END:
		if (__builtin_add_overflow((int64_t)base, offset, &at))
			return -EOVERFLOW;
		return at < 0 ? -EINVAL : at;
	case SEEK_DATA: /* the host tells of no holes: all is data */
	case SEEK_HOLE:
		if (offset < 0 || (uint64_t)offset >= f->inode->size)
			return -ENXIO;
		return whence == SEEK_DATA ? offset : (int64_t)f->inode->size;
	}
	return -EINVAL;
}

static long file_seek(struct file *f, int64_t offset, int whence)
{
	int64_t at;

	mutex_lock(&f->pos_lock);
	at = target_of(f, offset, whence);
	if (at >= 0)
		f->pos = at;
	mutex_unlock(&f->pos_lock);
	return at;
}

const struct file_ops p9_file_ops = {
	.read = file_read,
	.write = file_write,
	.ioctl = file_ioctl,
	.get_page = p9_get_page,
	.fsync = file_fsync,
	.truncate = file_truncate,
	.seek = file_seek,
	.release = file_release,
};
