/* SPDX-License-Identifier: Apache-2.0 */
/* Page tables of x86_64 (Intel SDM volume 3A, chapter 4): four levels. */
#include "arch/x86_64/paging.h"

#include <asm/errno.h>

#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "mm/page.h"
#include "mm/vma.h"

#define P     0x001UL
#define W     0x002UL
#define PWT   0x008UL
#define PCD   0x010UL
#define A     0x020UL
#define D     0x040UL
#define PS    0x080UL /* the entry maps 2 MiB or 1 GiB */
#define USED  0x200UL /* ours: an entry with P clear maps a page, too */
#define NX    (1UL << 63)
#define ADDR  0x000ffffffffff000UL
#define FLAGS (~ADDR)

enum { ENTRIES = 512, TOP = 3 };

#define GIB           (1UL << 30)
#define DIRECT_SIZE   (511 * GIB) /* the slot's last GiB maps devices */
#define DEVICE_OFFSET DIRECT_SIZE

static uint64_t device_used;

static uint64_t *table_at(uint64_t entry)
{
	return (uint64_t *)(arch_direct_base + (entry & ADDR));
}

static unsigned shift(int level)
{
	return PAGE_SHIFT + 9 * (unsigned)level;
}

static unsigned slot(uint64_t va, int level)
{
	return va >> shift(level) & (ENTRIES - 1);
}

static void flush(uint64_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static uint64_t *root(void)
{
	uint64_t cr3;

	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	return table_at(cr3);
}

static void flush_all(void)
{
	uint64_t cr3;

	__asm__ volatile("mov %%cr3, %0\n\tmov %0, %%cr3"
			 : "=r"(cr3)
			 :
			 : "memory");
}

static uint64_t bits(unsigned prot)
{
	uint64_t b = USED;

	if (prot)
		b |= P | A;
	if (prot & ARCH_W)
		b |= W | D;
	if (!(prot & ARCH_X))
		b |= NX;
	return b;
}

/*
 * The entry for va of `level` (0: a 4 KiB page). The walk ends above it at a
 * large page, and where a table is missing or, with `make`, cannot be had;
 * *level says where.
 */
static uint64_t *walk(uint64_t va, int *level, bool make)
{
	uint64_t *t = root();

	for (int l = TOP;; l--) {
		uint64_t *e = &t[slot(va, l)];
		struct page *p = NULL;

		if (!(*e & P) && l > *level && make)
			p = page_alloc(PAGE_ZERO);
		if (p)
			*e = page_pa(p) | P | W | A;
		if (l == *level || !(*e & P) || *e & PS) {
			*level = l;
			return e;
		}
		t = table_at(*e);
	}
}

static uint64_t *leaf(uint64_t va, bool make)
{
	int level = 0;
	uint64_t *e = walk(va, &level, make);

	return level == 0 ? e : NULL;
}

int arch_map(uint64_t va, uint64_t pa, unsigned prot)
{
	uint64_t *e = leaf(va, true), old;

	if (!e)
		return -ENOMEM;
	old = *e;
	*e = pa | bits(prot);
	if (old)
		flush(va);
	return 0;
}

int arch_lookup(uint64_t va, uint64_t *pa, unsigned *pte)
{
	uint64_t *e = leaf(va, false);

	if (!e || !*e)
		return -ENOENT;
	*pa = *e & ADDR;
	*pte = (*e & P ? ARCH_PTE_PRESENT : 0) | (*e & D ? ARCH_PTE_DIRTY : 0) |
	       (*e & A ? ARCH_PTE_ACCESSED : 0) | (*e & W ? ARCH_PTE_WRITE : 0);
	return 0;
}

int arch_unmap(uint64_t va, uint64_t *pa, unsigned *pte)
{
	int err = arch_lookup(va, pa, pte);

	if (!err) {
		*leaf(va, false) = 0;
		flush(va);
	}
	return err;
}

int arch_protect(uint64_t va, unsigned prot)
{
	uint64_t *e = leaf(va, false);

	if (!e || !*e)
		return -ENOENT;
	*e = (*e & (ADDR | D)) | bits(prot);
	flush(va);
	return 0;
}

uint64_t arch_next_mapped(uint64_t va, uint64_t end)
{
	va = ALIGN_DOWN(va, PAGE_SIZE);
	while (va < end) {
		int level = 0;
		const uint64_t *e = walk(va, &level, false);

		/* Along this table, or over all that it has no table for. */
		do {
			if (*e && !level)
				return va;
			if (*e++)
				break;
			va = ALIGN_DOWN(va, 1UL << shift(level)) +
			     (1UL << shift(level));
		} while (va < end && slot(va, level));
	}
	return end;
}

/* Looks from `near` up first: what is below other mappings finds them. */
static bool table_empty(const uint64_t *t, unsigned near)
{
	for (unsigned i = 0; i < ENTRIES; i++)
		if (t[(near + i) % ENTRIES])
			return false;
	return true;
}

static void free_below(uint64_t *t, int level, uint64_t va, uint64_t last)
{
	unsigned from = slot(va, level), to = slot(last, level);

	for (unsigned i = from; i <= to; i++) {
		uint64_t *child = table_at(t[i]), end = i == to ? last : ~0UL;
		struct page *p;

		if (!(t[i] & P) || t[i] & PS)
			continue;
		if (level > 1)
			free_below(child, level - 1, i == from ? va : 0, end);
		p = page_of_pa(t[i] & ADDR);
		/* none: a table of boot.S */
		if (!p || !table_empty(child, slot(end, level - 1)))
			continue;
		t[i] = 0;
		flush(va);
		page_put(p);
	}
}

void arch_free_tables(uint64_t va, uint64_t end)
{
	if (va < end)
		free_below(root(), TOP, va, end - 1);
}

/* Replaces a large page's entry by a table of the next smaller size. */
static int split(uint64_t *e, int level)
{
	struct page *p = page_alloc(0);
	uint64_t step = 1UL << shift(level - 1);
	uint64_t *t;

	if (!p)
		return -ENOMEM;
	t = page_va(p);
	for (unsigned i = 0; i < ENTRIES; i++) {
		t[i] = *e + i * step;
		if (level == 1)
			t[i] = (t[i] & ~PS) | USED;
	}
	*e = page_pa(p) | P | W | A;
	return 0;
}

int arch_direct_protect(uint64_t pa, uint64_t npages, unsigned prot)
{
	uint64_t va = arch_direct_base + pa;

	for (; npages--; va += PAGE_SIZE) {
		int level = 0;
		uint64_t *e = walk(va, &level, false);

		for (; level > 0; level--) {
			if (!*e || split(e, level))
				return -ENOMEM;
			e = &table_at(*e)[slot(va, level - 1)];
		}
		*e = (*e & ADDR) | bits(prot & (ARCH_R | ARCH_W));
		flush(va);
	}
	return 0;
}

int arch_direct_extend(uint64_t pa, uint64_t size)
{
	uint64_t end = pa + size;

	if (end > DIRECT_SIZE)
		return -ENOMEM;
	for (pa = ALIGN_DOWN(pa, GIB); pa < end; pa += GIB) {
		int level = 2;
		uint64_t *e = walk(arch_direct_base + pa, &level, true);

		if (level != 2)
			return -ENOMEM;
		if (*e)
			continue;
		*e = pa | PS | bits(ARCH_R | ARCH_W);
		if (split(e, level)) { /* not all CPUs have pages of 1 GiB */
			*e = 0;
			return -ENOMEM;
		}
	}
	return 0;
}

void *arch_map_device(uint64_t pa, size_t size)
{
	uint64_t start = ALIGN_DOWN(pa, PAGE_SIZE);
	uint64_t end = ALIGN_UP(pa + size, PAGE_SIZE);
	uint64_t va = arch_direct_base + DEVICE_OFFSET + device_used;
	uint64_t base = va;

	if (end <= start || end - start > GIB - device_used)
		return NULL;
	for (uint64_t at = start; at < end; at += PAGE_SIZE, va += PAGE_SIZE)
		if (arch_map(va, at | PCD | PWT, ARCH_R | ARCH_W))
			return NULL;
	device_used += end - start;
	return (void *)(base + (pa - start));
}

/* In the image and, write rights only, in the direct map. */
static void protect_image(const char *from, const char *to, unsigned prot)
{
	uint64_t va = (uint64_t)from, size = (uint64_t)(to - from);
	uint64_t pa = boot_info.image_pa + (va - boot_info.image_va);

	for (uint64_t at = 0; at < size; at += PAGE_SIZE)
		if (arch_map(va + at, pa + at, prot))
			page_not_enough(PAGE_SIZE);
	if (!(prot & ARCH_W) &&
		arch_direct_protect(pa, size >> PAGE_SHIFT, ARCH_R))
		page_not_enough(2 * PAGE_SIZE);
	vma_image(va, va + size, prot);
}

void paging_init(void)
{
	const char *image = (const char *)boot_info.image_va;

	protect_image(image, keel_text_start, ARCH_R);
	protect_image(keel_text_start, keel_text_end, ARCH_R | ARCH_X);
	protect_image(keel_text_end, keel_data_start, ARCH_R);
	protect_image(keel_data_start, keel_image_end, ARCH_R | ARCH_W);
	root()[0] = 0;
	flush_all();
}
