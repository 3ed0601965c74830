/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of files: reading ahead, writing, giving back. */
#include "fs/pagecache.h"

#include <asm/errno.h>

#include "fs/inode.h"
#include "kern/string.h"
#include "mm/vma.h"

enum {
	AHEAD_FIRST = 4, /* pages at the start of a file, or of a mapping */
	AHEAD_MAX = 32,
	SHRINK_LEAST = 32, /* give back in lots */
};

weak void vma_zap_inode(struct inode *ino, uint64_t index);

static struct {
	struct inode *first; /* inodes with pages */
	uint64_t nclean;
	struct inode *hand; /* where the shrinker goes on */
	uint64_t hand_index;
} cache;

static struct page *slot_page(uint64_t slot)
{
	return page_of_pa(slot & PAGE_MASK);
}

static uint64_t lower_pages(const struct inode *ino)
{
	return (ino->lower_size + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* Pages that hold data: of the file, and of a file system with a limit. */
static void count_data(struct inode *ino, int n)
{
	ino->pages.ndata += n;
	ino->fs->npages += n;
}

static bool is_full(const struct inode *ino)
{
	const struct fs *fs = ino->fs;

	return fs->max_pages && fs->npages >= fs->max_pages;
}

static void list_inode(struct inode *ino)
{
	struct page_tree *t = &ino->pages;

	if (t->listed)
		return;
	t->listed = true;
	t->prev = NULL;
	t->next = cache.first;
	if (cache.first)
		cache.first->pages.prev = ino;
	cache.first = ino;
}

static void unlist_inode(struct inode *ino)
{
	struct page_tree *t = &ino->pages;

	if (!t->listed)
		return;
	if (cache.hand == ino) {
		cache.hand = t->next;
		cache.hand_index = 0;
	}
	if (t->prev)
		t->prev->pages.next = t->next;
	else
		cache.first = t->next;
	if (t->next)
		t->next->pages.prev = t->prev;
	t->listed = false;
}

/* --- giving back ----------------------------------------------------------*/

static bool can_free(uint64_t *slot)
{
	if ((*slot & (PC_PAGE | PC_DIRTY)) != PC_PAGE)
		return false;
	if (*slot & PC_USED) {
		*slot &= ~(uint64_t)PC_USED;
		return false;
	}
	/* One reference is ours; more: mapped, or being copied. */
	return slot_page(*slot)->count == 1;
}

/* A clock over all pages, at most twice around. Called when memory is
 * short, so it frees pages and nothing else. */
static uint64_t shrink(uint64_t npages)
{
	uint64_t freed = 0;
	unsigned ends = 0;

	if (npages < SHRINK_LEAST)
		npages = SHRINK_LEAST;
	while (freed < npages && cache.nclean && ends < 3) {
		uint64_t *slot;

		if (!cache.hand) {
			cache.hand = cache.first;
			cache.hand_index = 0;
			ends++;
			if (!cache.hand)
				break;
		}
		slot = tree_next(&cache.hand->pages, &cache.hand_index);
		if (!slot) {
			cache.hand = cache.hand->pages.next;
			cache.hand_index = 0;
			continue;
		}
		if (can_free(slot)) {
			struct page *p = slot_page(*slot);

			*slot = 0;
			cache.nclean--;
			page_put(p);
			freed++;
		}
		cache.hand_index++;
	}
	return freed;
}

uint64_t pagecache_clean(void)
{
	return cache.nclean;
}

void pagecache_count_clean(int n)
{
	cache.nclean += n;
}

void pagecache_init(void)
{
	static struct page_shrinker shrinker = {.shrink = shrink};

	page_shrinker_add(&shrinker);
}

/* Written pages can never be given back: leave the machine some memory. */
static bool may_keep(void)
{
	uint64_t reserve = page_total() / 64;

	reserve = MAX(MIN(reserve, 2048), 16);
	return page_free_count() + cache.nclean > reserve;
}

/* --- reading --------------------------------------------------------------*/

/* How many pages to read at `index`, at least one. */
static unsigned ahead_of(struct inode *ino, uint64_t index, uint64_t want)
{
	struct page_tree *t = &ino->pages;
	uint64_t n, end = lower_pages(ino);

	if (index == t->ahead_next && index)
		t->ahead = MIN(MAX(2 * t->ahead, AHEAD_FIRST), AHEAD_MAX);
	else
		t->ahead = index ? 1 : AHEAD_FIRST;
	n = MAX(want, t->ahead);
	n = MIN(n, AHEAD_MAX);
	n = MIN(n, end - index);
	return MAX(n, 1);
}

/* Read pages get their places; a page that was written meanwhile stays. */
static void place(
	struct inode *ino, uint64_t index, struct page **pages, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t *slot = tree_slot(&ino->pages, index + i);

		if (*slot) {
			page_put(pages[i]);
			continue;
		}
		*slot = page_pa(pages[i]) | PC_PAGE;
		cache.nclean++;
	}
	list_inode(ino);
}

/* Zeros past the end of the lower content in the last page read. */
static void zero_end(struct inode *ino, uint64_t index, struct page *last)
{
	uint64_t start = index << PAGE_SHIFT;

	if (ino->lower_size < start + PAGE_SIZE)
		memset((char *)page_va(last) + (ino->lower_size - start), 0,
			start + PAGE_SIZE - ino->lower_size);
}

/* Reads from below what is missing from `index` on; under the fill lock,
 * so that nobody reads a page twice or truncates under a read. */
static int read_lower(struct inode *ino, uint64_t index, uint64_t want)
{
	struct page *pages[AHEAD_MAX];
	unsigned n = ahead_of(ino, index, want), got;
	int err;

	for (got = 0; got < n; got++) {
		uint64_t *slot = tree_slot_make(&ino->pages, index + got);

		if (!slot || *slot)
			break;
		pages[got] = page_alloc(0);
		if (!pages[got])
			break;
	}
	if (!got)
		return -ENOMEM;
	ino->pages.ahead_next = index + got;
	err = ino->ops->read_pages(ino, index, pages, got);
	if (err) {
		while (got)
			page_put(pages[--got]);
		return err;
	}
	zero_end(ino, index + got - 1, pages[got - 1]);
	place(ino, index, pages, got);
	return 0;
}

static bool is_lower(const struct inode *ino, uint64_t index)
{
	return index < lower_pages(ino);
}

static int fill_lower(struct inode *ino, uint64_t index, uint64_t want)
{
	uint64_t *slot;
	int err = 0;

	mutex_lock(&ino->pages.fill);
	slot = tree_slot(&ino->pages, index);
	if (is_lower(ino, index) && !(slot && *slot))
		err = read_lower(ino, index, want);
	mutex_unlock(&ino->pages.fill);
	return err;
}

/* A clean page of zeros for a hole that is mapped. */
static int fill_hole(struct inode *ino, uint64_t index)
{
	uint64_t *slot = tree_slot_make(&ino->pages, index);
	struct page *p;

	if (!slot)
		return -ENOMEM;
	p = page_alloc(PAGE_ZERO);
	if (!p)
		return -ENOMEM;
	/* Over lower content the slot must go on to say that it is a hole:
	 * such a page stays. */
	if (*slot & PC_HOLE) {
		*slot = page_pa(p) | PC_PAGE | PC_DIRTY;
		count_data(ino, 1);
	} else {
		*slot = page_pa(p) | PC_PAGE;
		cache.nclean++;
	}
	list_inode(ino);
	return 0;
}

int pagecache_read(struct inode *ino, uint64_t index, uint64_t want,
	bool hole_ok, struct page **out)
{
	for (;;) {
		uint64_t *slot = tree_slot(&ino->pages, index);
		uint64_t s = slot ? *slot : 0;
		int err;

		if (s & PC_PAGE) {
			*slot |= PC_USED;
			*out = slot_page(s);
			page_get(*out);
			return 0;
		}
		if (is_lower(ino, index) && !(s & PC_HOLE)) {
			err = fill_lower(ino, index, want);
		} else if (hole_ok) {
			*out = NULL;
			return 0;
		} else {
			err = fill_hole(ino, index);
		}
		if (err)
			return err;
	}
}

/* --- writing --------------------------------------------------------------*/

/* A page for a slot without one; its content is not that of below. */
static int new_dirty(struct inode *ino, uint64_t index, bool whole)
{
	uint64_t *slot;
	struct page *p;

	if (!may_keep() || is_full(ino))
		return -ENOSPC;
	slot = tree_slot_make(&ino->pages, index);
	if (!slot)
		return -ENOSPC;
	p = page_alloc(whole ? 0 : PAGE_ZERO);
	if (!p)
		return -ENOSPC;
	if (!is_lower(ino, index) || *slot & PC_HOLE)
		count_data(ino, 1);
	*slot = page_pa(p) | PC_PAGE | PC_DIRTY | PC_USED;
	list_inode(ino);
	return 0;
}

int pagecache_write(
	struct inode *ino, uint64_t index, bool whole, struct page **out)
{
	bool fresh = false;

	ino->changed = true;
	for (;;) {
		uint64_t *slot = tree_slot(&ino->pages, index);
		uint64_t s = slot ? *slot : 0;
		int err;

		if (s & PC_PAGE) {
			if (!(s & PC_DIRTY) && (!may_keep() || is_full(ino)))
				return -ENOSPC;
			if (!(s & PC_DIRTY)) {
				cache.nclean--;
				if (!is_lower(ino, index))
					count_data(ino, 1);
			}
			*slot |= PC_DIRTY | PC_USED;
			*out = slot_page(s);
			page_get(*out);
			return fresh;
		}
		if (is_lower(ino, index) && !whole && !(s & PC_HOLE)) {
			err = fill_lower(ino, index, 1);
		} else {
			err = new_dirty(ino, index, whole);
			fresh = whole;
		}
		if (err < 0)
			return err == -ENOMEM ? -ENOSPC : err;
	}
}

/* --- dropping -------------------------------------------------------------*/

static void drop_slot(struct inode *ino, uint64_t index, uint64_t *slot)
{
	uint64_t s = *slot;

	*slot = 0;
	if (!(s & PC_PAGE))
		return;
	if (!(s & PC_DIRTY))
		cache.nclean--;
	else if (!is_lower(ino, index))
		count_data(ino, -1);
	page_put(slot_page(s));
}

void pagecache_truncate(struct inode *ino, uint64_t size)
{
	uint64_t from = (size + PAGE_SIZE - 1) >> PAGE_SHIFT, lower, *slot;

	mutex_lock(&ino->pages.fill);
	ino->changed = true;
	lower = lower_pages(ino);
	for (uint64_t i = from; (slot = tree_next(&ino->pages, &i)); i++) {
		if (*slot & PC_HOLE)
			count_data(ino, 1); /* was counted off before */
		drop_slot(ino, i, slot);
	}
	if (from < lower)
		count_data(ino, -(int)(lower - from));
	ino->lower_size = MIN(ino->lower_size, size);
	slot = tree_slot(&ino->pages, size >> PAGE_SHIFT);
	if (slot && *slot & PC_PAGE)
		memset((char *)page_va(slot_page(*slot)) + (size & ~PAGE_MASK),
			0, PAGE_SIZE - (size & ~PAGE_MASK));
	mutex_unlock(&ino->pages.fill);
	/* Last, so that no fault can bring back what was dropped. */
	if (vma_zap_inode)
		vma_zap_inode(ino, from);
}

/* Pages with something below need a mark each. */
static int mark_holes(struct inode *ino, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		uint64_t *slot = tree_slot_make(&ino->pages, i);

		if (!slot)
			return -ENOSPC;
		if (*slot & PC_HOLE)
			continue;
		drop_slot(ino, i, slot);
		*slot = PC_HOLE;
		count_data(ino, -1);
	}
	return 0;
}

int pagecache_punch(struct inode *ino, uint64_t from, uint64_t to)
{
	uint64_t lower, *slot;
	int err;

	mutex_lock(&ino->pages.fill);
	ino->changed = true;
	lower = lower_pages(ino);
	err = mark_holes(ino, from, MIN(to, lower));
	for (uint64_t i = MAX(from, lower);
		(slot = tree_next(&ino->pages, &i)) && i < to; i++)
		drop_slot(ino, i, slot);
	mutex_unlock(&ino->pages.fill);
	if (vma_zap_inode)
		vma_zap_inode(ino, from);
	return err;
}

int pagecache_zero(struct inode *ino, uint64_t offset, uint64_t len)
{
	uint64_t index = offset >> PAGE_SHIFT;
	struct page *p = NULL;
	int err;

	if (!len || !pagecache_is_data(ino, index))
		return 0;
	err = pagecache_write(ino, index, false, &p);
	if (err < 0)
		return err;
	memset((char *)page_va(p) + (offset & ~PAGE_MASK), 0, len);
	page_put(p);
	return 0;
}

bool pagecache_is_data(struct inode *ino, uint64_t index)
{
	uint64_t *slot = tree_slot(&ino->pages, index);

	if (slot && *slot & PC_HOLE)
		return false;
	return is_lower(ino, index) || (slot && *slot & PC_DIRTY);
}

bool pagecache_is_dirty(struct inode *ino, uint64_t index)
{
	uint64_t *slot = tree_slot(&ino->pages, index);

	return slot && *slot & PC_DIRTY;
}

void pagecache_free(struct inode *ino)
{
	uint64_t *slot;

	for (uint64_t i = 0; (slot = tree_next(&ino->pages, &i)); i++)
		drop_slot(ino, i, slot);
	unlist_inode(ino);
	tree_free(&ino->pages);
}
