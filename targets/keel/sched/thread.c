/* SPDX-License-Identifier: Apache-2.0 */
/* Threads: their memory and their list. */
#include "arch/arch.h"
#include "kern/boot.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "sched/sched.h"
#include "sched/waitq.h"

/*
 * A slot is a guard page and a kernel stack with the struct at its top. Slots
 * follow the first thread's stack; they come in chunks, which stay.
 */
enum { CHUNK_SLOTS = 64, CACHE_MAX = 8, TID_MAX = 4194304 };
#define SLOT_SIZE   (PAGE_SIZE + KSTACK_SIZE)
#define THREAD_SIZE ALIGN_UP(sizeof(struct thread), 64UL)

struct chunk {
	uint64_t start, used; /* bit: the slot is in use */
	struct chunk *next;
};

/* Changed with interrupts off: signals walk the list. */
static struct {
	struct chunk *chunks;
	struct thread *cache; /* by ready_next */
	unsigned ncached;
	uint64_t slots_end;
	struct thread *first, *last;
	unsigned count;
	int tid; /* the last that was given */
} all;

/* By the first thread. */
static void init(void)
{
	struct thread *t = thread_this();

	if (all.first)
		return;
	all.slots_end = t->kstack_top + PAGE_SIZE;
	all.first = all.last = t;
	all.count = 1;
	all.tid = t->tid;
	t->cycles = -boot_info.start_cycles;
}

static uint64_t slot_take(void)
{
	struct chunk *c = all.chunks;
	unsigned i;

	while (c && !~c->used)
		c = c->next;
	if (!c) {
		c = kzalloc(sizeof(*c));
		if (!c)
			return 0;
		c->start = all.slots_end;
		all.slots_end += CHUNK_SLOTS * SLOT_SIZE;
		c->next = all.chunks;
		all.chunks = c;
	}
	i = __builtin_ctzl(~c->used);
	c->used |= 1UL << i;
	return c->start + i * SLOT_SIZE;
}

/* Also one that is mapped in part. */
static void slot_put(uint64_t va)
{
	struct chunk *c = all.chunks;
	unsigned pte;
	uint64_t pa;

	while (va - c->start >= CHUNK_SLOTS * SLOT_SIZE)
		c = c->next;
	c->used &= ~(1UL << (va - c->start) / SLOT_SIZE);
	for (uint64_t i = PAGE_SIZE; i < SLOT_SIZE; i += PAGE_SIZE)
		if (!arch_unmap(va + i, &pa, &pte))
			page_put(page_of_pa(pa));
}

static bool slot_map(uint64_t va)
{
	for (uint64_t i = PAGE_SIZE; i < SLOT_SIZE; i += PAGE_SIZE) {
		struct page *p = page_alloc(0);

		if (!p)
			return false;
		if (arch_map(va + i, page_pa(p), ARCH_R | ARCH_W)) {
			page_put(p);
			return false;
		}
	}
	return true;
}

static struct thread *from_cache(void)
{
	uint64_t irq = arch_irq_save();
	struct thread *t = all.cache;

	if (t) {
		all.cache = t->ready_next;
		all.ncached--;
	}
	arch_irq_restore(irq);
	return t;
}

struct thread *thread_alloc(void)
{
	struct thread *t;
	uint64_t va;

	init();
	t = from_cache();
	if (t) {
		va = t->kstack_low - PAGE_SIZE;
	} else {
		va = slot_take();
		if (!va)
			return NULL;
		if (!slot_map(va)) {
			slot_put(va);
			return NULL;
		}
		t = (struct thread *)(va + SLOT_SIZE - THREAD_SIZE);
	}
	memset(t, 0, sizeof(*t));
	t->kstack_low = va + PAGE_SIZE;
	t->kstack_top = (uint64_t)t;
	t->state = THREAD_SLEEPS;
	return t;
}

/* The first thread's memory is not of a slot: it stays. */
void thread_free(struct thread *t)
{
	uint64_t irq = arch_irq_save();

	if (t->kstack_top != (uint64_t)t) {
		/* nothing */
	} else if (all.ncached < CACHE_MAX) {
		t->ready_next = all.cache;
		all.cache = t;
		all.ncached++;
	} else {
		slot_put(t->kstack_low - PAGE_SIZE);
	}
	arch_irq_restore(irq);
}

struct thread *thread_create(void (*fn)(void *arg), void *arg, const char *name)
{
	struct thread *t = thread_alloc();

	if (!t)
		return NULL;
	memcpy(t->name, name, strnlen(name, sizeof(t->name) - 1));
	arch_thread_init(t, fn, arg);
	thread_ready(t);
	return t;
}

void thread_list(struct thread *t)
{
	uint64_t irq = arch_irq_save();

	do
		all.tid = all.tid < TID_MAX ? all.tid + 1 : 2;
	while (thread_find(all.tid));
	t->tid = all.tid;
	t->all_prev = all.last;
	t->all_next = NULL;
	all.last->all_next = t;
	all.last = t;
	all.count++;
	arch_irq_restore(irq);
}

void thread_unlist(struct thread *t)
{
	uint64_t irq = arch_irq_save();

	if (t->all_prev)
		t->all_prev->all_next = t->all_next;
	else
		all.first = t->all_next;
	if (t->all_next)
		t->all_next->all_prev = t->all_prev;
	else
		all.last = t->all_prev;
	all.count--;
	arch_irq_restore(irq);
}

struct thread *thread_first(void)
{
	return all.first ? all.first : thread_this();
}

struct thread *thread_find(int tid)
{
	struct thread *t;

	for (t = thread_first(); t; t = t->all_next)
		if (t->tid == tid)
			break;
	return t;
}

struct thread *thread_after(int tid)
{
	struct thread *t, *next = NULL;

	for (t = thread_first(); t; t = t->all_next)
		if (t->tid > tid && (!next || t->tid < next->tid))
			next = t;
	return next;
}

struct thread *thread_next(const struct thread *t)
{
	return t->all_next;
}

unsigned thread_count(void)
{
	return all.first ? all.count : 1;
}
