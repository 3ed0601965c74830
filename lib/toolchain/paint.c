/* SPDX-License-Identifier: Apache-2.0 */
/* Gives every byte of a kernel's file to its owner. */
#include "toolchain/paint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "toolchain/relocs.h"
#include "toolchain/symbols.h"

enum { MEMORY_MAX = 1 << 30 };

/* The memory from the code to the end of .data, and the file. */
struct canvas {
	const struct elf *kernel;
	uint64_t base, n; /* addresses */
	uint32_t *memory; /* the owner of each byte of it */
	uint32_t *file;   /* the same of the file */
};

static void paint_file(
	struct canvas *c, uint64_t at, uint64_t size, size_t owner)
{
	if (at > c->kernel->len)
		return;
	if (size > c->kernel->len - at)
		size = c->kernel->len - at;
	for (uint64_t i = 0; i < size; i++)
		c->file[at + i] = (uint32_t)owner;
}

static void paint(struct canvas *c, uint64_t addr, uint64_t size, size_t owner)
{
	uint64_t end = addr + size, i;

	if (addr < c->base)
		addr = c->base;
	if (end > c->base + c->n)
		end = c->base + c->n;
	for (i = addr; i < end; i++)
		c->memory[i - c->base] = (uint32_t)owner;
}

static uint32_t owner_at(const struct canvas *c, uint64_t addr)
{
	return addr >= c->base && addr - c->base < c->n
		       ? c->memory[addr - c->base]
		       : OWNER_PADDING;
}

/* Objects, then what the linker made in their place. */
static void paint_sections(struct canvas *c, const struct owners *o,
	const struct elf *last, const struct ldmap *map)
{
	static const struct {
		const char *name;
		size_t owner;
	} made[] = {
		{".note.pvh", OWNER_HEADERS},
		{".eh_frame_hdr", OWNER_LINKER},
		{".got", OWNER_LINKER},
		{".rela.dyn", OWNER_LINKER},
		{".relr.dyn", OWNER_LINKER},
		{".keel.symbols", OWNER_SYMBOLS},
		{".keel.record", OWNER_RECORD},
	};
	Elf64_Shdr sh;
	size_t i;

	for (i = 0; i < map->n; i++)
		paint(c, map->v[i].addr, map->v[i].size,
			owners_find(o, map->v[i].file));
	for (i = 0; i < sizeof(made) / sizeof(*made); i++)
		if (elf_find_section(last, made[i].name, &sh) == 0 &&
			sh.sh_flags & SHF_ALLOC)
			paint(c, sh.sh_addr, sh.sh_size, made[i].owner);
}

/* Segments that are in the file as they are in memory. */
static void copy_segment(struct canvas *c, const Elf64_Phdr *ph)
{
	for (uint64_t i = 0; i < ph->p_filesz; i++)
		if (ph->p_offset + i < c->kernel->len)
			c->file[ph->p_offset + i] =
				owner_at(c, ph->p_vaddr + i);
}

/* A length of an LZ4 block: 15 in the token, and bytes that go on. */
static uint64_t more_length(
	const uint8_t *p, uint64_t *at, uint64_t end, uint64_t length)
{
	uint8_t b = 255;

	while (length >= 15 && b == 255 && *at < end) {
		b = p[(*at)++];
		length += b;
	}
	return length;
}

/*
 * The LZ4 block of pack.h, which makes the memory from `addr` on: literals
 * are whose they are, a match and its length are whose first byte it makes.
 */
static void copy_packed(
	struct canvas *c, uint64_t at, uint64_t size, uint64_t addr)
{
	const uint8_t *p = c->kernel->data;
	uint64_t end = at + size;

	while (at < end) {
		unsigned token = p[at];
		uint64_t from = at++, n;

		n = more_length(p, &at, end, token >> 4);
		paint_file(c, from, at - from, owner_at(c, addr));
		for (; n && at < end; n--)
			c->file[at++] = owner_at(c, addr++);
		if (end - at < 2)
			return;
		from = at;
		at += 2;
		n = more_length(p, &at, end, token & 15) + 4;
		paint_file(c, from, at - from, owner_at(c, addr));
		addr += n;
	}
}

/* From the memory to the file: with the data packed, or not. */
static int copy_to_file(struct canvas *c, const struct elf *last, struct err *e)
{
	Elf64_Phdr ph, plain;
	uint64_t start;

	for (size_t i = 0; elf_phdr(c->kernel, i, &ph) == 0; i++) {
		if (ph.p_type != PT_LOAD)
			continue;
		if (ph.p_offset > c->kernel->len ||
			ph.p_filesz > c->kernel->len - ph.p_offset)
			return err_set(e, -EINVAL, "kernel: bad segment");
		if (elf_phdr(last, i, &plain) < 0)
			return err_set(e, -EINVAL, "kernel: other segments");
		if (plain.p_vaddr == ph.p_vaddr)
			copy_segment(c, &ph);
		else if (symbols_value(last, "keel_pack_start", &start) == 0)
			copy_packed(c, ph.p_offset, ph.p_filesz, start);
	}
	return 0;
}

static void paint_headers(struct canvas *c)
{
	const Elf64_Ehdr *eh = &c->kernel->eh;
	Elf64_Shdr sh;
	size_t i;

	paint_file(c, 0, sizeof(*eh), OWNER_HEADERS);
	paint_file(c, eh->e_phoff, c->kernel->nphdrs * sizeof(Elf64_Phdr),
		OWNER_HEADERS);
	/* The table of sections and their names are behind the segments. */
	for (i = 0; i < c->kernel->nsections; i++)
		if (elf_section(c->kernel, i, &sh) == 0 &&
			sh.sh_type == SHT_STRTAB)
			paint_file(c, sh.sh_offset, sh.sh_size, OWNER_HEADERS);
	if (eh->e_shoff)
		paint_file(c, eh->e_shoff,
			c->kernel->nsections * sizeof(Elf64_Shdr),
			OWNER_HEADERS);
}

/* References into what was merged. */
struct mention {
	uint64_t target, at;
	size_t owner;
};

struct merged {
	const struct owners *owners;
	const struct ldmap *first, *map;
	struct mention *v;
	size_t n, cap;
};

static int is_merged(const struct ldmap_section *s)
{
	return !strncmp(s->name, ".rodata.", 8) &&
	       (strstr(s->name, ".str") || strstr(s->name, ".cst"));
}

static void mention(void *arg, uint64_t at, uint64_t target, const char *name)
{
	struct merged *m = arg;
	long to = ldmap_find(m->map, target), same, from;

	(void)name;
	if (to < 0 || !is_merged(&m->map->v[to]))
		return;
	/* Only as far as both links have the same places. */
	same = ldmap_find(m->first, target);
	from = ldmap_find(m->first, at);
	if (same < 0 || from < 0 ||
		m->first->v[same].addr != m->map->v[to].addr ||
		strcmp(m->first->v[same].name, m->map->v[to].name) != 0)
		return;
	if (m->n == m->cap) {
		m->cap = m->cap ? 2 * m->cap : 1024;
		m->v = xreallocarray(m->v, m->cap, sizeof(*m->v));
	}
	m->v[m->n++] = (struct mention){
		target, at, owners_find(m->owners, m->first->v[from].file)};
}

static int by_target(const void *a, const void *b)
{
	const struct mention *x = a, *y = b;

	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return 0;
}

/* Each piece to the first that refers to it. */
static void paint_merged(struct canvas *c, struct merged *m)
{
	size_t i, next;

	if (m->n)
		qsort(m->v, m->n, sizeof(*m->v), by_target);
	for (i = 0; i < m->n; i = next) {
		const struct ldmap_section *s =
			&m->map->v[ldmap_find(m->map, m->v[i].target)];
		uint64_t end = s->addr + s->size;

		for (next = i + 1;
			next < m->n && m->v[next].target == m->v[i].target;
			next++)
			;
		if (next < m->n && m->v[next].target < end)
			end = m->v[next].target;
		paint(c, m->v[i].target, end - m->v[i].target, m->v[i].owner);
	}
}

/* How much memory the file describes. */
static int measure(struct canvas *c, const struct elf *last, struct err *e)
{
	uint64_t end = 0;
	Elf64_Phdr ph;

	c->base = UINT64_MAX;
	for (size_t i = 0; elf_phdr(last, i, &ph) == 0; i++) {
		if (ph.p_type != PT_LOAD)
			continue;
		if (ph.p_vaddr < c->base)
			c->base = ph.p_vaddr;
		if (ph.p_vaddr + ph.p_filesz > end)
			end = ph.p_vaddr + ph.p_filesz;
	}
	if (end <= c->base || end - c->base > MEMORY_MAX)
		return err_set(e, -EINVAL, "kernel: bad segments");
	c->n = end - c->base;
	return 0;
}

int paint_owners(struct owners *o, const struct elf *kernel,
	const struct elf *last, const struct ldmap *map,
	const struct elf *first, const struct ldmap *first_map, struct err *e)
{
	struct canvas c = {.kernel = kernel};
	struct merged m = {.owners = o, .first = first_map, .map = map};
	_free_ uint32_t *memory = NULL;
	_free_ uint32_t *file = NULL;
	int r = measure(&c, last, e);

	if (r < 0)
		return r;
	memory = xcalloc(c.n, sizeof(*memory));
	file = xcalloc(kernel->len + 1, sizeof(*file));
	c.memory = memory;
	c.file = file;
	paint_sections(&c, o, last, map);
	relocs_each(first, mention, &m);
	paint_merged(&c, &m);
	free(m.v);
	r = copy_to_file(&c, last, e);
	if (r < 0)
		return r;
	paint_headers(&c);
	for (size_t i = 0; i < kernel->len; i++)
		o->v[file[i]].bytes++;
	return 0;
}
