/* SPDX-License-Identifier: Apache-2.0 */
/* What is mapped, for /proc and others that walk all of it. */
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

const struct inode *vma_shared_file(uint64_t addr, uint64_t *offset)
{
	const struct inode *ino = NULL;
	const struct vma *v;

	mutex_lock(&vma_lock);
	v = vma_find(addr);
	if (v && v->start <= addr && v->flags & VMA_SHARED && v->file) {
		ino = v->file->inode;
		*offset = v->offset + (addr - v->start);
	}
	mutex_unlock(&vma_lock);
	return ino;
}
