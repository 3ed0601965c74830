/* SPDX-License-Identifier: Apache-2.0 */
/* Open directories of volumes: each reading asks the host. */
#include <asm/errno.h>
#include <linux/fs.h>

#include "fs/9p.h"
#include "fs/file.h"
#include "kern/string.h"
#include "mm/uaccess.h"

/* As Linux gives them to the program. */
struct dirent64 {
	uint64_t ino;
	int64_t next; /* position of the entry after this one: the host's */
	uint16_t size;
	uint8_t type;
	char name[];
};
enum {
	DIRENT_NAME = offsetof(struct dirent64, name),
	ENTRY_HEADER = 24, /* qid, offset, type, length of the name */
};

/* One entry of the host's, from the n bytes at p: its length, or -EIO. */
static long parse_entry(
	const char *p, size_t n, struct dirent64 *d, struct name *name)
{
	uint16_t len;

	if (n < ENTRY_HEADER)
		return -EIO;
	memcpy(&d->ino, p + 5, 8);
	memcpy(&d->next, p + 13, 8);
	memcpy(&d->type, p + 21, 1);
	memcpy(&len, p + 22, 2);
	if (len > n - ENTRY_HEADER || !len || len > NAME_LEN_MAX)
		return -EIO;
	*name = (struct name){p + ENTRY_HEADER, len};
	return ENTRY_HEADER + len;
}

/* Copies what fits to the program: the bytes, and *pos behind the last. */
static long put_entries(
	const char *p, size_t n, char *ubuf, size_t room, uint64_t *pos)
{
	char text[DIRENT_NAME + NAME_LEN_MAX + 8];
	struct dirent64 *d = (struct dirent64 *)text;
	size_t done = 0;

	while (n) {
		struct name name;
		long len = parse_entry(p, n, d, &name);
		size_t size;

		if (len < 0)
			return len;
		size = ALIGN_UP(DIRENT_NAME + name.len + 1, 8UL);
		if (size > room - done)
			return done ? (long)done : -EINVAL;
		d->size = size;
		memset(d->name, 0, size - DIRENT_NAME);
		memcpy(d->name, name.s, name.len);
		if (copy_to_user(ubuf + done, d, size))
			return done ? (long)done : -EFAULT;
		done += size;
		*pos = d->next;
		p += len;
		n -= len;
	}
	return done;
}

static long dir_getdents(struct file *f, void *ubuf, size_t n)
{
	struct p9_open *o = f->priv;
	struct p9_buffer *b;
	struct virtq_buf piece;
	size_t lot;
	long r;

	if (n < ALIGN_UP(DIRENT_NAME + 2, 8UL))
		return -EINVAL;
	b = p9_buffer_get();
	if (!b)
		return -ENOMEM;
	/* The host's entries are about as long as ours; one has to fit. */
	lot = MAX(n, ENTRY_HEADER + NAME_LEN_MAX);
	lot = MIN(lot, MIN(b->size, o->c->data_max));
	piece = (struct virtq_buf){virtq_pa(b->va, lot, NULL), lot};
	mutex_lock(&f->pos_lock);
	r = p9_transfer(o->c, P9_TREADDIR, o->fid, f->pos, &piece, 1, lot);
	if (r > 0)
		r = put_entries(b->va, r, ubuf, n, &f->pos);
	mutex_unlock(&f->pos_lock);
	p9_buffer_put(b);
	return r;
}

static int dir_fsync(struct file *f, bool data_only)
{
	struct p9_open *o = f->priv;

	return p9_fsync(o->c, o->fid, data_only);
}

static void dir_release(struct file *f)
{
	p9_open_forget(f->inode, f->priv);
}

const struct file_ops p9_dir_ops = {
	.read = dir_read,
	.getdents = dir_getdents,
	.seek = dir_seek,
	.fsync = dir_fsync,
	.release = dir_release,
};
