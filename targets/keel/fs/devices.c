/* SPDX-License-Identifier: Apache-2.0 */
/* Devices as files: memory devices, the console, block devices. */
#include "fs/devices.h"

#include <asm/errno.h>
#include <asm/fcntl.h>
#include <linux/stat.h>
#include <linux/fs.h>

#include "drivers/block.h"
#include "drivers/console.h"
#include "drivers/random.h"
#include "fs/file.h"
#include "fs/open.h"
#include "kern/boot.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/uaccess.h"

/* --- memory devices -------------------------------------------------------*/

static long null_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	(void)f;
	(void)ubuf;
	(void)n;
	(void)pos;
	return 0;
}

static long null_write(
	struct file *f, const void *ubuf, size_t n, uint64_t *pos)
{
	(void)f;
	(void)ubuf;
	(void)pos;
	return n;
}

static long zero_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	(void)f;
	(void)pos;
	return zero_user(ubuf, n) ? -EFAULT : (long)n;
}

static int zero_get_page(
	struct file *f, uint64_t index, bool write, struct page **out)
{
	(void)f;
	(void)index;
	(void)write;
	*out = page_alloc(PAGE_ZERO);
	return *out ? 0 : -ENOMEM;
}

static long full_write(
	struct file *f, const void *ubuf, size_t n, uint64_t *pos)
{
	(void)f;
	(void)ubuf;
	(void)n;
	(void)pos;
	return -ENOSPC;
}

static long random_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	char part[256];
	size_t done = 0;

	(void)f;
	(void)pos;
	while (done < n) {
		size_t m = MIN(n - done, sizeof(part));

		random_bytes(part, m);
		if (copy_to_user((char *)ubuf + done, part, m))
			return done ? (long)done : -EFAULT;
		done += m;
	}
	return done;
}

static long random_write(
	struct file *f, const void *ubuf, size_t n, uint64_t *pos)
{
	char part[256];
	size_t done = 0;

	(void)f;
	(void)pos;
	while (done < n) {
		size_t m = MIN(n - done, sizeof(part));

		if (copy_from_user(part, (const char *)ubuf + done, m))
			return done ? (long)done : -EFAULT;
		random_add(part, m);
		done += m;
	}
	return done;
}

/* Any seek on /dev/null and its kin is to 0. */
static long null_seek(struct file *f, int64_t offset, int whence)
{
	(void)offset;
	(void)whence;
	return f->pos = 0;
}

static const struct file_ops null_ops = {
	.read = null_read, .write = null_write, .seek = null_seek};
static const struct file_ops zero_ops = {.read = zero_read,
	.write = null_write,
	.get_page = zero_get_page,
	.seek = null_seek};
static const struct file_ops full_ops = {
	.read = zero_read, .write = full_write, .seek = null_seek};
static const struct file_ops random_ops = {
	.read = random_read, .write = random_write, .seek = null_seek};

/* --- the terminal ---------------------------------------------------------*/

/* One file for both directions: input is stream 0, output stream 1. */
static struct file stream_of(const struct file *f, uintptr_t stream)
{
	return (struct file){.count = 1,
		.flags = f->flags,
		.ops = &console_file_ops,
		.priv = (void *)stream};
}

static long tty_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	struct file in = stream_of(f, 0);

	return console_file_ops.read(&in, ubuf, n, pos);
}

static long tty_write(struct file *f, const void *ubuf, size_t n, uint64_t *pos)
{
	struct file out = stream_of(f, 1);

	return console_file_ops.write(&out, ubuf, n, pos);
}

static long tty_ioctl(struct file *f, unsigned long cmd, unsigned long arg)
{
	struct file in = stream_of(f, 0);

	return console_file_ops.ioctl(&in, cmd, arg);
}

static unsigned tty_poll(struct file *f, struct waitq **q)
{
	struct file in = stream_of(f, 0);

	return console_file_ops.poll(&in, q);
}

static const struct file_ops tty_ops = {.read = tty_read,
	.write = tty_write,
	.ioctl = tty_ioctl,
	.poll = tty_poll};

/* --- block devices --------------------------------------------------------*/

static uint64_t size_of(const struct block_device *d)
{
	return d->nsectors * SECTOR_SIZE;
}

/* Through a buffer: reads around what is not whole sectors. */
static long block_part(struct block_device *d, char *page, size_t size,
	char *ubuf, size_t n, uint64_t pos, bool write)
{
	uint64_t first = pos / SECTOR_SIZE;
	size_t at = pos % SECTOR_SIZE, part = MIN(n, size - at);
	size_t count = (at + part + SECTOR_SIZE - 1) / SECTOR_SIZE;
	int err = 0;

	if (!write || at || part % SECTOR_SIZE)
		err = d->rw(d, false, first, page, count);
	if (err)
		return err;
	if (!write)
		return copy_to_user(ubuf, page + at, part) ? -EFAULT
							   : (long)part;
	if (copy_from_user(page + at, ubuf, part))
		return -EFAULT;
	err = d->rw(d, true, first, page, count);
	return err ? err : (long)part;
}

static long block_rw(
	struct file *f, char *ubuf, size_t n, uint64_t *pos, bool write)
{
	struct block_device *d = f->priv;
	uint64_t size = size_of(d);
	size_t done = 0, room;
	long r = 0;
	char *page;

	if (write && d->read_only)
		return -EPERM;
	if (*pos >= size)
		return write && n ? -ENOSPC : 0;
	n = MIN(n, size - *pos);
	room = MIN(ALIGN_UP(n, PAGE_SIZE), 16 * PAGE_SIZE);
	page = kmalloc(room);
	if (!page)
		return -ENOMEM;
	while (done < n) {
		r = block_part(
			d, page, room, ubuf + done, n - done, *pos, write);
		if (r < 0)
			break;
		done += r;
		*pos += r;
	}
	kfree(page);
	return done ? (long)done : r;
}

static long block_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	return block_rw(f, ubuf, n, pos, false);
}

static long block_write(
	struct file *f, const void *ubuf, size_t n, uint64_t *pos)
{
	return block_rw(f, (char *)(uintptr_t)ubuf, n, pos, true);
}

static long block_ioctl(struct file *f, unsigned long cmd, unsigned long arg)
{
	struct block_device *d = f->priv;
	uint64_t v = size_of(d);
	size_t size = sizeof(int);

	switch (cmd) {
	case BLKGETSIZE64:
		size = sizeof(v);
		break;
	case BLKGETSIZE:
		v = d->nsectors;
		size = sizeof(v);
		break;
	case BLKSSZGET:
	case BLKPBSZGET:
		v = SECTOR_SIZE;
		break;
	case BLKROGET:
		v = d->read_only;
		break;
	case BLKFLSBUF:
		return d->flush ? d->flush(d) : 0;
	default:
		return -ENOTTY;
	}
	return copy_to_user((void *)arg, &v, size);
}

static int block_fsync(struct file *f, bool data_only)
{
	struct block_device *d = f->priv;

	(void)data_only;
	return d->flush ? d->flush(d) : 0;
}

static long block_seek(struct file *f, int64_t offset, int whence)
{
	int64_t size = size_of(f->priv);

	if (whence == SEEK_CUR)
		offset += f->pos;
	else if (whence == SEEK_END)
		offset += size;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0 || offset > size)
		return -EINVAL;
	return f->pos = offset;
}

static const struct file_ops block_ops = {.read = block_read,
	.write = block_write,
	.ioctl = block_ioctl,
	.fsync = block_fsync,
	.seek = block_seek};

/* --- by number ------------------------------------------------------------*/

const struct device devices[] = {
	{"null", DEV_MEM, 3, 0666, &null_ops},
	{"zero", DEV_MEM, 5, 0666, &zero_ops},
	{"full", DEV_MEM, 7, 0666, &full_ops},
	{"random", DEV_MEM, 8, 0666, &random_ops},
	{"urandom", DEV_MEM, 9, 0666, &random_ops},
	{"tty", DEV_TTY, 0, 0666, &tty_ops},
	{"console", DEV_TTY, 1, 0600, &tty_ops},
};
const unsigned devices_count = ARRAY_SIZE(devices);

static int open_block(uint32_t minor, struct file *f)
{
	struct block_device *d = block_first();

	while (d && minor--)
		d = d->next;
	if (!d)
		return -ENXIO;
	f->ops = &block_ops;
	f->priv = d;
	return 0;
}

int device_open(struct inode *ino, struct file *f)
{
	uint32_t major = dev_major(ino->rdev), minor = dev_minor(ino->rdev);

	if (inode_type(ino) == S_IFBLK)
		return major == DEV_BLOCK ? open_block(minor, f) : -ENXIO;
	if (major == DEV_STREAM && minor < 3) {
		f->ops = &console_file_ops;
		f->priv = (void *)(uintptr_t)minor;
		return 0;
	}
	for (unsigned i = 0; i < devices_count; i++) {
		if (devices[i].major != major || devices[i].minor != minor)
			continue;
		/* /dev/tty is the terminal, if there is one. */
		if (major == DEV_TTY && !minor &&
			!(record_flags() & RECORD_F_TTY_IN))
			return -ENXIO;
		f->ops = devices[i].ops;
		return 0;
	}
	return -ENXIO;
}
