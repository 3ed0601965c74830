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
/* A region with a name for /proc/self/maps ("[stack]"), grows on demand. */
long vma_map_named(uint64_t addr, uint64_t len, int prot, int flags,
	const char *name);

/* Drops all mapped pages of an inode from `index` on (truncate): the next
 * touch asks the file again and may end in SIGBUS. Called by fs. */
void vma_zap_inode(struct inode *ino, uint64_t index);

/*
 * A page fault at `va`. 0: resolved; else the signal to deliver (SIGSEGV,
 * SIGBUS) with its si_code in *code. May sleep. Called by arch.
 */
enum { FAULT_WRITE = 1, FAULT_EXEC = 2 };
int vma_fault(uint64_t va, unsigned access, int *code);

/* Walks mappings in address order for /proc/self/maps and sizes. */
struct vma_info {
	uint64_t start, end, offset, rss;
	int prot, shared;
	const char *name;   /* NULL, or "[heap]", "[stack]", ... */
	struct file *file;  /* or NULL */
};
/* First mapping that ends above `addr`; 0, or -ENOENT. */
int vma_next(uint64_t addr, struct vma_info *out);

void vma_init(void);

#endif
