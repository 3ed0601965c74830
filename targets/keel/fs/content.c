/* SPDX-License-Identifier: Apache-2.0 */
/* The content of regular files, read and written from anywhere. */
#include "fs/content.h"

#include <asm/errno.h>
#include <linux/falloc.h>

#include "kern/string.h"
#include "mm/uaccess.h"

static int copy_out(struct iobuf b, size_t at, const void *src, size_t n)
{
	if (!b.kernel)
		return src ? copy_to_user(b.p + at, src, n)
			   : zero_user(b.p + at, n);
	if (src)
		memcpy(b.p + at, src, n);
	else
		memset(b.p + at, 0, n);
	return 0;
}

static int copy_in(struct iobuf b, size_t at, void *dst, size_t n)
{
	if (!b.kernel)
		return copy_from_user(dst, b.p + at, n);
	memcpy(dst, b.p + at, n);
	return 0;
}

long content_read(struct inode *ino, struct iobuf b, size_t n, uint64_t pos)
{
	size_t done = 0;
	int err = 0;

	while (done < n && pos < ino->size) {
		size_t at = pos & ~PAGE_MASK;
		uint64_t left = MIN(n - done, ino->size - pos);
		size_t part = MIN(PAGE_SIZE - at, left);
		struct page *p;

		err = pagecache_read(ino, pos >> PAGE_SHIFT,
			(at + left + PAGE_SIZE - 1) >> PAGE_SHIFT, true, &p);
		if (err)
			break;
		err = copy_out(
			b, done, p ? (char *)page_va(p) + at : NULL, part);
		if (p)
			page_put(p);
		if (err)
			break;
		done += part;
		pos += part;
	}
	return done ? (long)done : err;
}

/* --- writing, under the inode's lock --------------------------------------*/

/* What a shared mapping left behind the end must not come to light. */
static int clean_end(struct inode *ino)
{
	uint64_t at = ino->size & ~PAGE_MASK;

	if (!at || !ino->mapped)
		return 0;
	return pagecache_zero(ino, ino->size, PAGE_SIZE - at);
}

static int write_page(struct inode *ino, struct iobuf b, size_t from,
	uint64_t pos, size_t part)
{
	size_t at = pos & ~PAGE_MASK;
	struct page *p;
	int fresh, err;

	fresh = pagecache_write(ino, pos >> PAGE_SHIFT, part == PAGE_SIZE, &p);
	if (fresh < 0)
		return fresh;
	err = copy_in(b, from, (char *)page_va(p) + at, part);
	if (err && fresh)
		memset(page_va(p), 0, PAGE_SIZE);
	page_put(p);
	return err;
}

static long write_locked(
	struct inode *ino, struct iobuf b, size_t n, uint64_t pos)
{
	size_t done = 0;
	int err = 0;

	if (!n)
		return 0;
	if (pos >= INT64_MAX)
		return -EFBIG;
	n = MIN(n, INT64_MAX - pos);
	if (pos + n > ino->size)
		err = clean_end(ino);
	while (!err && done < n) {
		size_t part = PAGE_SIZE - (pos & ~PAGE_MASK);

		part = MIN(part, n - done);
		err = write_page(ino, b, done, pos, part);
		if (err)
			break;
		done += part;
		pos += part;
		ino->size = MAX(ino->size, pos);
	}
	if (done)
		inode_touch(ino, TOUCH_M | TOUCH_C);
	return done ? (long)done : err;
}

long content_write(struct inode *ino, struct iobuf b, size_t n, uint64_t pos)
{
	long r;

	mutex_lock(&ino->lock);
	r = write_locked(ino, b, n, pos);
	mutex_unlock(&ino->lock);
	return r;
}

long content_append(struct inode *ino, struct iobuf b, size_t n, uint64_t *pos)
{
	long r;

	mutex_lock(&ino->lock);
	*pos = ino->size;
	r = write_locked(ino, b, n, *pos);
	if (r > 0)
		*pos += r;
	mutex_unlock(&ino->lock);
	return r;
}

int inode_truncate(struct inode *ino, uint64_t size)
{
	int err = 0;

	if (inode_is_dir(ino))
		return -EISDIR;
	if (!inode_is_reg(ino) || ino->dynamic)
		return -EINVAL;
	if (ino->fs->mounted_ro)
		return -EROFS;
	if (size > INT64_MAX)
		return -EFBIG;
	mutex_lock(&ino->lock);
	if (size < ino->size) {
		ino->size = size; /* first: no fault finds what goes */
		pagecache_truncate(ino, size);
	} else if (size > ino->size) {
		err = clean_end(ino);
	}
	if (!err) {
		ino->size = size;
		inode_touch(ino, TOUCH_M | TOUCH_C);
	}
	mutex_unlock(&ino->lock);
	return err;
}

/* --- space ----------------------------------------------------------------*/

/* Memory for all pages of a range, so that writing there cannot fail. */
static int allocate_range(struct inode *ino, uint64_t from, uint64_t to)
{
	uint64_t missing = 0, have = page_free_count() + pagecache_clean();

	for (uint64_t i = from; i < to; i++) {
		missing += !pagecache_is_dirty(ino, i);
		if (missing > have)
			return -ENOSPC;
	}
	for (uint64_t i = from; missing && i < to; i++) {
		struct page *p;
		int err;

		if (pagecache_is_dirty(ino, i))
			continue;
		err = pagecache_write(ino, i, false, &p);
		if (err < 0)
			return err;
		page_put(p);
		missing--;
	}
	return 0;
}

static int zero_range(struct inode *ino, uint64_t offset, uint64_t end)
{
	uint64_t from = (offset + PAGE_SIZE - 1) >> PAGE_SHIFT;
	uint64_t to = end >> PAGE_SHIFT;
	int err;

	if (from > to) /* within one page */
		return pagecache_zero(ino, offset, end - offset);
	err = pagecache_zero(ino, offset, (from << PAGE_SHIFT) - offset);
	if (!err)
		err = pagecache_zero(ino, to << PAGE_SHIFT, end & ~PAGE_MASK);
	if (!err)
		err = pagecache_punch(ino, from, to);
	return err;
}

int content_allocate(struct inode *ino, int mode, uint64_t offset, uint64_t len)
{
	uint64_t end = offset + len;
	int err = 0;

	mutex_lock(&ino->lock);
	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		err = zero_range(ino, offset, end);
	if (!err && !(mode & FALLOC_FL_PUNCH_HOLE))
		err = allocate_range(ino, offset >> PAGE_SHIFT,
			(end + PAGE_SIZE - 1) >> PAGE_SHIFT);
	if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && end > ino->size) {
		err = clean_end(ino);
		if (!err)
			ino->size = end;
	}
	if (!err)
		inode_touch(ino, TOUCH_M | TOUCH_C);
	mutex_unlock(&ino->lock);
	return err;
}

/* The first page at or after `index` that is data, or is none. A lower file
 * can be vast: its pages are data unless a slot says otherwise. */
static uint64_t next_change(struct inode *ino, uint64_t index, bool data)
{
	uint64_t lower = (ino->lower_size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	uint64_t end = (ino->size + PAGE_SIZE - 1) >> PAGE_SHIFT;

	while (index < end && pagecache_is_data(ino, index) != data) {
		uint64_t next = index + 1;

		/* Skip what has no slots: data below, a hole above. */
		if (!tree_next(&ino->pages, &next))
			next = end;
		if (index + 1 < lower && next > lower)
			next = lower;
		if (next > index + 1 && (index + 1 < lower) == data)
			next = index + 1;
		index = next;
	}
	return index;
}

int64_t content_seek(struct inode *ino, uint64_t offset, bool data)
{
	uint64_t at, index;

	if (offset >= ino->size)
		return -ENXIO;
	index = next_change(ino, offset >> PAGE_SHIFT, data);
	at = MAX(offset, index << PAGE_SHIFT);
	if (at >= ino->size)
		return data ? -ENXIO : (int64_t)ino->size;
	return at;
}
