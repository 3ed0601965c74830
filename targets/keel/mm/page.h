/* SPDX-License-Identifier: Apache-2.0 */
/* Physical pages: allocation and reference counts. */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include "kern/types.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096UL
#define PAGE_MASK  (~(PAGE_SIZE - 1))

/* One per page of memory. Opaque but for the count. */
struct page {
	uint32_t count; /* references; 0: free */
	uint32_t flags;
};

enum { PAGE_ZERO = 1 }; /* for alloc: filled with zeros */

/* One page with one reference; NULL when memory is short even after
 * clean page-cache pages were given back. */
struct page *page_alloc(unsigned flags);
void page_get(struct page *p);
void page_put(struct page *p); /* frees at 0 */
uint64_t page_pa(const struct page *p);
void *page_va(const struct page *p); /* in the direct map: read-write, NX */
struct page *page_of_va(const void *direct_va);
struct page *page_of_pa(uint64_t pa);

/* 2^order contiguous pages, as a direct-map address; for drivers, stacks. */
void *pages_alloc(unsigned order, unsigned flags);
void pages_free(void *va, unsigned order);

uint64_t page_total(void); /* pages of memory in all */
uint64_t page_free_count(void);

/* Once, from boot_info: before it, nothing can be allocated. */
void page_init(void);

/* The machine has too little memory to go on: says so on standard error
 * ("not enough memory: ... needs N MiB") and ends it with status 1.
 * `need` is what was asked for beyond what there is, in bytes. */
noreturn void page_not_enough(uint64_t need);

/* A cache that can give pages back registers once; returns pages freed. It
 * is called with anything of mm locked, so it frees pages and nothing else.
 * The one that registers last is asked first. */
struct page_shrinker {
	uint64_t (*shrink)(uint64_t npages);
	struct page_shrinker *next;
};
void page_shrinker_add(struct page_shrinker *s);

#endif
