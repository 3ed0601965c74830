/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of a kernel by address, and the table keel shows them from. */
#ifndef TOOLCHAIN_SYMBOLS_H
#define TOOLCHAIN_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "toolchain/elf.h"

struct symbol {
	uint64_t addr, size;
	const char *name; /* in the ELF file */
	int func;
	int local;
};

struct symbols {
	struct symbol *v; /* sorted by address; functions and objects */
	size_t n;
};

void symbols_read(struct symbols *s, const struct elf *f);
void symbols_free(struct symbols *s);
#define _symbols_ __attribute__((cleanup(symbols_free)))

/* The symbol that holds addr, else NULL. */
const struct symbol *symbols_find(const struct symbols *s, uint64_t addr);
/* Value of a symbol by name; -ENOENT. Also finds those of a linker script. */
int symbols_value(const struct elf *f, const char *name, uint64_t *value);

/* The section .keel.symbols (kern/backtrace.h) for functions in
 * [start, end). */
void symbols_table(
	const struct symbols *s, uint64_t start, uint64_t end, struct buf *out);

#endif
