/* SPDX-License-Identifier: Apache-2.0 */
/* Why each function and object is in a kernel: who refers to it. */
#ifndef TOOLCHAIN_REFS_H
#define TOOLCHAIN_REFS_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "toolchain/elf.h"
#include "toolchain/ldmap.h"
#include "toolchain/symbols.h"

enum refs_how {
	REFS_NOT,     /* not reached yet: of refs_read's own work */
	REFS_ROOT,    /* the entry of the program or of the kernel */
	REFS_STRONG,  /* the parent refers to it */
	REFS_WEAK,    /* the same, but only if something else links it */
	REFS_SECTION, /* in one section with the parent */
	REFS_KEPT,    /* the linker script keeps it; no parent */
};

/* A function, an object, or a section that has no name. */
struct refs_node {
	uint64_t addr, size;
	const char *name;     /* in the ELF file; "" */
	size_t symbol, nsyms; /* its names in the symbols that were given */
	long section;         /* in the map */
	long parent;          /* or -1 */
	enum refs_how how;
};

struct refs {
	struct refs_node *v; /* sorted by address */
	size_t n;
};

/*
 * `f` was linked with --emit-relocs, `map` is its map. Chains of parents end
 * at _start where the program leads to a thing by strong references, then
 * at the kernel's entry; weak references of the archives below `sysroot`
 * come last, since they link nothing by themselves.
 */
int refs_read(struct refs *r, const struct elf *f, const struct ldmap *map,
	const struct symbols *syms, const char *sysroot, struct err *e);
void refs_free(struct refs *r);
#define _refs_ __attribute__((cleanup(refs_free)))

/* The node that holds addr, or -1. */
long refs_find(const struct refs *r, const struct ldmap *map, uint64_t addr);

#endif
