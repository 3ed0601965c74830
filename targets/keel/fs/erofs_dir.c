/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of EROFS: blocks of sorted entries. */
#include "fs/erofs_dir.h"

#include <asm/errno.h>

#include "fs/erofs.h"
#include "kern/string.h"

/* A block: entries, then their names; the last name may end in zeros. */
struct dirblock {
	struct page *page; /* with a reference */
	const char *start;
	unsigned len, count;
};

static struct erofs_dirent entry_of(const struct dirblock *b, unsigned i)
{
	struct erofs_dirent e;

	memcpy(&e, b->start + i * sizeof(e), sizeof(e));
	return e;
}

static int block_open(struct inode *dir, uint64_t index, struct dirblock *b)
{
	uint64_t left = dir->lower_size - (index << PAGE_SHIFT);
	unsigned first;
	int err = pagecache_read(dir, index, 1, false, &b->page);

	if (err)
		return err;
	b->start = page_va(b->page);
	b->len = MIN(left, PAGE_SIZE);
	if (b->len > sizeof(struct erofs_dirent)) {
		first = entry_of(b, 0).nameoff;
		if (first && first < b->len &&
			first % sizeof(struct erofs_dirent) == 0) {
			b->count = first / sizeof(struct erofs_dirent);
			return 0;
		}
	}
	page_put(b->page);
	return -EIO;
}

static int block_name(const struct dirblock *b, unsigned i, struct name *out)
{
	unsigned start = entry_of(b, i).nameoff, end = b->len;

	if (i + 1 < b->count)
		end = entry_of(b, i + 1).nameoff;
	if (start < b->count * sizeof(struct erofs_dirent) || start >= end ||
		end > b->len)
		return -EIO;
	out->s = b->start + start;
	out->len = end - start;
	if (i + 1 == b->count)
		out->len = strnlen(out->s, out->len);
	if (!out->len || out->len > NAME_LEN_MAX ||
		memchr(out->s, 0, out->len) || memchr(out->s, '/', out->len))
		return -EIO;
	return 0;
}

/* Looks in one block. *order < 0: the name comes before the block, > 0:
 * after its first entry. */
static int block_find(
	const struct dirblock *b, struct name name, int *order, uint64_t *nid)
{
	unsigned lo = 0, hi = b->count;

	*order = 1;
	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;
		struct name n;
		int err = block_name(b, mid, &n), c;

		if (err)
			return err;
		c = name_compare(name, n);
		if (!c) {
			*nid = entry_of(b, mid).nid;
			return 0;
		}
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	if (!lo)
		*order = -1;
	return -ENOENT;
}

int erofs_lookup(struct inode *dir, struct name name, uint64_t *nid)
{
	uint64_t lo = 0, hi = (dir->lower_size + PAGE_SIZE - 1) >> PAGE_SHIFT;

	/* Blocks are sorted too: the name is in the last one that does not
	 * begin after it. */
	while (lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;
		struct dirblock b;
		int order, err = block_open(dir, mid, &b);

		if (err)
			return err;
		err = block_find(&b, name, &order, nid);
		page_put(b.page);
		if (err != -ENOENT)
			return err;
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return -ENOENT;
}

/* DT_* of file types 0 (unknown), regular, directory, character, block,
 * FIFO, socket, link. */
static const uint8_t dt_of[] = {0, 8, 4, 2, 6, 1, 12, 10};

int erofs_list(struct inode *dir, inode_list_fn *fn, void *arg)
{
	uint64_t n = (dir->lower_size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	int err = 0;

	for (uint64_t index = 0; !err && index < n; index++) {
		struct dirblock b;

		err = block_open(dir, index, &b);
		if (err)
			break;
		for (unsigned i = 0; !err && i < b.count; i++) {
			struct erofs_dirent e = entry_of(&b, i);
			struct name name;

			err = block_name(&b, i, &name);
			if (err || name_is(name, ".") || name_is(name, ".."))
				continue;
			err = fn(arg, name, e.nid,
				e.file_type < sizeof(dt_of) ? dt_of[e.file_type]
							    : 0);
		}
		page_put(b.page);
	}
	return err;
}
