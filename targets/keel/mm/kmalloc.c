/* SPDX-License-Identifier: Apache-2.0 */
/* Small memory: one page of equal objects at a time, larger by pages. */
#include "mm/kmalloc.h"

#include "kern/log.h"
#include "kern/string.h"
#include "mm/page.h"
#include "mm/page_flags.h"
#include "sched/waitq.h"

/* At the start of a page of objects; an object is never page-aligned. */
struct slab {
	struct slab *next, **link; /* slabs of this size with room */
	void *free;                /* objects, each points to the next */
	uint16_t used, class;
	uint32_t magic;
};

enum { MAGIC = 0x51ab51ab, SMALL = 128 };

/* Multiples of 16, all of them up to SMALL; the larger ones fit a page a whole
 * number of times. */
static const uint16_t sizes[] = {16, 32, 48, 64, 80, 96, 112, 128, 160, 192,
	256, 336, 448, 576, 800, 1008, 1344, 2032};

static struct spinlock lock;
static struct slab *slabs[ARRAY_SIZE(sizes)]; /* under lock */

static void link_in(struct slab *s)
{
	struct slab **list = &slabs[s->class];

	s->next = *list;
	s->link = list;
	if (s->next)
		s->next->link = &s->next;
	*list = s;
}

static void link_out(struct slab *s)
{
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
}

static struct slab *slab_new(unsigned class)
{
	struct slab *s = pages_alloc(0, 0);
	char *end = (char *)s + PAGE_SIZE;

	if (!s)
		return NULL;
	s->used = 0;
	s->class = (uint16_t) class;
	s->magic = MAGIC;
	s->free = NULL;
	for (char *p = (char *)(s + 1); p + sizes[class] <= end;
		p += sizes[class]) {
		*(void **)p = s->free;
		s->free = p;
	}
	return s;
}

static void *large(size_t size)
{
	unsigned order = 0;

	if (size > PAGE_SIZE << 10)
		return NULL;
	while (PAGE_SIZE << order < size)
		order++;
	return pages_alloc(order, 0);
}

void *kmalloc(size_t size)
{
	unsigned class = 0;
	struct slab *s;
	void *p;

	if (size > sizes[ARRAY_SIZE(sizes) - 1])
		return large(size);
	if (size > SMALL)
		class = SMALL / 16;
	else if (size)
		class = (unsigned)(size - 1) / 16;
	while (sizes[class] < size)
		class ++;

	spin_enter(&lock);
	s = slabs[class];
	if (!s) {
		spin_leave(&lock); /* the allocator may shrink caches */
		s = slab_new(class);
		if (!s)
			return NULL;
		spin_enter(&lock);
		link_in(s);
	}
	p = s->free;
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): one is free */
	s->free = *(void **)p;
	s->used++;
	if (!s->free)
		link_out(s);
	spin_leave(&lock);
	return p;
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

static struct slab *slab_of(void *p)
{
	size_t at = (uintptr_t)p & (PAGE_SIZE - 1);
	struct slab *s = (struct slab *)((char *)p - at);

	if (!at)
		return NULL;
	if (s->magic != MAGIC)
		panic("not from kmalloc: %p", p);
	return s;
}

void kfree(void *p)
{
	struct slab *s;

	if (!p)
		return;
	s = slab_of(p);
	if (!s) {
		page_put(page_of_va(p));
		return;
	}
	spin_enter(&lock);
	if (!s->free)
		link_in(s);
	*(void **)p = s->free;
	s->free = p;
	/* The only one with room stays: often the next call wants it. */
	if (--s->used == 0 && (s->next || slabs[s->class] != s)) {
		link_out(s);
		s->magic = 0;
	} else {
		s = NULL;
	}
	spin_leave(&lock);
	if (s)
		page_put(page_of_va(s));
}

void *krealloc(void *p, size_t size)
{
	struct slab *s;
	size_t have;
	void *q;

	if (!p)
		return kmalloc(size);
	s = slab_of(p);
	have = s ? sizes[s->class]
		 : PAGE_SIZE << (page_of_va(p)->flags & PAGE_ORDER);
	if (size <= have)
		return p;
	q = kmalloc(size);
	if (!q)
		return NULL;
	memcpy(q, p, have);
	kfree(p);
	return q;
}
