/* SPDX-License-Identifier: Apache-2.0 */
/* Mappings of the program's address space. */
#ifndef MM_VMA_H
#define MM_VMA_H

#include "kern/types.h"

struct file;
struct inode;

/*
 * File-backed mappings reach the file only through its operations
 * (fs/file.h: get_page), so that a program that opens nothing links no
 * file system.
 */

/* As mmap(2): the address, or a negative errno. Takes its own reference
 * to `f` (NULL: anonymous). prot and flags are Linux's (asm/mman.h). */
long vma_map(uint64_t addr, uint64_t len, int prot, int flags, struct file *f,
	uint64_t offset);
long vma_unmap(uint64_t addr, uint64_t len);
/*
 * A region with a name for /proc/self/maps ("[heap]"; names are compared by
 * address). No limit but the address space.
 */
long vma_map_named(
	uint64_t addr, uint64_t len, int prot, int flags, const char *name);

/* Drops all mapped pages of an inode from `index` on (truncate): the next
 * touch asks the file again and may end in SIGBUS. Called by fs. */
void vma_zap_inode(struct inode *ino, uint64_t index);

/* Takes the right to write from all shared mappings of these pages: the next
 * write asks the file again. */
void vma_protect_inode(struct inode *ino, uint64_t index, uint64_t npages);

/*
 * A page fault at `va`. 0: resolved; else the signal to deliver (SIGSEGV,
 * SIGBUS) with its si_code in *code. May sleep. Called by arch. When there
 * is no memory for the page, it ends the program: a line on standard error,
 * status 128 + SIGKILL.
 */
enum { FAULT_WRITE = 1, FAULT_EXEC = 2 };
int vma_fault(uint64_t va, unsigned access, int *code);

/* Walks mappings in address order for /proc/self/maps and sizes. */
struct vma_info {
	uint64_t start, end, offset, rss;
	int prot, shared;
	const char *name;  /* NULL, or "[heap]", "[stack]", ... */
	struct file *file; /* or NULL */
};
/* First mapping that ends above `addr`; 0, or -ENOENT. */
int vma_next(uint64_t addr, struct vma_info *out);
/* Whether `addr` is in a shared mapping of a file: its inode, as a name for
 * it without a reference, and the offset there; else NULL. */
const struct inode *vma_shared_file(uint64_t addr, uint64_t *offset);

void vma_init(void);
/* A part of the image, as arch has mapped it: known, never changed. */
void vma_image(uint64_t start, uint64_t end, unsigned prot);

/* As mprotect(2), mremap(2). No memory is both PROT_WRITE and PROT_EXEC:
 * -EACCES. The image keeps its rights: -EACCES, -EPERM. */
int vma_protect(uint64_t addr, uint64_t len, int prot);
long vma_remap(uint64_t addr, uint64_t old_len, uint64_t new_len, int flags,
	uint64_t new_addr);
/* As brk(2) of the kernel: moves the heap's end, the value is where it is. */
uint64_t vma_brk(uint64_t end);
/* Backs all of the range with memory now; -ENOMEM. */
int vma_populate(uint64_t addr, uint64_t len);
/* Drops the range's own pages: anonymous memory reads as zeros again, and
 * files anew. Shared anonymous memory keeps its content. -ENOMEM: part of
 * the range is not mapped (the rest is done); -EPERM. */
int vma_discard(uint64_t addr, uint64_t len);

#endif
