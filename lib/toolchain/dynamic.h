/* SPDX-License-Identifier: Apache-2.0 */
/* What an ELF file asks of the dynamic loader. Trusts nothing in the file. */
#ifndef TOOLCHAIN_DYNAMIC_H
#define TOOLCHAIN_DYNAMIC_H

#include "core/err.h"
#include "toolchain/elf.h"

/* A view of the dynamic section and its strings; lives as long as the file. */
struct dynamic {
	const unsigned char *entries;
	size_t n;
	const char *strings;
	size_t nstrings;
};

/* Nonzero if there is one. */
int dynamic_open(const struct elf *f, struct dynamic *d);
/* Calls for each string of a tag (DT_NEEDED, DT_RUNPATH); stops at the first
 * that is not 0. */
typedef int dynamic_fn(const char *s, void *arg, struct err *e);
int dynamic_each(const struct dynamic *d, int64_t tag, dynamic_fn *fn,
	void *arg, struct err *e);
/* The first string of a tag, or NULL. */
const char *dynamic_string(const struct dynamic *d, int64_t tag);
/* PT_INTERP: the path of its loader, or NULL; caller frees. */
char *dynamic_interpreter(const struct elf *f);
/* Calls for the name of each symbol that others must define. */
typedef void dynamic_symbol_fn(const char *name, void *arg);
void dynamic_wanted(const struct elf *f, dynamic_symbol_fn *fn, void *arg);

#endif
