/* SPDX-License-Identifier: Apache-2.0 */
/* Physical pages: buddy lists over regions that come into use piecewise. */
#include "mm/page.h"

#include "arch/arch.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/page_flags.h"
#include "sched/waitq.h"

/*
 * A region is a run of usable memory. Its array of struct page lies before
 * it in the same memory, but nothing is touched at boot: pages come into use
 * ("go online") in chunks when the free lists run low, so that the price of
 * booting does not depend on the size of the machine.
 */
enum {
	MAX_ORDER = 10,
	CHUNK = 1 << MAX_ORDER,
	REGIONS = 32,
	MIN_REGION = 4, /* pages; smaller ones are not worth an entry */
	RESERVE = 8,    /* for the tables that the next chunk may need */
	ROOM_TO_RUN = 256 << 10, /* bytes that hello uses beside its image */
};

struct region {
	uint64_t first, end; /* page frame numbers */
	uint64_t online;     /* frames from here on are not in use yet */
	struct page *pages;  /* of `first` on */
};

/* At the start of each free block, in the block itself. */
struct block {
	struct block *next, **link;
};

static struct region regions[REGIONS];
static unsigned nregions;
static uint64_t ntotal;

static struct spinlock lock;
/* Under lock: */
static struct block *lists[MAX_ORDER + 1];
static uint64_t nfree;
static bool extending;
static struct page_shrinker *shrinkers;

static void *direct(uint64_t pfn)
{
	return (void *)(arch_direct_base + (pfn << PAGE_SHIFT));
}

struct page *page_of_pa(uint64_t pa)
{
	uint64_t pfn = pa >> PAGE_SHIFT;

	for (struct region *r = regions; r < regions + nregions; r++)
		if (pfn >= r->first && pfn < r->online)
			return &r->pages[pfn - r->first];
	return NULL;
}

struct page *page_of_va(const void *direct_va)
{
	return page_of_pa((uint64_t)direct_va - arch_direct_base);
}

static struct region *region_of(const struct page *p)
{
	for (struct region *r = regions; r < regions + nregions; r++)
		if (p >= r->pages && p < r->pages + (r->online - r->first))
			return r;
	panic("not a page: %p", (const void *)p);
}

static uint64_t pfn_of(const struct page *p)
{
	struct region *r = region_of(p);

	return r->first + (uint64_t)(p - r->pages);
}

uint64_t page_pa(const struct page *p)
{
	return pfn_of(p) << PAGE_SHIFT;
}

void *page_va(const struct page *p)
{
	return direct(pfn_of(p));
}

static void block_push(uint64_t pfn, struct page *p, unsigned order)
{
	struct block *b = direct(pfn);

	p->flags = PAGE_FREE | order;
	b->next = lists[order];
	b->link = &lists[order];
	if (b->next)
		b->next->link = &b->next;
	lists[order] = b;
	nfree += 1UL << order;
}

static void block_remove(struct page *p, struct block *b)
{
	*b->link = b->next;
	if (b->next)
		b->next->link = b->link;
	nfree -= 1UL << (p->flags & PAGE_ORDER);
	p->flags = 0;
}

/* Under lock. Joins the block with its free neighbours. */
static void block_free(struct page *p, unsigned order)
{
	struct region *r = region_of(p);
	uint64_t pfn = r->first + (uint64_t)(p - r->pages);

	for (; order < MAX_ORDER; order++) {
		uint64_t other = pfn ^ (1UL << order);

		if (other < r->first || other >= r->online)
			break;
		p = &r->pages[other - r->first];
		if (p->flags != (PAGE_FREE | order))
			break;
		block_remove(p, direct(other));
		pfn &= ~(1UL << order);
	}
	block_push(pfn, &r->pages[pfn - r->first], order);
}

/* Under lock. Splits what is too large; NULL if the lists have nothing. */
static struct page *block_take(unsigned order)
{
	unsigned have = order;
	struct page *p;
	uint64_t pfn;

	while (have <= MAX_ORDER && !lists[have])
		have++;
	if (have > MAX_ORDER)
		return NULL;
	p = page_of_va(lists[have]);
	pfn = pfn_of(p);
	block_remove(p, lists[have]);
	while (have-- > order)
		block_push(pfn + (1UL << have), p + (1UL << have), have);
	p->flags = order;
	p->count = 1;
	return p;
}

/* Brings one more chunk into use; false when there is none. */
static bool chunk_online(void)
{
	struct region *r = regions;
	uint64_t pfn, n;
	unsigned order;
	struct page *p;

	while (r < regions + nregions && r->online == r->end)
		r++;
	if (r == regions + nregions || extending)
		return false;
	pfn = r->online;
	n = MIN(CHUNK - (pfn & (CHUNK - 1)), r->end - pfn);
	p = &r->pages[pfn - r->first];

	extending = true; /* tables for it come from what is online */
	if (arch_direct_extend(
		    (uint64_t)p - arch_direct_base, n * sizeof(*p)) ||
		arch_direct_extend(pfn << PAGE_SHIFT, n << PAGE_SHIFT))
		n = 0; /* out of the direct map's reach: never to be used */
	extending = false;
	memset(p, 0, n * sizeof(*p));

	spin_enter(&lock);
	r->online += n;
	if (!n)
		r->end = pfn;
	for (; n; pfn += 1UL << order, p += 1UL << order, n -= 1UL << order) {
		/* The largest block that is aligned and not too long. */
		order = (unsigned)__builtin_ctzl(pfn | CHUNK);
		while (1UL << order > n)
			order--;
		block_push(pfn, p, order);
	}
	spin_leave(&lock);
	return true;
}

static struct page *take(unsigned order)
{
	struct page *p;

	if (nfree < RESERVE)
		chunk_online();
	do {
		spin_enter(&lock);
		p = block_take(order);
		spin_leave(&lock);
	} while (!p && chunk_online());
	return p;
}

static struct page *alloc(unsigned order, unsigned flags)
{
	struct page *p;

	if (order > MAX_ORDER)
		return NULL;
	p = take(order);
	/* Twice: what the last one lets go, the first one can free. */
	for (int round = 0; round < 2; round++)
		for (struct page_shrinker *s = shrinkers; !p && s; s = s->next)
			if (s->shrink(2UL << order) || round)
				p = take(order);
	if (p && flags & PAGE_ZERO)
		memset(page_va(p), 0, PAGE_SIZE << order);
	return p;
}

struct page *page_alloc(unsigned flags)
{
	return alloc(0, flags);
}

void page_get(struct page *p)
{
	__atomic_fetch_add(&p->count, 1, __ATOMIC_RELAXED);
}

static void release(struct page *p)
{
	unsigned order = p->flags & PAGE_ORDER;

	if (p->flags & PAGE_RDONLY) /* the direct map may write it again */
		arch_direct_protect(page_pa(p), 1, ARCH_R | ARCH_W);
	spin_enter(&lock);
	block_free(p, order);
	spin_leave(&lock);
}

void page_put(struct page *p)
{
	if (!p->count)
		panic("page %lx freed twice", page_pa(p));
	if (__atomic_sub_fetch(&p->count, 1, __ATOMIC_ACQ_REL) == 0)
		release(p);
}

void *pages_alloc(unsigned order, unsigned flags)
{
	struct page *p = alloc(order, flags);

	return p ? page_va(p) : NULL;
}

void pages_free(void *va, unsigned order)
{
	struct page *p = page_of_va(va);

	if (!p || (p->flags & PAGE_ORDER) != order)
		panic("pages_free of %p", va);
	page_put(p);
}

uint64_t page_total(void)
{
	return ntotal;
}

uint64_t page_free_count(void)
{
	uint64_t n = nfree;

	for (struct region *r = regions; r < regions + nregions; r++)
		n += r->end - r->online;
	return n;
}

void page_shrinker_add(struct page_shrinker *s)
{
	s->next = shrinkers;
	shrinkers = s;
}

static void region_add(uint64_t pa, uint64_t end_pa)
{
	uint64_t first = ALIGN_UP(pa, PAGE_SIZE) >> PAGE_SHIFT;
	uint64_t end = end_pa >> PAGE_SHIFT;
	struct region *r = &regions[nregions];

	first = MAX(first, 1); /* page 0 belongs to the firmware */
	if (end < first + MIN_REGION || nregions == REGIONS)
		return;
	r->pages = direct(first);
	first += ALIGN_UP((end - first) * sizeof(struct page), PAGE_SIZE) >>
		 PAGE_SHIFT;
	r->first = r->online = first;
	r->end = end;
	nregions++;
}

static noreturn void too_small(uint64_t need_pages)
{
	uint64_t given_mib = (ntotal + 255) >> 8;
	uint64_t need_mib = (need_pages + 255) >> 8;

	kmsg("not enough memory: %lu MiB given, %lu MiB needed\n", given_mib,
		MAX(need_mib, given_mib + 1));
	machine_exit(1);
}

void page_init(void)
{
	uint64_t image = ALIGN_DOWN(boot_info.image_pa, PAGE_SIZE);
	uint64_t image_end = ALIGN_UP(boot_info.image_end_pa, PAGE_SIZE);
	bool fits = false;

	for (unsigned i = 0; i < boot_info.nmem; i++) {
		const struct boot_mem *m = &boot_info.mem[i];
		uint64_t end = m->pa + m->size;

		if (m->type != 1)
			continue;
		ntotal += m->size >> PAGE_SHIFT;
		fits |= m->pa <= image && image_end <= end;
		region_add(m->pa, MIN(end, MAX(image, m->pa)));
		region_add(MAX(m->pa, image_end), end);
	}
	if (!fits)
		too_small((image_end + ROOM_TO_RUN) >> PAGE_SHIFT);
}

void page_not_enough(uint64_t need)
{
	uint64_t have = page_free_count();

	need >>= PAGE_SHIFT;
	too_small(ntotal + (need > have ? need - have : 0));
}
