/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of open directories: getdents64 and seeking. */
#include <asm/errno.h>
#include <linux/fs.h>

#include "fs/dentry.h"
#include "fs/file.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"

/* As Linux gives them to the program. */
struct dirent64 {
	uint64_t ino;
	int64_t next; /* position of the entry after this one */
	uint16_t size;
	uint8_t type;
	char name[];
};
enum { DIRENT_NAME = offsetof(struct dirent64, name), DT_DIR_ = 4 };

/* Entries are gathered in keel's memory under vfs_lock, and copied out when
 * it is free again: the program's memory may be a file. */
struct gather {
	char *buf;
	size_t used, size;
	uint64_t pos;   /* entries before it are skipped */
	uint64_t count; /* of entries seen, where they have no cookie */
	struct dentry *dir;
};

/* 1: it is full. */
static int put(struct gather *g, struct name name, uint64_t ino, unsigned type,
	uint64_t cookie)
{
	size_t size = ALIGN_UP(DIRENT_NAME + name.len + 1, 8UL);
	struct dirent64 *d = (struct dirent64 *)(g->buf + g->used);

	if (cookie < g->pos)
		return 0;
	if (size > g->size - g->used)
		return 1;
	memset(d, 0, size);
	d->ino = ino;
	d->next = cookie + 1;
	d->size = size;
	d->type = type;
	memcpy(d->name, name.s, name.len);
	g->used += size;
	g->pos = cookie + 1;
	return 0;
}

static int put_dynamic(void *arg, struct name name, uint64_t nid, unsigned type)
{
	struct gather *g = arg;

	return put(g, name, nid, type, g->count++);
}

static uint64_t ino_of(const struct dentry *d)
{
	if (d->mounted)
		return mount_top((struct dentry *)(uintptr_t)d)->inode->ino;
	return d->inode ? d->inode->ino : d->nid;
}

static int gather_all(struct gather *g)
{
	struct dentry *dir = g->dir, *up = mount_parent(dir);
	int err;

	if (put(g, name_of("."), dir->inode->ino, DT_DIR_, 0) ||
		put(g, name_of(".."), up->inode->ino, DT_DIR_, 1))
		return 0;
	if (dir->inode->dynamic) {
		g->count = 2;
		err = dir->inode->ops->list(dir->inode, put_dynamic, g);
		return err < 0 ? err : 0;
	}
	err = dentry_load(dir);
	if (err)
		return err;
	for (struct dentry *d = dir->inode->first_child; d; d = d->next) {
		if (put(g, d->name, ino_of(d), d->type, d->cookie))
			break;
	}
	return 0;
}

static long dir_getdents(struct file *f, void *ubuf, size_t n)
{
	struct gather g = {.size = MIN(n, 32768UL), .dir = f->dentry};
	long r;

	if (!f->inode->nlink)
		return -ENOENT;
	if (g.size < ALIGN_UP(DIRENT_NAME + 2, 8UL))
		return -EINVAL;
	g.buf = kmalloc(g.size);
	if (!g.buf)
		return -ENOMEM;
	mutex_lock(&f->pos_lock);
	g.pos = f->pos;
	mutex_lock(&vfs_lock);
	r = gather_all(&g);
	mutex_unlock(&vfs_lock);
	/* Nothing fitted, though there is something. */
	if (!r && !g.used && g.pos == f->pos && g.size < 280)
		r = -EINVAL;
	if (!r && copy_to_user(ubuf, g.buf, g.used))
		r = -EFAULT;
	if (!r) {
		f->pos = g.pos;
		r = g.used;
	}
	mutex_unlock(&f->pos_lock);
	kfree(g.buf);
	return r;
}

long dir_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	(void)f;
	(void)ubuf;
	(void)n;
	(void)pos;
	return -EISDIR;
}

long dir_seek(struct file *f, int64_t offset, int whence)
{
	long r = -EINVAL;

	mutex_lock(&f->pos_lock);
	if (whence == SEEK_CUR)
		offset += f->pos;
	if ((whence == SEEK_SET || whence == SEEK_CUR) && offset >= 0)
		r = f->pos = offset;
	mutex_unlock(&f->pos_lock);
	return r;
}

static int dir_fsync(struct file *f, bool data_only)
{
	(void)f;
	(void)data_only;
	return 0; /* as for regular files: memory is all there is */
}

const struct file_ops dir_file_ops = {
	.read = dir_read,
	.getdents = dir_getdents,
	.seek = dir_seek,
	.fsync = dir_fsync,
};
