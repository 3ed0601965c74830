/* SPDX-License-Identifier: Apache-2.0 */
/* Page faults: demand zero, copy on write, pages of files. */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <asm/signal.h>

#include "arch/arch.h"
#include "fs/file.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/page.h"
#include "mm/page_flags.h"
#include "mm/vma.h"
#include "mm/vma_tree.h"

static struct page *zero_page; /* what is read before it is written */

static struct page *anon_page(unsigned flags)
{
	struct page *p = page_alloc(flags);

	if (p)
		p->flags |= PAGE_ANON;
	return p;
}

static struct page *get_zero_page(void)
{
	if (!zero_page)
		zero_page = page_alloc(PAGE_ZERO);
	if (zero_page)
		page_get(zero_page);
	return zero_page;
}

/*
 * The file's page for va, with a reference. vma_lock is released while the
 * file works: -EAGAIN if mappings, or what is mapped there, changed
 * meanwhile.
 */
static int file_page(
	const struct vma *v, uint64_t va, bool write, struct page **out)
{
	uint64_t index = (v->offset + (va - v->start)) >> PAGE_SHIFT;
	uint64_t generation = vma_generation, before = 0, now = 0;
	struct file *f = v->file;
	unsigned pte;
	int err;

	arch_lookup(va, &before, &pte);
	file_get(f);
	mutex_unlock(&vma_lock);
	err = f->ops->get_page(f, index, write, out);
	file_put(f);
	mutex_lock(&vma_lock);
	arch_lookup(va, &now, &pte);
	if (generation == vma_generation && before == now)
		return err;
	if (!err)
		page_put(*out);
	return -EAGAIN;
}

/* The page that the mapping shall have at va; `own`: one of its own. */
static int new_page(const struct vma *v, uint64_t va, bool write, bool own,
	struct page **out)
{
	struct page *p;
	int err;

	if (!v->file) {
		*out = own ? anon_page(PAGE_ZERO) : get_zero_page();
		return *out ? 0 : -ENOMEM;
	}
	err = file_page(v, va, write && v->flags & VMA_SHARED, out);
	if (err || v->flags & VMA_SHARED || !own)
		return err;
	p = anon_page(0);
	if (p)
		memcpy(page_va(p), page_va(*out), PAGE_SIZE);
	page_put(*out);
	*out = p;
	return p ? 0 : -ENOMEM;
}

static bool allowed(const struct vma *v, unsigned access)
{
	if (v->flags & VMA_IMAGE)
		return false; /* always mapped with all rights that it has */
	if (access & FAULT_WRITE)
		return v->prot & ARCH_W;
	if (access & FAULT_EXEC)
		return v->prot & ARCH_X;
	return v->prot;
}

/* With vma_lock held. */
static int fault(uint64_t va, unsigned access, int *code)
{
	const struct vma *v = vma_find(va);
	bool write = access & FAULT_WRITE;
	struct page *p;
	unsigned pte;
	uint64_t pa;
	int err;

	if (!v || v->start > va) {
		*code = SEGV_MAPERR;
		return SIGSEGV;
	}
	if (!allowed(v, access)) {
		*code = SEGV_ACCERR;
		return SIGSEGV;
	}
	if (!arch_lookup(va, &pa, &pte)) {
		p = page_of_pa(pa);
		/* Only its entry is behind what the mapping allows. */
		if (p->flags & PAGE_ANON || !write)
			return vma_set_page(v, va, p, pte & ARCH_PTE_WRITE);
	}
	err = new_page(v, va, write, write || v->prot & ARCH_X, &p);
	if (err)
		return err;
	if (!arch_unmap(va, &pa, &pte))
		page_put(page_of_pa(pa));
	err = vma_set_page(v, va, p, write);
	if (err)
		page_put(p);
	return err;
}

int vma_fault_in(uint64_t va, unsigned access, int *code)
{
	int err;

	do {
		mutex_lock(&vma_lock);
		err = fault(ALIGN_DOWN(va, PAGE_SIZE), access, code);
		mutex_unlock(&vma_lock);
	} while (err == -EAGAIN);
	if (err >= 0 || err == -ENOMEM)
		return err;
	*code = BUS_ADRERR;
	return SIGBUS;
}

int vma_fault(uint64_t va, unsigned access, int *code)
{
	int err = vma_fault_in(va, access, code);

	if (err != -ENOMEM)
		return err;
	kmsg("out of memory: the program needs more than %lu MiB\n",
		page_total() >> 8);
	machine_exit(128 + SIGKILL);
}
