/* SPDX-License-Identifier: Apache-2.0 */
/* Mapped files of volumes: pages in memory for as long as they are mapped. */
#include <asm/errno.h>
#include <linux/fcntl.h>

#include "fs/9p.h"
#include "fs/file.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/vma.h"

enum { RUN_MAX = 32 }; /* pages in one message */
_Static_assert(RUN_MAX + 2 <= VIRTIO_9P_PIECES, "a run fits");

/* Inodes that were written through mappings. */
static struct inode *dirty_first;

/* An open file of the inode for this access, with a reference. */
static struct p9_open *open_for(struct inode *ino, bool write)
{
	struct p9_open *o = p9_node(ino)->opens;

	for (; o; o = o->next) {
		uint32_t acc = o->flags & O_ACCMODE;

		if (acc == O_RDWR || acc == (write ? O_WRONLY : O_RDONLY))
			break;
	}
	if (o)
		o->count++;
	return o;
}

/* Whole pages, which lie anywhere in memory: `bytes` of them, or -errno. */
static int move_run(struct inode *ino, enum p9_type type, uint64_t pos,
	struct page **pages, size_t bytes)
{
	struct virtq_buf pieces[RUN_MAX];
	struct p9_open *o = open_for(ino, type == P9_TWRITE);
	size_t done = 0;
	long r = 0;

	if (!o)
		return -EIO;
	while (done < bytes) {
		size_t lot = MIN(bytes - done, o->c->data_max), at;
		unsigned n = 0;

		/* Never less than a page, but for the end of the file. */
		lot = lot < bytes - done ? ALIGN_DOWN(lot, PAGE_SIZE) : lot;
		for (at = 0; at < lot; n++) {
			size_t part = MIN(lot - at,
				PAGE_SIZE - ((done + at) & ~PAGE_MASK));

			pieces[n].pa = page_pa(pages[(done + at) / PAGE_SIZE]) +
				       ((done + at) & ~PAGE_MASK);
			pieces[n].len = part;
			at += part;
		}
		r = p9_transfer(o->c, type, o->fid, pos + done, pieces, n, lot);
		if (r <= 0)
			break;
		done += r;
	}
	p9_open_put(o);
	if (r < 0)
		return r;
	return done < bytes && type == P9_TWRITE ? -EIO : (int)done;
}

int p9_read_pages(
	struct inode *ino, uint64_t index, struct page **pages, unsigned n)
{
	uint64_t pos = index << PAGE_SHIFT;
	size_t bytes = 0;
	int r = 0;

	if (pos < ino->size)
		bytes = MIN((uint64_t)n << PAGE_SHIFT, ino->size - pos);
	if (bytes)
		r = move_run(ino, P9_TREAD, pos, pages, bytes);
	if (r < 0)
		return r;
	/* What the host has no more of reads as zeros. */
	for (size_t at = r; at < (size_t)n << PAGE_SHIFT;) {
		size_t part = PAGE_SIZE - (at & ~PAGE_MASK);

		memset((char *)page_va(pages[at / PAGE_SIZE]) +
				(at & ~PAGE_MASK),
			0, part);
		at += part;
	}
	return 0;
}

/* What a mapping left behind the end must not come to light. */
static void clean_end(struct inode *ino, uint64_t end)
{
	size_t at = end & ~PAGE_MASK;
	uint64_t *slot = tree_slot(&ino->pages, end >> PAGE_SHIFT);

	if (at && slot && *slot & PC_PAGE)
		memset((char *)page_va(page_of_pa(*slot & PAGE_MASK)) + at, 0,
			PAGE_SIZE - at);
}

void p9_set_size(struct inode *ino, uint64_t size)
{
	uint64_t old = ino->size;

	ino->size = size;
	if (size < old && ino->pages.listed)
		pagecache_truncate(ino, size);
	else if (size > old && ino->pages.listed)
		clean_end(ino, old);
	ino->lower_size = size;
}

static void note_dirty(struct inode *ino)
{
	struct p9_node *n = p9_node(ino);

	if (n->dirty)
		return;
	n->dirty = true;
	n->dirty_next = dirty_first;
	dirty_first = ino;
}

void p9_forget_dirty(struct inode *ino)
{
	struct p9_node *n = p9_node(ino);
	struct inode **p = &dirty_first;

	if (!n->dirty)
		return;
	n->dirty = false;
	while (*p != ino)
		p = &p9_node(*p)->dirty_next;
	*p = n->dirty_next;
}

int p9_get_page(struct file *f, uint64_t index, bool write, struct page **out)
{
	struct inode *ino = f->inode;
	int err = 0;

	if (index >= (ino->size + PAGE_SIZE - 1) >> PAGE_SHIFT)
		err = p9_refresh(ino, f->priv);
	if (err)
		return err;
	if (index >= (ino->size + PAGE_SIZE - 1) >> PAGE_SHIFT)
		return -ENXIO;
	if (!write)
		return pagecache_read(ino, index, 1, false, out);
	note_dirty(ino);
	err = pagecache_write(ino, index, false, out);
	/* Memory is short: what can be written out need not stay. */
	if (err == -ENOSPC && !p9_write_back_all()) {
		note_dirty(ino);
		err = pagecache_write(ino, index, false, out);
	}
	return err == -ENOSPC ? -ENOMEM : err;
}

/* One run of pages in [*index, ...): its length, 0 at the end, or -errno. The
 * mappings' right to write goes first, so that no write is missed. */
static int write_run(struct inode *ino, uint64_t *index)
{
	struct page *pages[RUN_MAX];
	uint64_t pos;
	size_t bytes;
	unsigned n;
	int err = 0;

	if (!pagecache_find_dirty(ino, index))
		return 0;
	vma_protect_inode(ino, *index, RUN_MAX);
	n = pagecache_take_dirty(ino, *index, pages, RUN_MAX);
	pos = *index << PAGE_SHIFT;
	bytes = (size_t)n << PAGE_SHIFT;
	bytes = pos < ino->size ? MIN(bytes, ino->size - pos) : 0;
	if (bytes)
		err = move_run(ino, P9_TWRITE, pos, pages, bytes);
	for (unsigned i = 0; i < n; i++) {
		if (err < 0)
			pagecache_keep_dirty(ino, *index + i, pages[i]);
		page_put(pages[i]);
	}
	*index += MAX(n, 1);
	return err < 0 ? err : 1;
}

int p9_write_back(struct inode *ino)
{
	uint64_t index = 0;
	int r;

	p9_forget_dirty(ino); /* a new write notes it again */
	do {
		r = write_run(ino, &index);
	} while (r > 0);
	if (r < 0)
		note_dirty(ino);
	return r;
}

int p9_write_back_all(void)
{
	int err = 0;

	while (dirty_first && !err) {
		struct inode *ino = dirty_first;

		inode_get(ino);
		err = p9_write_back(ino);
		mutex_lock(&vfs_lock);
		inode_put(ino);
		mutex_unlock(&vfs_lock);
	}
	return err;
}

void p9_update_pages(
	struct inode *ino, uint64_t pos, const char *data, size_t n)
{
	if (!ino->pages.listed)
		return;
	for (size_t done = 0; done < n;) {
		size_t at = (pos + done) & ~PAGE_MASK;
		size_t part = MIN(PAGE_SIZE - at, n - done);
		uint64_t *slot =
			tree_slot(&ino->pages, (pos + done) >> PAGE_SHIFT);

		if (slot && *slot & PC_PAGE)
			memcpy((char *)page_va(page_of_pa(*slot & PAGE_MASK)) +
					at,
				data + done, part);
		done += part;
	}
}

void p9_unmapped(struct file *f)
{
	if (f->ops != &p9_file_ops)
		return;
	if (p9_node(f->inode)->dirty)
		p9_write_back(f->inode);
	pagecache_forget(f->inode);
}

/* At the end of the program p9_write_back_all is called from there. */
extern const char *const p9_map_links;
const char *const p9_map_links = &process_exit_linked;
