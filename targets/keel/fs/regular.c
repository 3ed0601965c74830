/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of open regular files. */
#include <asm/errno.h>
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <linux/fs.h>

#include "fs/content.h"
#include "fs/file.h"
#include "mm/uaccess.h"

/* A call that moves the file's own position excludes others that do. */
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

static long regular_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	bool locked = lock_pos(f, pos);
	long r = content_read(f->inode, (struct iobuf){ubuf, false}, n, *pos);

	if (r > 0)
		*pos += r;
	unlock_pos(f, locked);
	return r;
}

static long regular_write(
	struct file *f, const void *ubuf, size_t n, uint64_t *pos)
{
	struct iobuf b = {(char *)(uintptr_t)ubuf, false};
	bool locked = lock_pos(f, pos);
	long r;

	if (f->flags & O_APPEND) {
		uint64_t end;

		r = content_append(f->inode, b, n, &end);
		if (r > 0)
			*pos = end;
	} else {
		r = content_write(f->inode, b, n, *pos);
		if (r > 0)
			*pos += r;
	}
	unlock_pos(f, locked);
	return r;
}

static long regular_ioctl(struct file *f, unsigned long cmd, unsigned long arg)
{
	int left;

	if (cmd != FIONREAD)
		return -ENOTTY;
	left = (int)(f->inode->size - f->pos);
	return copy_to_user((void *)arg, &left, sizeof(left));
}

static int regular_get_page(
	struct file *f, uint64_t index, bool write, struct page **out)
{
	struct inode *ino = f->inode;
	int err;

	if (index >= (ino->size + PAGE_SIZE - 1) >> PAGE_SHIFT)
		return -ENXIO;
	if (!write)
		return pagecache_read(ino, index, 1, false, out);
	ino->mapped = true;
	err = pagecache_write(ino, index, false, out);
	if (err < 0)
		return err == -ENOSPC ? -ENOMEM : err;
	inode_touch(ino, TOUCH_M | TOUCH_C);
	return 0;
}

/* Memory is all there is below a write: nothing more to make safe. What is
 * written here lasts as long as the machine, as in a container. */
static int regular_fsync(struct file *f, bool data_only)
{
	(void)f;
	(void)data_only;
	return 0;
}

static int regular_truncate(struct file *f, uint64_t size)
{
	return inode_truncate(f->inode, size);
}

static int64_t target_of(struct file *f, int64_t offset, int whence)
{
	struct inode *ino = f->inode;
	int64_t at;

	switch (whence) {
	case SEEK_SET:
		return offset;
	case SEEK_CUR:
		if (__builtin_add_overflow((int64_t)f->pos, offset, &at))
			return -EOVERFLOW;
		return at;
	case SEEK_END:
		if (__builtin_add_overflow((int64_t)ino->size, offset, &at))
			return -EOVERFLOW;
		return at;
	case SEEK_DATA:
	case SEEK_HOLE:
		return offset < 0
			       ? -ENXIO
			       : content_seek(ino, offset, whence == SEEK_DATA);
	}
	return -EINVAL;
}

static long regular_seek(struct file *f, int64_t offset, int whence)
{
	int64_t at;

	mutex_lock(&f->pos_lock);
	at = target_of(f, offset, whence);
	if (at >= 0)
		f->pos = at;
	else if (whence <= SEEK_END && at != -EOVERFLOW)
		at = -EINVAL;
	mutex_unlock(&f->pos_lock);
	return at;
}

const struct file_ops regular_file_ops = {
	.read = regular_read,
	.write = regular_write,
	.ioctl = regular_ioctl,
	.get_page = regular_get_page,
	.fsync = regular_fsync,
	.truncate = regular_truncate,
	.seek = regular_seek,
};
