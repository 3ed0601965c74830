/* SPDX-License-Identifier: Apache-2.0 */
/* What is mapped, for /proc; and pages that a file takes back. */
#include <asm/errno.h>

#include "arch/arch.h"
#include "fs/file.h"
#include "mm/page.h"
#include "mm/vma.h"
#include "mm/vma_tree.h"

static uint64_t resident(uint64_t va, uint64_t end)
{
	uint64_t n = 0;

	for (; (va = arch_next_mapped(va, end)) < end; va += PAGE_SIZE)
		n++;
	return n * PAGE_SIZE;
}

int vma_next(uint64_t addr, struct vma_info *out)
{
	const struct vma *v;

	mutex_lock(&vma_lock);
	v = vma_find(addr);
	if (v)
		*out = (struct vma_info){.start = v->start,
			.end = v->end,
			.offset = v->file ? v->offset : 0,
			.rss = resident(v->start, v->end),
			.prot = v->prot,
			.shared = v->flags & VMA_SHARED ? 1 : 0,
			.name = v->name,
			.file = v->file};
	mutex_unlock(&vma_lock);
	return v ? 0 : -ENOENT;
}

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
