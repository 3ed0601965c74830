/* SPDX-License-Identifier: Apache-2.0 */
/* When memory is short: takes the program's hands off pages of files, so
 * that their cache can give them back. The next touch asks the file again. */
#include "arch/arch.h"
#include "mm/page.h"
#include "mm/page_flags.h"
#include "mm/vma.h"
#include "mm/vma_tree.h"
#include "sched/thread.h"

enum { BATCH = 64 };

/* With vma_lock held. Written pages have nowhere to go, and copies are the
 * mapping's own: both stay. No tables are freed: who allocates may be on the
 * way through them. */
static void let_go(void)
{
	static uint64_t hand; /* goes round and round */
	unsigned left = BATCH, ends = 0;

	while (left && ends < 2) {
		const struct vma *v = vma_find(hand);
		struct page *p;
		unsigned pte;
		uint64_t pa;

		if (!v || !v->file) {
			ends += !v;
			hand = v ? v->end : 0;
			continue;
		}
		hand = arch_next_mapped(MAX(hand, v->start), v->end);
		if (hand == v->end)
			continue;
		arch_lookup(hand, &pa, &pte);
		p = page_of_pa(pa);
		if (!(p->flags & PAGE_ANON) && !(pte & ARCH_PTE_WRITE)) {
			arch_unmap(hand, &pa, &pte);
			page_put(p);
			left--;
		}
		hand += PAGE_SIZE;
	}
}

/* Frees nothing by itself: the cache does, when it is asked again. */
static uint64_t shrink(uint64_t npages)
{
	bool ours = vma_lock.owner == thread_this();

	(void)npages;
	if (!ours)
		mutex_lock(&vma_lock);
	let_go();
	if (!ours)
		mutex_unlock(&vma_lock);
	return 0;
}

void vma_shrink_init(void)
{
	static struct page_shrinker s = {.shrink = shrink};

	page_shrinker_add(&s);
}
