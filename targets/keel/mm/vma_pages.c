/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of mappings: taking them away, giving them their rights. */
#include <asm/errno.h>

#include "arch/arch.h"
#include "fs/file.h"
#include "mm/page.h"
#include "mm/page_flags.h"
#include "mm/vma.h"
#include "mm/vma_tree.h"

void vma_zap(uint64_t start, uint64_t end)
{
	uint64_t va = start, pa;
	unsigned pte;

	while ((va = arch_next_mapped(va, end)) < end) {
		arch_unmap(va, &pa, &pte);
		page_put(page_of_pa(pa));
		va += PAGE_SIZE;
	}
	arch_free_tables(start, end);
	vma_generation++;
}

/* While a page can be executed, nobody writes it, also not by the direct
 * map. Only pages of our own come here with the right to be executed. */
static int set_direct(struct page *p, unsigned prot)
{
	bool rdonly = p->flags & PAGE_RDONLY;
	int err;

	if (!(prot & ARCH_X) == !rdonly)
		return 0;
	err = arch_direct_protect(
		page_pa(p), 1, rdonly ? ARCH_R | ARCH_W : ARCH_R);
	if (!err)
		p->flags ^= PAGE_RDONLY;
	return err;
}

int vma_set_page(const struct vma *v, uint64_t va, struct page *p, bool dirty)
{
	unsigned prot = v->prot;
	int err = 0;

	if (prot)
		prot |= ARCH_R;
	if (p->flags & PAGE_ANON)
		err = set_direct(p, prot);
	else if (!dirty)
		prot &= ~(unsigned)ARCH_W;
	return err ? err : arch_map(va, page_pa(p), prot);
}

int vma_update_pages(const struct vma *v)
{
	uint64_t va = v->start, pa;
	unsigned pte;

	for (; (va = arch_next_mapped(va, v->end)) < v->end; va += PAGE_SIZE) {
		struct page *p;
		int err = 0;

		arch_lookup(va, &pa, &pte);
		p = page_of_pa(pa);
		if (v->prot & ARCH_X && !(p->flags & PAGE_ANON)) {
			arch_unmap(va, &pa, &pte); /* the next touch copies */
			page_put(p);
		} else {
			err = vma_set_page(v, va, p, pte & ARCH_PTE_WRITE);
		}
		if (err)
			return err;
	}
	return 0;
}

/* Here and not elsewhere: files call it by a weak reference, which finds it
 * only in an object that every program with mappings has. */
void vma_zap_inode(struct inode *ino, uint64_t index)
{
	struct vma *v;

	mutex_lock(&vma_lock);
	for (v = vma_find(0); v; v = vma_find(v->end)) {
		uint64_t first = v->offset >> PAGE_SHIFT, skip;

		if (!v->file || v->file->inode != ino)
			continue;
		skip = index > first ? (index - first) << PAGE_SHIFT : 0;
		if (skip < v->end - v->start)
			vma_zap(v->start + skip, v->end);
	}
	vma_generation++;
	mutex_unlock(&vma_lock);
}
