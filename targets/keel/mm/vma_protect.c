/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the rights of mappings, and dropping their content. */
#include <asm/errno.h>
#include <asm/mman.h>

#include "fs/file.h"
#include "mm/page.h"
#include "mm/vma.h"
#include "mm/vma_tree.h"

/* Whether all of the range is mapped and may have these rights. Nothing to
 * change in the image is fine there, too. */
static int check(uint64_t start, uint64_t end, unsigned prot)
{
	uint64_t grows = 0;

	while (start < end) {
		const struct vma *v = vma_find(start);
		int err;

		if (!v || v->start > start)
			return -ENOMEM;
		if (v->flags & VMA_IMAGE && v->prot != prot)
			return -EACCES;
		err = vma_check_prot(v->file, prot, v->flags & VMA_SHARED);
		if (err)
			return err;
		if (prot & PROT_WRITE && !v->prot && !(v->flags & VMA_SHARED))
			grows += MIN(v->end, end) - start;
		start = v->end;
	}
	return grows >> PAGE_SHIFT > page_total() ? -ENOMEM : 0;
}

int vma_protect(uint64_t addr, uint64_t len, int prot)
{
	struct vma *dead = NULL, *v;
	uint64_t end;
	int err;

	if (!vma_range_ok(addr, &len))
		return addr & (PAGE_SIZE - 1) ? -EINVAL : -ENOMEM;
	err = vma_check_prot(NULL, (unsigned)prot, false);
	if (err || !len)
		return err;
	end = addr + len;
	mutex_lock(&vma_lock);
	err = check(addr, end, (unsigned)prot);
	if (err)
		goto out;
	if (vma_cut(addr) || vma_cut(end)) {
		err = -ENOMEM;
		goto out;
	}
	for (v = vma_find(addr); v && v->start < end; v = vma_find(v->end)) {
		if (v->flags & VMA_IMAGE)
			continue;
		v->prot = (uint8_t)prot;
		vma_generation++;
		err = vma_update_pages(v);
		if (err)
			break;
	}
	vma_join(addr, end, &dead);
out:
	mutex_unlock(&vma_lock);
	vma_bury(dead);
	return err;
}

int vma_discard(uint64_t addr, uint64_t len)
{
	uint64_t end = addr + len;
	struct vma *v;
	int err = 0;

	mutex_lock(&vma_lock);
	while (addr < end) {
		v = vma_find(addr);
		if (!v || v->start > addr)
			err = -ENOMEM;
		if (!v || v->start >= end)
			break;
		addr = MAX(addr, v->start);
		if (v->flags & VMA_IMAGE) {
			err = -EPERM;
			break;
		}
		if (v->file || !(v->flags & VMA_SHARED))
			vma_zap(addr, MIN(v->end, end));
		addr = v->end;
	}
	mutex_unlock(&vma_lock);
	return err;
}
