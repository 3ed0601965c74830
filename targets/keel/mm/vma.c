/* SPDX-License-Identifier: Apache-2.0 */
/* Making and removing mappings, and where they go. */
#include "mm/vma.h"

#include <asm/errno.h>
#include <asm/mman.h>
#include <linux/fcntl.h>
#include <linux/mman.h>

#include "arch/arch.h"
#include "fs/file.h"
#include "kern/boot.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/vma_tree.h"

#define GIB (1UL << 30)

enum {
	PROT_ALL = PROT_READ | PROT_WRITE | PROT_EXEC,
	/* What MAP_SHARED_VALIDATE lets pass: the flags that are older. */
	VALIDATED = MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT |
		    MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE |
		    MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK |
		    MAP_STACK | MAP_HUGETLB,
};

static uint64_t map_top; /* mappings go below it; random per boot */

bool vma_range_ok(uint64_t addr, uint64_t *len)
{
	uint64_t n = ALIGN_UP(*len, PAGE_SIZE);

	if (addr & (PAGE_SIZE - 1) || n < *len || addr > ARCH_USER_MAX ||
		n > ARCH_USER_MAX - addr)
		return false;
	*len = n;
	return true;
}

/* What the file and the kind of mapping say to these rights. */
int vma_check_prot(const struct file *f, unsigned prot, bool shared)
{
	unsigned mode = f ? f->flags & O_ACCMODE : O_RDWR;

	if (prot & ~(unsigned)PROT_ALL)
		return -EINVAL;
	if (prot & PROT_WRITE && prot & PROT_EXEC)
		return -EACCES;
	if (!f || !shared)
		return 0;
	/* A shared page of a file can be written by its file. */
	if (prot & PROT_EXEC || (prot & PROT_WRITE && mode != O_RDWR))
		return -EACCES;
	return 0;
}

static int check_request(int prot, int flags, const struct file *f,
	uint64_t offset, uint64_t len)
{
	int type = flags & MAP_TYPE;

	if (type == MAP_SHARED_VALIDATE && f) {
		/* MAP_SYNC most of all: no memory here outlives the machine. */
		if (flags & ~VALIDATED)
			return -EOPNOTSUPP;
	} else if (type != MAP_PRIVATE && type != MAP_SHARED) {
		return -EINVAL;
	}
	if (flags & MAP_GROWSDOWN)
		return -EOPNOTSUPP;
	if (flags & MAP_HUGETLB)
		return -ENOMEM; /* none are set aside, as on a stock Linux */
	if (offset & (PAGE_SIZE - 1))
		return -EINVAL;
	if (f && offset + len < offset)
		return -EOVERFLOW;
	if (f && !f->ops->get_page)
		return -ENODEV;
	if (f && (f->flags & O_ACCMODE) == O_WRONLY)
		return -EACCES;
	/* More than there can ever be, and the program wants to fill it. */
	if (prot & PROT_WRITE && type == MAP_PRIVATE &&
		!(flags & MAP_NORESERVE) && len >> PAGE_SHIFT > page_total())
		return -ENOMEM;
	return vma_check_prot(f, (unsigned)prot, type != MAP_PRIVATE);
}

uint64_t vma_find_room(uint64_t hint, uint64_t len, int flags)
{
	struct vma *v;
	uint64_t at;

	if (flags & MAP_32BIT)
		return vma_find_gap(len, GIB, 2 * GIB);
	hint = ALIGN_DOWN(hint, PAGE_SIZE);
	if (hint >= ARCH_USER_MIN && hint < ARCH_USER_MAX - len) {
		v = vma_find(hint);
		if (!v || v->start >= hint + len)
			return hint;
	}
	at = vma_find_gap(len, ARCH_USER_MIN, map_top);
	return at ? at : vma_find_gap(len, ARCH_USER_MIN, ARCH_USER_MAX);
}

/* With vma_lock held: makes room for the mapping, says where. */
static long make_room(uint64_t addr, uint64_t len, int flags, struct vma **dead)
{
	struct vma *v;

	if (!(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))) {
		addr = vma_find_room(addr, len, flags);
		return addr ? (long)addr : -ENOMEM;
	}
	if (addr & (PAGE_SIZE - 1))
		return -EINVAL;
	if (addr < ARCH_USER_MIN)
		return -EPERM;
	if (addr > ARCH_USER_MAX || len > ARCH_USER_MAX - addr)
		return -ENOMEM;
	if (flags & MAP_FIXED_NOREPLACE) {
		v = vma_find(addr);
		return v && v->start < addr + len ? -EEXIST : (long)addr;
	}
	if (vma_carve(addr, addr + len, dead) == -EPERM)
		return -EPERM;
	v = vma_find(addr);
	return v && v->start < addr + len ? -ENOMEM : (long)addr;
}

/* Takes `new`, whose address is still open. */
static long map(struct vma *new, uint64_t addr, uint64_t len, int flags)
{
	struct vma *dead = NULL;
	long at;

	mutex_lock(&vma_lock);
	at = make_room(addr, len, flags, &dead);
	if (at < 0) {
		new->left = dead;
		dead = new;
	} else {
		new->start = (uint64_t)at;
		new->end = new->start + len;
		vma_add(new);
		vma_join(new->start, new->end, &dead);
	}
	mutex_unlock(&vma_lock);
	vma_bury(dead);
	return at;
}

static struct vma *new_vma(
	int prot, int flags, struct file *f, uint64_t offset, const char *name)
{
	struct vma *v = kzalloc(sizeof(*v));

	if (!v)
		return NULL;
	v->prot = prot & PROT_ALL;
	v->flags = (flags & MAP_TYPE) == MAP_PRIVATE ? 0 : VMA_SHARED;
	v->file = f;
	v->offset = offset;
	v->name = name;
	if (f)
		file_get(f);
	return v;
}

int vma_populate(uint64_t addr, uint64_t len)
{
	uint64_t end = addr + len;
	int err = 0, code;

	while (addr < end && !err) {
		struct vma *v;
		unsigned access;

		mutex_lock(&vma_lock);
		v = vma_find(addr);
		access = v && v->prot & PROT_WRITE ? FAULT_WRITE : 0;
		if (!v)
			addr = end;
		else if (v->start > addr)
			addr = v->start;
		else if (v->flags & VMA_IMAGE || !v->prot)
			addr = v->end;
		else
			v = NULL;
		mutex_unlock(&vma_lock);
		if (v || addr >= end)
			continue;
		err = vma_fault_in(addr, access, &code);
		addr += PAGE_SIZE;
	}
	return err ? -ENOMEM : 0;
}

long vma_map(uint64_t addr, uint64_t len, int prot, int flags, struct file *f,
	uint64_t offset)
{
	struct vma *v;
	long at;
	int err;

	if (!len)
		return -EINVAL;
	if (len > ARCH_USER_MAX)
		return -ENOMEM;
	len = ALIGN_UP(len, PAGE_SIZE);
	err = check_request(prot, flags, f, offset, len);
	if (err)
		return err;
	v = new_vma(prot, flags, f, offset, NULL);
	if (!v)
		return -ENOMEM;
	at = map(v, addr, len, flags);
	if (at > 0 && flags & (MAP_POPULATE | MAP_LOCKED) &&
		!(flags & MAP_NONBLOCK))
		vma_populate((uint64_t)at, len);
	return at;
}

long vma_map_named(
	uint64_t addr, uint64_t len, int prot, int flags, const char *name)
{
	struct vma *v = new_vma(prot, flags, NULL, 0, name);

	return v ? map(v, addr, ALIGN_UP(len, PAGE_SIZE), flags) : -ENOMEM;
}

long vma_unmap(uint64_t addr, uint64_t len)
{
	struct vma *dead = NULL;
	int err;

	if (!len || !vma_range_ok(addr, &len))
		return -EINVAL;
	mutex_lock(&vma_lock);
	err = vma_carve(addr, addr + len, &dead);
	mutex_unlock(&vma_lock);
	vma_bury(dead);
	return err;
}

void vma_image(uint64_t start, uint64_t end, unsigned prot)
{
	struct vma *v;

	if (start == end)
		return;
	v = kzalloc(sizeof(*v));
	if (!v)
		page_not_enough(PAGE_SIZE);
	v->start = start;
	v->end = end;
	v->prot = (uint8_t)prot;
	v->flags = VMA_IMAGE;
	v->name = "[image]";
	vma_add(v);
}

void vma_init(void)
{
	/* 40 random bits, as far as 28 of pages go on Linux; the stack is in
	 * the 32 GiB above. */
	map_top = ARCH_USER_MAX - 32 * GIB - (boot_random() & 0xfffffff000);
	vma_shrink_init();
}
