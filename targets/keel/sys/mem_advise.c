/* SPDX-License-Identifier: Apache-2.0 */
/* System calls about the content of mappings: madvise, msync, mincore. */
#include <asm/errno.h>
#include <asm/mman.h>

#include "arch/arch.h"
#include "fs/file.h"
#include "mm/page.h"
#include "mm/uaccess.h"
#include "mm/vma.h"
#include "mm/vma_tree.h"
#include "sys/proto.h"

/* MADV_FREE is for private anonymous memory only. */
static int check_free(uint64_t start, uint64_t end)
{
	const struct vma *v;
	int err = 0;

	mutex_lock(&vma_lock);
	for (v = vma_find(start); v && v->start < end; v = vma_find(v->end))
		if (v->file || v->flags & VMA_SHARED)
			err = -EINVAL;
	mutex_unlock(&vma_lock);
	return err;
}

static int check_mapped(uint64_t start, uint64_t end)
{
	int err;

	mutex_lock(&vma_lock);
	err = vma_check_range(start, end);
	mutex_unlock(&vma_lock);
	return err;
}

long do_madvise(long addr, long n, long advice)
{
	uint64_t start = (uint64_t)addr, len = (uint64_t)n;
	int err;

	if (!vma_range_ok(start, &len))
		return -EINVAL;
	switch ((int)advice) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED: /* hints, nothing is promised */
	case MADV_DODUMP:
	case MADV_DONTDUMP: /* there are no dumps */
		return check_mapped(start, start + len);
	case MADV_FREE:
		err = check_free(start, start + len);
		if (err)
			return err;
		return vma_discard(start, len);
	case MADV_DONTNEED:
		return vma_discard(start, len);
	default:
		return -EINVAL;
	}
}

/* The next file with shared pages in [*start, end), with a reference; the
 * mapping's end goes to *start. */
static struct file *next_shared(uint64_t *start, uint64_t end)
{
	const struct vma *v;
	struct file *f = NULL;

	mutex_lock(&vma_lock);
	for (v = vma_find(*start); v && v->start < end && !f;
		v = vma_find(*start)) {
		if (v->flags & VMA_SHARED)
			f = v->file;
		*start = v->end;
	}
	if (f)
		file_get(f);
	mutex_unlock(&vma_lock);
	return f;
}

long do_msync(long addr, long n, long flags)
{
	uint64_t start = (uint64_t)addr, len = (uint64_t)n, end;
	struct file *f;
	long err;

	if ((int)flags & ~(MS_ASYNC | MS_SYNC | MS_INVALIDATE) ||
		(flags & MS_ASYNC && flags & MS_SYNC) ||
		start & (PAGE_SIZE - 1))
		return -EINVAL;
	if (!vma_range_ok(start, &len))
		return -ENOMEM;
	end = start + len;
	err = check_mapped(start, end);
	/* Mapped pages are the file's own: only the device may be behind. */
	while (!err && flags & MS_SYNC && (f = next_shared(&start, end))) {
		err = f->ops->fsync ? f->ops->fsync(f, true) : -EINVAL;
		file_put(f);
	}
	return err;
}

/* Of up to 64 pages; they are mapped from `va` on. */
static void residence(uint64_t va, unsigned char *vec, uint64_t n)
{
	unsigned pte;
	uint64_t pa;

	mutex_lock(&vma_lock);
	for (uint64_t i = 0; i < n; i++)
		vec[i] = !arch_lookup(va + i * PAGE_SIZE, &pa, &pte);
	mutex_unlock(&vma_lock);
}

long do_mincore(long addr, long n, long uvec)
{
	uint64_t start = (uint64_t)addr, len = (uint64_t)n;
	unsigned char vec[64], *to = (unsigned char *)uvec;
	long err;

	if (start & (PAGE_SIZE - 1))
		return -EINVAL;
	if (!vma_range_ok(start, &len))
		return -ENOMEM;
	err = check_mapped(start, start + len);
	for (len >>= PAGE_SHIFT; len && !err;) {
		uint64_t part = MIN(len, sizeof(vec));

		residence(start, vec, part);
		err = copy_to_user(to, vec, part);
		start += part * PAGE_SIZE;
		to += part;
		len -= part;
	}
	return err;
}
