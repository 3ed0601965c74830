/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the right to write from pages of files that are to be written out. */
#include "arch/arch.h"
#include "fs/file.h"
#include "mm/page.h"
#include "mm/page_flags.h"
#include "mm/vma.h"
#include "mm/vma_tree.h"

static void protect(const struct vma *v, uint64_t va, uint64_t end)
{
	uint64_t pa;
	unsigned pte;

	for (; (va = arch_next_mapped(va, end)) < end; va += PAGE_SIZE) {
		arch_lookup(va, &pa, &pte);
		/* The entry is there: this allocates nothing. */
		if (pte & ARCH_PTE_WRITE &&
			!(page_of_pa(pa)->flags & PAGE_ANON))
			arch_protect(va, v->prot & ~(unsigned)ARCH_W);
	}
}

void vma_protect_inode(struct inode *ino, uint64_t index, uint64_t npages)
{
	struct vma *v;

	mutex_lock(&vma_lock);
	for (v = vma_find(0); v; v = vma_find(v->end)) {
		uint64_t first = v->offset >> PAGE_SHIFT, last;

		if (!v->file || v->file->inode != ino ||
			!(v->flags & VMA_SHARED))
			continue;
		last = first + ((v->end - v->start) >> PAGE_SHIFT);
		first = MAX(index, first);
		last = MIN(index + npages, last);
		if (first < last)
			protect(v, v->start + (first << PAGE_SHIFT) - v->offset,
				v->start + (last << PAGE_SHIFT) - v->offset);
	}
	mutex_unlock(&vma_lock);
}
