/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of a file: a radix tree, read-ahead, and giving back. */
#ifndef FS_PAGECACHE_H
#define FS_PAGECACHE_H

#include "kern/types.h"
#include "mm/page.h"
#include "sched/waitq.h"

struct inode;

/*
 * One slot a page of the file: the page's physical address and PC_*. A
 * clean page holds what the lower file (or a hole) reads as and can be
 * given back when memory is short; a dirty one is the only copy. Nodes
 * live as long as the inode, so giving back pages frees nothing else.
 */
enum {
	PC_PAGE = 1,  /* there is a page */
	PC_DIRTY = 2, /* written: not from below */
	PC_USED = 8,  /* touched since the last look of the shrinker */
	PC_HOLE = 16, /* no page, and zeros instead of the lower content */
};

struct page_tree {
	uint64_t root;       /* a slot at height 0, else a node's address */
	unsigned height;     /* 64 slots a level */
	uint64_t ndata;      /* pages that hold data, for st_blocks */
	uint64_t ahead_next; /* index where a sequential reader comes next */
	unsigned ahead;      /* pages to read then */
	struct inode *prev, *next; /* all inodes with pages, for shrinking */
	bool listed;
	struct mutex fill; /* held while pages are read from below */
};

/* The slot of a page, or NULL if there was never one. */
uint64_t *tree_slot(const struct page_tree *t, uint64_t index);
/* The slot, made when missing; NULL: no memory. */
uint64_t *tree_slot_make(struct page_tree *t, uint64_t index);
/* The first slot in use at or after *index; NULL: none. */
uint64_t *tree_next(const struct page_tree *t, uint64_t *index);
void tree_free(struct page_tree *t);

/*
 * The page at `index`, below the end of the file, with a reference. `want`
 * pages are wanted in all (1: this one). With `hole_ok`, a page that is a
 * hole gives 0 and *out NULL. -EIO, -ENOMEM.
 */
int pagecache_read(struct inode *ino, uint64_t index, uint64_t want,
	bool hole_ok, struct page **out);
/*
 * The page for writing, with a reference, now dirty. `whole`: all of it
 * will be written, its content does not matter: 1 then means that it is
 * not even zeros. Else 0, -EIO, or -ENOSPC when memory is short.
 */
int pagecache_write(
	struct inode *ino, uint64_t index, bool whole, struct page **out);
/* The file now ends at `size`: what lies behind reads as zeros again. */
void pagecache_truncate(struct inode *ino, uint64_t size);
/* Pages [from, to) become a hole; -ENOSPC. */
int pagecache_punch(struct inode *ino, uint64_t from, uint64_t to);
/* Zeros within one page, if it holds data; -ENOSPC, -EIO. */
int pagecache_zero(struct inode *ino, uint64_t offset, uint64_t len);
/* Whether the page holds data (SEEK_DATA), not a hole. */
bool pagecache_is_data(struct inode *ino, uint64_t index);
/* Whether it was written: it has memory of its own. */
bool pagecache_is_dirty(struct inode *ino, uint64_t index);
/* All pages go; the inode ends. */
void pagecache_free(struct inode *ino);
/* Pages that could be given back now. */
uint64_t pagecache_clean(void);

/*
 * For files whose written pages have somewhere to go (writeback.c).
 * The first written page at or after *index.
 */
bool pagecache_find_dirty(struct inode *ino, uint64_t *index);
/* Written pages from `index` on are clean from now on: how many, each with a
 * reference. */
unsigned pagecache_take_dirty(
	struct inode *ino, uint64_t index, struct page **pages, unsigned max);
/* It could not be written: if it is still there, it is dirty again. */
void pagecache_keep_dirty(
	struct inode *ino, uint64_t index, const struct page *page);
/* Clean pages that nobody holds go. */
void pagecache_forget(struct inode *ino);
void pagecache_count_clean(int n);

void pagecache_init(void); /* registers the shrinker */

#endif
