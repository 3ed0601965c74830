/* SPDX-License-Identifier: Apache-2.0 */
/* GNU ld's map: which part of the image came from which object. */
#include "toolchain/ldmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"

enum { MAP_MAX = 512 << 20 };

void ldmap_free(struct ldmap *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		free(m->v[i].name);
		free(m->v[i].file);
	}
	free(m->v);
	*m = (struct ldmap){0};
}

static void add(struct ldmap *m, uint64_t addr, uint64_t size, char *name,
	const char *file)
{
	if (!(m->n & (m->n + 1)))
		m->v = xreallocarray(m->v, 2 * (m->n + 1), sizeof(*m->v));
	m->v[m->n++] = (struct ldmap_section){addr, size, name, xstrdup(file)};
}

/* Sections that are not in memory have addresses from 0 on, too; those of
 * thread-local zeroes have the addresses of what comes after them. */
static int in_memory(const char *name)
{
	static const char *const outside[] = {".debug", ".comment", ".stab",
		".note.GNU", ".gnu.lto_", ".rela.", ".tbss", ".tcommon"};
	size_t i;

	for (i = 0; i < sizeof(outside) / sizeof(*outside); i++)
		if (!strncmp(name, outside[i], strlen(outside[i])))
			return 0;
	return 1;
}

/* The number "0x..." that comes next, or 0. */
static uint64_t take_hex(const char **p)
{
	const char *s = *p + strspn(*p, " \t");
	char *end;
	uint64_t v;

	if (strncmp(s, "0x", 2) != 0)
		return 0;
	v = strtoull(s, &end, 16);
	*p = end;
	return v;
}

/*
 * " .text.main     0x0000000000100040       0x1a a.o"; a long name stands
 * alone, and the rest is on the next line. Lines of symbols and of output
 * sections have no file, discarded sections no address.
 */
static void parse_line(struct ldmap *m, const char *line, char **name)
{
	uint64_t addr, size;

	if (line[0] == ' ' && line[1] != ' ' && line[1] != '*') {
		size_t len = strcspn(++line, " ");

		free(*name);
		*name = in_memory(line) ? xstrndup(line, len) : NULL;
		line += len;
		if (!*line)
			return;
	}
	if (!*name)
		return;
	addr = take_hex(&line);
	size = take_hex(&line);
	line += strspn(line, " \t");
	if (addr && size && *line)
		add(m, addr, size, steal_ptr(*name), line);
	free(*name);
	*name = NULL;
}

static int by_addr(const void *a, const void *b)
{
	const struct ldmap_section *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return 0;
}

int ldmap_read(struct ldmap *m, const char *path, struct err *e)
{
	_ldmap_ struct ldmap out = {0};
	_buf_ struct buf text = {0};
	char *line, *next;
	_free_ char *name = NULL;
	int r = file_read(path, MAP_MAX, &text, e);

	if (r < 0)
		return r;
	line = text.data ? strstr(text.data, "\nLinker script and memory map")
			 : NULL;
	if (!line)
		return err_set(e, -EINVAL, "%s: not a map of GNU ld", path);
	for (line++; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		parse_line(&out, line, &name);
	}
	if (out.n)
		qsort(out.v, out.n, sizeof(*out.v), by_addr);
	*m = out;
	out = (struct ldmap){0};
	return 0;
}

long ldmap_find(const struct ldmap *m, uint64_t addr)
{
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->v[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo && addr - m->v[lo - 1].addr < m->v[lo - 1].size)
		return (long)lo - 1;
	return -1;
}
