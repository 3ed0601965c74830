/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of keel's page allocator and small memory. */
#include <stdlib.h>
#include <string.h>

#include "keel-mm-fake.h"

#include "mm/kmalloc.h"
#include "mm/page.h"

#define MIB (1UL << 20)

enum { SLOTS = 400 };

static struct {
	char *p;
	size_t size;
	unsigned order;
	unsigned char mark;
} slot[SLOTS];

static bool intact(const char *p, size_t n, unsigned char mark)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] != mark)
			return false;
	return true;
}

static void blocks_do_not_overlap(void)
{
	uint64_t before = page_free_count();
	bool good = true, counted = true;
	uint64_t held = 0;

	for (int i = 0; i < 40000; i++) {
		unsigned n = (unsigned)rand() % SLOTS;
		size_t size = PAGE_SIZE << slot[n].order;

		if (slot[n].p) {
			good &= intact(slot[n].p, size, slot[n].mark);
			pages_free(slot[n].p, slot[n].order);
			held -= 1UL << slot[n].order;
			slot[n].p = NULL;
			continue;
		}
		slot[n].order = rand() % 8 ? (unsigned)rand() % 3
					   : (unsigned)rand() % 7;
		slot[n].mark = (unsigned char)rand();
		slot[n].p = pages_alloc(slot[n].order, 0);
		if (!slot[n].p)
			continue;
		size = PAGE_SIZE << slot[n].order;
		good &= ((uintptr_t)slot[n].p & (PAGE_SIZE - 1)) == 0;
		memset(slot[n].p, slot[n].mark, size);
		held += 1UL << slot[n].order;
		counted &= page_free_count() + held == before;
	}
	for (int n = 0; n < SLOTS; n++) {
		if (slot[n].p)
			pages_free(slot[n].p, slot[n].order);
		slot[n].p = NULL;
	}
	ok(good, "blocks keep what is written to them");
	ok(counted, "free pages are counted");
	ok(page_free_count() == before, "all blocks come back");
}

static void all_memory_can_be_had(void)
{
	uint64_t before = page_free_count(), n = 0;
	struct page *first = NULL, *p, *next;
	bool zero = true;

	while ((p = page_alloc(PAGE_ZERO))) {
		zero &= intact(page_va(p), PAGE_SIZE, 0);
		*(struct page **)page_va(p) = first;
		first = p;
		n++;
	}
	ok(n == before, "every free page can be allocated, no page twice");
	ok(zero, "PAGE_ZERO gives zeros");
	ok(page_free_count() == 0, "then none is free");
	ok(!pages_alloc(0, 0) && !kmalloc(100) && !kmalloc(100000),
		"without memory, NULL");
	for (p = first; p; p = next) {
		next = *(struct page **)page_va(p);
		page_put(p);
	}
	ok(page_free_count() == before, "all pages come back");
	p = page_of_va(pages_alloc(9, 0));
	ok(p, "and join to large blocks again");
	page_put(p);
}

static void *victim[64];

static uint64_t give_back(uint64_t npages)
{
	uint64_t n = 0;

	for (int i = 0; i < 64 && n < npages; i++) {
		if (!victim[i])
			continue;
		pages_free(victim[i], 0);
		victim[i] = NULL;
		n++;
	}
	return n;
}

static void caches_give_back(void)
{
	static struct page_shrinker s = {.shrink = give_back};
	struct page *first = NULL, *p, *next;
	unsigned n = 0;

	for (int i = 0; i < 64; i++)
		victim[i] = pages_alloc(0, 0);
	page_shrinker_add(&s);
	while ((p = page_alloc(0))) {
		*(struct page **)page_va(p) = first;
		first = p;
	}
	for (int i = 0; i < 64; i++)
		n += victim[i] != NULL;
	ok(n == 0, "caches give their pages back before memory ends");
	for (p = first; p; p = next) {
		next = *(struct page **)page_va(p);
		page_put(p);
	}
}

static void small_memory(void)
{
	uint64_t before = page_free_count();
	bool good = true, aligned = true;

	for (int i = 0; i < 60000; i++) {
		unsigned n = (unsigned)rand() % SLOTS;
		size_t size = (size_t)rand() % (rand() % 6 ? 300 : 20000) + 1;
		char *p;

		if (slot[n].p && rand() % 3 == 0) {
			p = krealloc(slot[n].p, size);
			if (!p)
				continue;
			good &= intact(
				p, MIN(size, slot[n].size), slot[n].mark);
		} else {
			good &= !slot[n].p ||
				intact(slot[n].p, slot[n].size, slot[n].mark);
			kfree(slot[n].p);
			p = rand() % 4 ? kmalloc(size) : kzalloc(size);
		}
		slot[n].p = p;
		slot[n].size = size;
		slot[n].mark = (unsigned char)rand();
		if (!p)
			continue;
		aligned &= ((uintptr_t)p & 15) == 0;
		memset(p, slot[n].mark, size);
	}
	for (int n = 0; n < SLOTS; n++) {
		kfree(slot[n].p);
		slot[n].p = NULL;
	}
	ok(good, "kmalloc: contents stay");
	ok(aligned, "kmalloc: 16-byte aligned");
	ok(before - page_free_count() <= 18,
		"kmalloc: all pages come back but for one of each size");
}

static void large_machine(void)
{
	uint64_t free_pages, touched;
	void *p[4];

	fake_machine(2048 * MIB, 22528 * MIB);
	free_pages = page_free_count();
	for (int i = 0; i < 4; i++)
		p[i] = pages_alloc(2, 0);
	touched = fake_touched();
	ok(free_pages > 24500 * 256UL, "24 GiB: %lu pages are free",
		(unsigned long)free_pages);
	ok(touched < 64 << 10, "24 GiB: %lu KiB are touched at boot",
		(unsigned long)touched >> 10);
	for (int i = 0; i < 4; i++)
		pages_free(p[i], 2);
	ok(page_free_count() == free_pages, "24 GiB: all come back");
}

static void too_small(void)
{
	fake_status = -1;
	if (!setjmp(fake_exit))
		page_not_enough(100 * MIB);
	ok(fake_status == 1, "too little memory ends the machine with 1");
}

int main(int argc, char **argv)
{
	srand(argc > 1 ? (unsigned)atoi(argv[1]) : 1);
	ok_apart(large_machine, 3);
	fake_machine(11 * MIB + 8192, 0);
	ok(page_total() == (0x9fc00 + 11 * MIB + 8192) / PAGE_SIZE,
		"all memory is counted");
	blocks_do_not_overlap();
	all_memory_can_be_had();
	small_memory();
	caches_give_back();
	too_small();
	return done_testing();
}
