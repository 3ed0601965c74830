/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of a kernel by address, and the table keel shows them from. */
#include "toolchain/symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "toolchain/pack.h"

void symbols_free(struct symbols *s)
{
	free(s->v);
	*s = (struct symbols){0};
}

/* By address; at one address global functions before local ones, then by
 * name, so that the order does not depend on the linker's. */
static int by_addr(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	if (x->func != y->func)
		return y->func - x->func;
	if (x->local != y->local)
		return x->local - y->local;
	return strcmp(x->name, y->name);
}

void symbols_read(struct symbols *s, const struct elf *f)
{
	struct elf_symbols it = {0};
	const char *name;
	Elf64_Sym sym;
	size_t cap = 0;

	*s = (struct symbols){0};
	while (elf_next_symbol(f, &it, &sym, &name)) {
		int type = ELF64_ST_TYPE(sym.st_info);

		if ((type != STT_FUNC && type != STT_OBJECT) ||
			sym.st_shndx == SHN_UNDEF || !*name)
			continue;
		if (s->n == cap) {
			cap = cap ? 2 * cap : 256;
			s->v = xreallocarray(s->v, cap, sizeof(*s->v));
		}
		s->v[s->n++] = (struct symbol){sym.st_value, sym.st_size, name,
			type == STT_FUNC,
			ELF64_ST_BIND(sym.st_info) == STB_LOCAL};
	}
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_addr);
}

const struct symbol *symbols_find(const struct symbols *s, uint64_t addr)
{
	size_t lo = 0, hi = s->n;
	uint64_t start;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->v[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return NULL;
	start = s->v[--lo].addr;
	while (lo && s->v[lo - 1].addr == start)
		lo--;
	/* Code in assembly may have no size. */
	if (s->v[lo].size && addr - start >= s->v[lo].size)
		return NULL;
	return &s->v[lo];
}

int symbols_value(const struct elf *f, const char *name, uint64_t *value)
{
	struct elf_symbols it = {0};
	const char *at;
	Elf64_Sym sym;

	while (elf_next_symbol(f, &it, &sym, &at)) {
		if (!strcmp(at, name) && sym.st_shndx != SHN_UNDEF) {
			*value = sym.st_value;
			return 0;
		}
	}
	return -ENOENT;
}

/* As in kern/backtrace.h: what keel shows of a name, what it unpacks. */
enum { NAME_MAX_LEN = 63, SYMBOLS_CHUNK = 8192, ENTRY_MAX = 80 };

static void add_uleb(struct buf *b, uint64_t v)
{
	do {
		unsigned char c = v & 127;

		v >>= 7;
		if (v)
			c |= 128;
		buf_add(b, &c, 1);
	} while (v);
}

/* Bit 7 marks ends: a name that uses it itself is left out. */
static int is_ascii(const char *s)
{
	while (*s && !(*s & 128))
		s++;
	return !*s;
}

/* A chunk: how far its functions are from the start, its size, itself. */
static void add_chunk(struct buf *out, uint64_t at, struct buf *plain)
{
	_buf_ struct buf block = {0};

	if (!plain->len)
		return;
	pack_block(plain->data, plain->len, &block);
	buf_add_le(out, at, 4);
	buf_add_le(out, block.len, 2);
	buf_add(out, block.data, block.len);
	plain->len = 0;
}

void symbols_table(
	const struct symbols *s, uint64_t start, uint64_t end, struct buf *out)
{
	uint64_t at = start, first = start, last = UINT64_MAX;
	_buf_ struct buf plain = {0};
	const char *before = "";
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct symbol *sym = &s->v[i];
		const char *name = sym->name;
		unsigned char shared = 0;
		size_t len;

		if (!sym->func || sym->addr < start || sym->addr >= end ||
			sym->addr == last || !is_ascii(name))
			continue;
		if (strncmp(name, "keel_", 5) == 0 && name[5])
			name += 5;
		len = strnlen(name, NAME_MAX_LEN);
		if (plain.len + ENTRY_MAX > SYMBOLS_CHUNK)
			add_chunk(out, first - start, &plain);
		if (!plain.len) {
			first = at = sym->addr;
			before = "";
		}
		/* One character at least is left, to bear the end mark. */
		while (shared + 1U < len && name[shared] == before[shared])
			shared++;
		add_uleb(&plain, sym->addr - at);
		buf_add(&plain, &shared, 1);
		buf_add(&plain, name + shared, len - shared);
		plain.data[plain.len - 1] |= (char)128;
		at = last = sym->addr;
		before = name;
	}
	add_chunk(out, first - start, &plain);
}
