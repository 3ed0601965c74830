/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of mappings, for the parts of mm only. */
#ifndef MM_VMA_TREE_H
#define MM_VMA_TREE_H

#include "kern/types.h"
#include "sched/waitq.h"

struct file;
struct page;

enum {
	VMA_SHARED = 1,
	VMA_IMAGE = 2, /* keel and the program: nobody changes it */
};

/*
 * Mappings that do not overlap, as a treap ordered by address: a random
 * priority keeps it balanced. Each node knows of its subtree the lowest and
 * the highest address and the largest gap inside, to find free room.
 */
struct vma {
	uint64_t start, end;
	uint64_t offset;   /* of start in the file */
	struct file *file; /* NULL: anonymous; else we hold a reference */
	const char *name;
	uint8_t prot; /* PROT_* and ARCH_* are the same bits */
	uint8_t flags;
	uint32_t priority;
	struct vma *left, *right;
	uint64_t min, max, gap;
};

/*
 * Held over all that looks at or changes the tree or the page tables of
 * the program's range; never while a file works, so that files may call
 * vma_zap_inode under locks of their own.
 */
extern struct mutex vma_lock;
extern uint64_t vma_generation; /* under vma_lock: grows by each change */

/* All of these with vma_lock held. */
struct vma *vma_find(uint64_t addr); /* first that ends above, or NULL */
void vma_add(struct vma *v);         /* fields up to flags are set */
void vma_remove(struct vma *v);
/* Highest start of `len` free bytes in [lo, hi), 0 if there are none. */
uint64_t vma_find_gap(uint64_t len, uint64_t lo, uint64_t hi);
/* Room for a mapping, best at `hint`; MAP_32BIT, MAP_GROWSDOWN count. */
uint64_t vma_find_room(uint64_t hint, uint64_t len, int flags);
int vma_cut(uint64_t addr); /* no mapping crosses addr then; -ENOMEM */
/* Joins equal neighbours from the one that ends at `start` to the one that
 * begins at `end`; what is left over goes to *dead. */
void vma_join(uint64_t start, uint64_t end, struct vma **dead);
/* Cuts out all of [start, end) with its pages; -EPERM, -ENOMEM. */
int vma_carve(uint64_t start, uint64_t end, struct vma **dead);
/* Whether [start, end) is mapped throughout: 0, -ENOMEM. */
int vma_check_range(uint64_t start, uint64_t end);

/* Frees a list of removed mappings; without vma_lock. */
void vma_bury(struct vma *dead);

/* Whether addr is page-aligned and [addr, addr + len) is the program's;
 * rounds *len up to pages. */
bool vma_range_ok(uint64_t addr, uint64_t *len);

/* 0, -EINVAL, -EACCES: what the kind of mapping says to these rights. */
int vma_check_prot(const struct file *f, unsigned prot, bool shared);

/* Pages, vma_pages.c, with vma_lock held. */
void vma_zap(uint64_t start, uint64_t end);
/* Maps the page at va with the rights that v has; on success the mapping has
 * the caller's reference. `dirty`: a page of a shared file that may be written.
 */
int vma_set_page(const struct vma *v, uint64_t va, struct page *p, bool dirty);
/* After a change of v->prot. */
int vma_update_pages(const struct vma *v);

/* Registers the shrinker of mapped files; before that of the files. */
void vma_shrink_init(void);

/* As vma_fault, but -ENOMEM when memory is short. Without vma_lock. */
int vma_fault_in(uint64_t va, unsigned access, int *code);

#endif
