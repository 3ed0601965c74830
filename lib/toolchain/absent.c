/* SPDX-License-Identifier: Apache-2.0 */
/* Who in a program leads to the calls that a base does not have. */
#include "toolchain/absent.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"
#include "toolchain/relocs.h"

enum { CALLERS_MAX = 100 }; /* per call */

/* A reference: the place `at` leads to the section `to` of the map. */
struct edge {
	uint64_t at;
	long from, to;
	const char *name; /* of what is referred to; "" if it has none */
};

struct graph {
	const struct ldmap *map;
	const struct symbols *syms;
	const char *sysroot;
	struct edge *edges; /* sorted by `to` */
	size_t n, cap;
	unsigned char *seen; /* per section of the map */
	struct relink_report *report;
	size_t ncallers; /* of the call at work */
};

static int in_absent(const char *file)
{
	const char *base = path_base(file);

	return !strncmp(base, "libkeel-absent.a(", 17);
}

/* The C library's, the base's and the compiler's own objects. */
static int is_ours(const struct graph *g, const char *file)
{
	size_t len = strlen(g->sysroot);

	if (!strncmp(file, g->sysroot, len) && file[len] == '/')
		return 1;
	return !strncmp(path_base(file), "libgcc", 6);
}

static void add_edge(void *arg, uint64_t at, uint64_t target, const char *name)
{
	struct graph *g = arg;
	long to = ldmap_find(g->map, target);
	long from = ldmap_find(g->map, at);

	if (to < 0 || from < 0 || to == from)
		return;
	if (g->n == g->cap) {
		g->cap = g->cap ? 2 * g->cap : 1024;
		g->edges = xreallocarray(g->edges, g->cap, sizeof(*g->edges));
	}
	g->edges[g->n++] = (struct edge){at, from, to, name};
}

static int by_target(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return 0;
}

static void build_graph(struct graph *g, const struct elf *f)
{
	relocs_each(f, add_edge, g);
	if (g->n)
		qsort(g->edges, g->n, sizeof(*g->edges), by_target);
}

static size_t first_edge(const struct graph *g, long to)
{
	size_t lo = 0, hi = g->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (g->edges[mid].to < to)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int compare(const void *a, const void *b)
{
	const struct relink_absent *x = a, *y = b;
	int c = strcmp(x->via, y->via);

	if (!c)
		c = strcmp(x->name, y->name);
	if (!c)
		c = strcmp(x->object, y->object);
	return c ? c : strcmp(x->symbol, y->symbol);
}

void absent_free(struct relink_absent *a)
{
	free(a->name);
	free(a->object);
	free(a->symbol);
	free(a->via);
}

static void add_caller(struct graph *g, const char *call, const char *file,
	const struct edge *e)
{
	const struct symbol *sym = symbols_find(g->syms, e->at);
	struct relink_report *r = g->report;
	struct relink_absent new = {
		.symbol = xstrdup(sym ? sym->name : "?"),
		.object = xstrdup(path_base(file)),
		.name = xstrdup(call),
	};
	size_t i;

	sym = symbols_find(g->syms, g->map->v[e->to].addr);
	new.via = xstrdup(*e->name ? e->name : sym ? sym->name : call);
	if (!strncmp(new.via, "keel_sys_", 9)) {
		memmove(new.via, new.via + 9, strlen(new.via + 9) + 1);
	} else if (!strncmp(new.via, "keel_number_", 12)) { /* syscall(N) */
		free(new.via);
		new.via = xstrdup(call);
	}
	for (i = 0; i < r->nabsent; i++)
		if (compare(&r->absent[i], &new) == 0)
			break;
	if (i < r->nabsent || g->ncallers >= CALLERS_MAX) {
		absent_free(&new);
		return;
	}
	r->absent =
		xreallocarray(r->absent, r->nabsent + 1, sizeof(*r->absent));
	r->absent[r->nabsent++] = new;
	g->ncallers++;
}

/*
 * Breadth first from a section against the references. Objects of the
 * program end a path; with `all`, the first ones of the library do, too.
 */
static void walk(struct graph *g, long start, const char *call, int all)
{
	_free_ long *queue = xcalloc(g->map->n, sizeof(*queue));
	size_t head = 0, tail = 0, i;

	memset(g->seen, 0, g->map->n);
	queue[tail++] = start;
	g->seen[start] = 1;
	while (head < tail) {
		long to = queue[head++];

		for (i = first_edge(g, to); i < g->n && g->edges[i].to == to;
			i++) {
			const struct edge *edge = &g->edges[i];
			const char *file = g->map->v[edge->from].file;

			if (all || !is_ours(g, file)) {
				add_caller(g, call, file, edge);
			} else if (!g->seen[edge->from]) {
				g->seen[edge->from] = 1;
				queue[tail++] = edge->from;
			}
		}
	}
}

/* The call that a section of the archive of absent calls is, or NULL. */
static const char *absent_call(const struct graph *g, long section)
{
	static const char prefix[] = "keel_sys_";
	const struct ldmap_section *s = &g->map->v[section];
	const struct symbol *sym = symbols_find(g->syms, s->addr);

	if (!in_absent(s->file) || !sym ||
		strncmp(sym->name, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	return sym->name + sizeof(prefix) - 1;
}

/* syscall() takes a number that nobody knows before the program runs. */
static void find_by_number(struct graph *g, const struct elf *f)
{
	uint64_t addr;
	long section;

	if (symbols_value(f, "keel_syscall", &addr) < 0)
		return;
	section = ldmap_find(g->map, addr);
	g->ncallers = 0;
	if (section >= 0)
		walk(g, section, RELINK_BY_NUMBER, 0);
}

void absent_find(const struct elf *f, const struct ldmap *map,
	const struct symbols *syms, const char *sysroot,
	struct relink_report *report)
{
	struct graph g = {
		.map = map, .syms = syms, .sysroot = sysroot, .report = report};
	size_t i;

	g.seen = xcalloc(map->n, 1);
	build_graph(&g, f);
	for (i = 0; i < map->n; i++) {
		const char *call = absent_call(&g, (long)i);

		if (!call)
			continue;
		g.ncallers = 0;
		walk(&g, (long)i, call, 0);
		if (!g.ncallers)
			walk(&g, (long)i, call, 1);
	}
	find_by_number(&g, f);
	if (report->nabsent)
		qsort(report->absent, report->nabsent, sizeof(*report->absent),
			compare);
	free(g.seen);
	free(g.edges);
}
