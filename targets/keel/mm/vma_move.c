/* SPDX-License-Identifier: Apache-2.0 */
/* mremap: growing, shrinking and moving one mapping. */
#include <asm/errno.h>
#include <asm/mman.h>
#include <linux/mman.h>

#include "arch/arch.h"
#include "mm/page.h"
#include "mm/vma.h"
#include "mm/vma_tree.h"

/* All of these with vma_lock held. */

/* Moves what is mapped of v; on failure everything is where it was. */
static int move_pages(const struct vma *v, uint64_t to, uint64_t len)
{
	uint64_t from = v->start, va = from, pa;
	unsigned pte;
	int err = 0;

	for (; !err && (va = arch_next_mapped(va, from + len)) < from + len;
		va += PAGE_SIZE) {
		struct page *p;

		arch_lookup(va, &pa, &pte);
		p = page_of_pa(pa);
		page_get(p);
		err = vma_set_page(v, va - from + to, p, pte & ARCH_PTE_WRITE);
		if (err)
			page_put(p);
	}
	/* Now each is there twice; the one that loses goes. */
	vma_zap(err ? to : from, (err ? to : from) + len);
	return err;
}

static void place(struct vma *v, uint64_t start, uint64_t end)
{
	vma_remove(v);
	v->start = start;
	v->end = end;
	vma_add(v);
}

static bool room_after(const struct vma *v, uint64_t end)
{
	const struct vma *next = vma_find(v->end);

	return end <= ARCH_USER_MAX && (!next || next->start >= end);
}

/* [addr, addr + old_len) to `to`, where room is; not longer than before or
 * with room behind it for the rest. */
static long move(uint64_t addr, uint64_t old_len, uint64_t to, uint64_t new_len)
{
	struct vma *v;
	int err;

	if (vma_cut(addr) || vma_cut(addr + old_len))
		return -ENOMEM;
	v = vma_find(addr);
	err = move_pages(v, to, old_len);
	if (err)
		return err;
	place(v, to, to + new_len);
	return (long)to;
}

static long remap(uint64_t addr, uint64_t old_len, uint64_t new_len, int flags,
	uint64_t to, struct vma **dead)
{
	struct vma *v = vma_find(addr);
	int err;

	if (!v || v->start > addr || old_len > v->end - addr)
		return -EFAULT;
	if (v->flags & VMA_IMAGE)
		return -EPERM;
	if (new_len > old_len && v->prot & PROT_WRITE &&
		!(v->flags & VMA_SHARED) &&
		new_len >> PAGE_SHIFT > page_total())
		return -ENOMEM;
	if (flags & MREMAP_FIXED) {
		err = vma_carve(to, to + new_len, dead);
		if (err)
			return err;
	}
	if (new_len < old_len) {
		err = vma_carve(addr + new_len, addr + old_len, dead);
		if (err)
			return err;
		old_len = new_len;
	}
	if (flags & MREMAP_FIXED)
		return move(addr, old_len, to, new_len);
	if (new_len == old_len)
		return (long)addr;
	v = vma_find(addr);
	if (v->end == addr + old_len && room_after(v, addr + new_len)) {
		place(v, v->start, addr + new_len);
		return (long)addr;
	}
	if (!(flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	to = vma_find_room(0, new_len, 0);
	return to ? move(addr, old_len, to, new_len) : -ENOMEM;
}

long vma_remap(uint64_t addr, uint64_t old_len, uint64_t new_len, int flags,
	uint64_t new_addr)
{
	struct vma *dead = NULL;
	long at;

	if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED) ||
		!vma_range_ok(addr, &old_len) || !old_len || !new_len)
		return -EINVAL;
	if (new_len > ARCH_USER_MAX)
		return -ENOMEM;
	new_len = ALIGN_UP(new_len, PAGE_SIZE);
	if (flags & MREMAP_FIXED && (!(flags & MREMAP_MAYMOVE) ||
					    !vma_range_ok(new_addr, &new_len) ||
					    new_addr < ARCH_USER_MIN ||
					    (new_addr < addr + old_len &&
						    addr < new_addr + new_len)))
		return -EINVAL;
	mutex_lock(&vma_lock);
	at = remap(addr, old_len, new_len, flags, new_addr, &dead);
	if (at > 0)
		vma_join((uint64_t)at, (uint64_t)at + new_len, &dead);
	mutex_unlock(&vma_lock);
	vma_bury(dead);
	return at;
}
