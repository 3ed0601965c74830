/* SPDX-License-Identifier: Apache-2.0 */
/* System calls on the size and the safety of an open file's content. */
#include <asm/errno.h>
#include <linux/falloc.h>
#include <linux/fcntl.h>

#include "drivers/block.h"
#include "fs/content.h"
#include "fs/file.h"
#include "sys/proto.h"

/* Only if files are there at all. */
weak struct block_device *block_first(void);
weak int p9_write_back_all(void);

long do_ftruncate(long fd, long size)
{
	struct file *f;
	long err;

	if (size < 0)
		return -EINVAL;
	f = fd_get((int)fd);
	if (!f)
		return -EBADF;
	if (f->flags & O_PATH)
		err = -EBADF;
	else if ((f->flags & O_ACCMODE) == O_RDONLY || !f->ops->truncate)
		err = -EINVAL;
	else
		err = f->ops->truncate(f, size);
	file_put(f);
	return err;
}

static long allocate(struct file *f, int mode, int64_t offset, int64_t len)
{
	const int known = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE |
			  FALLOC_FL_ZERO_RANGE;
	const int what = mode & ~FALLOC_FL_KEEP_SIZE;

	if (f->flags & O_PATH)
		return -EBADF;
	if (offset < 0 || len <= 0)
		return -EINVAL;
	if (mode & ~known ||
		(what && what != FALLOC_FL_PUNCH_HOLE &&
			what != FALLOC_FL_ZERO_RANGE) ||
		mode == FALLOC_FL_PUNCH_HOLE)
		return -EOPNOTSUPP;
	if ((f->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (!f->inode)
		return -ESPIPE;
	if (inode_is_dir(f->inode))
		return -EISDIR;
	if (inode_is_reg(f->inode) && f->inode->fs->remote)
		return -EOPNOTSUPP;
	if (!inode_is_reg(f->inode) || f->ops != &regular_file_ops)
		return -ENODEV;
	if (len > INT64_MAX - offset)
		return -EFBIG;
	return content_allocate(f->inode, mode, offset, len);
}

long do_fallocate(long fd, long mode, long offset, long len)
{
	struct file *f = fd_get((int)fd);
	long err;

	if (!f)
		return -EBADF;
	err = allocate(f, (int)mode, offset, len);
	file_put(f);
	return err;
}

static long sync_fd(long fd, bool data_only)
{
	struct file *f = fd_get((int)fd);
	long err;

	if (!f)
		return -EBADF;
	if (f->flags & O_PATH)
		err = -EBADF;
	else
		err = f->ops->fsync ? f->ops->fsync(f, data_only) : -EINVAL;
	file_put(f);
	return err;
}

long do_fsync(long fd)
{
	return sync_fd(fd, false);
}

long do_fdatasync(long fd)
{
	return sync_fd(fd, true);
}

long do_sync_file_range(long fd, long offset, long len, long flags)
{
	struct file *f = fd_get((int)fd);
	long err = 0;

	if (!f)
		return -EBADF;
	if (f->flags & O_PATH)
		err = -EBADF;
	else if ((uint32_t)flags & ~7u || offset < 0 || len < 0 ||
		 len > INT64_MAX - offset)
		err = -EINVAL;
	else if (!f->inode)
		err = -ESPIPE;
	else if (f->ops->fsync)
		err = f->ops->fsync(f, true);
	file_put(f);
	return err;
}

/* What mappings of volumes and devices still hold must go out; the rest is
 * in memory. */
static long flush_all(void)
{
	struct block_device *d = block_first ? block_first() : NULL;
	long err = p9_write_back_all ? p9_write_back_all() : 0;

	for (; d; d = d->next) {
		int e = d->flush && !d->parent ? d->flush(d) : 0;

		err = e ? e : err;
	}
	return err;
}

long do_syncfs(long fd)
{
	struct file *f = fd_get((int)fd);
	long err = f && !(f->flags & O_PATH) ? flush_all() : -EBADF;

	file_put(f);
	return err;
}

long do_sync(void)
{
	flush_all();
	return 0;
}

/* The advice is heard: read-ahead goes by what is read. */
long do_fadvise64(long fd, long offset, long len, long advice)
{
	struct file *f = fd_get((int)fd);
	long err = 0;

	(void)offset;
	if (!f)
		return -EBADF;
	if (f->flags & O_PATH)
		err = -EBADF;
	else if (!f->inode)
		err = -ESPIPE;
	else if (len < 0 || (int)advice < 0 || (int)advice > 5)
		err = -EINVAL;
	file_put(f);
	return err;
}
