/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of files that have somewhere to go: finding and cleaning them. */
#include "fs/inode.h"
#include "fs/pagecache.h"

static bool is_dirty(uint64_t slot)
{
	return (slot & (PC_PAGE | PC_DIRTY)) == (PC_PAGE | PC_DIRTY);
}

static struct page *slot_page(uint64_t slot)
{
	return page_of_pa(slot & PAGE_MASK);
}

bool pagecache_find_dirty(struct inode *ino, uint64_t *index)
{
	uint64_t *slot;

	while ((slot = tree_next(&ino->pages, index)) && !is_dirty(*slot))
		++*index;
	return slot;
}

unsigned pagecache_take_dirty(
	struct inode *ino, uint64_t index, struct page **pages, unsigned max)
{
	unsigned n = 0;

	for (; n < max; n++) {
		uint64_t *slot = tree_slot(&ino->pages, index + n);

		if (!slot || !is_dirty(*slot))
			break;
		*slot &= ~(uint64_t)PC_DIRTY;
		pages[n] = slot_page(*slot);
		page_get(pages[n]);
		pagecache_count_clean(1);
	}
	return n;
}

void pagecache_keep_dirty(
	struct inode *ino, uint64_t index, const struct page *page)
{
	uint64_t *slot = tree_slot(&ino->pages, index);

	if (!slot || !(*slot & PC_PAGE) || *slot & PC_DIRTY ||
		slot_page(*slot) != page)
		return;
	*slot |= PC_DIRTY;
	pagecache_count_clean(-1);
}

void pagecache_forget(struct inode *ino)
{
	uint64_t *slot;

	for (uint64_t i = 0; (slot = tree_next(&ino->pages, &i)); i++) {
		struct page *p = slot_page(*slot);

		if (!(*slot & PC_PAGE) || *slot & PC_DIRTY || p->count > 1)
			continue;
		*slot = 0;
		pagecache_count_clean(-1);
		page_put(p);
	}
}
