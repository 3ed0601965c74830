/* SPDX-License-Identifier: Apache-2.0 */
/* Why each function and object is in a kernel: who refers to it. */
#include "toolchain/refs.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/mem.h"
#include "toolchain/relocs.h"
#include "toolchain/weakrefs.h"

struct edge {
	long from, to;
	int weak;
};

struct graph {
	struct refs *refs;
	const struct ldmap *map;
	const struct symbols *syms;
	const char *sysroot;
	struct strv weak;
	struct edge *edges; /* sorted by `from`, then `to` */
	size_t n, cap;
	long *queue;
	size_t head, tail;
};

void refs_free(struct refs *r)
{
	free(r->v);
	*r = (struct refs){0};
}

static void add_node(struct refs *r, const struct refs_node *node)
{
	if (!(r->n & (r->n + 1)))
		r->v = xreallocarray(r->v, 2 * (r->n + 1), sizeof(*r->v));
	r->v[r->n++] = *node;
}

/* The symbols of one section of the map, and what is before the first. */
static size_t add_section(struct graph *g, long index, size_t at)
{
	const struct ldmap_section *s = &g->map->v[index];
	const struct symbols *syms = g->syms;
	struct refs_node node = {.name = "", .section = index, .parent = -1};

	while (at < syms->n && syms->v[at].addr < s->addr)
		at++;
	node.addr = s->addr;
	if (at == syms->n || syms->v[at].addr != s->addr)
		add_node(g->refs, &node);
	while (at < syms->n && syms->v[at].addr - s->addr < s->size) {
		node.addr = syms->v[at].addr;
		node.name = syms->v[at].name;
		node.symbol = at;
		while (at < syms->n && syms->v[at].addr == node.addr)
			at++;
		node.nsyms = at - node.symbol;
		add_node(g->refs, &node);
	}
	return at;
}

static void add_nodes(struct graph *g)
{
	struct refs *r = g->refs;
	size_t at = 0, i;

	for (i = 0; i < g->map->n; i++)
		at = add_section(g, (long)i, at);
	for (i = 0; i < r->n; i++) {
		const struct ldmap_section *s = &g->map->v[r->v[i].section];
		uint64_t end = s->addr + s->size;

		if (i + 1 < r->n && r->v[i + 1].section == r->v[i].section)
			end = r->v[i + 1].addr;
		r->v[i].size = end - r->v[i].addr;
	}
}

long refs_find(const struct refs *r, const struct ldmap *map, uint64_t addr)
{
	size_t lo = 0, hi = r->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r->v[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || ldmap_find(map, addr) != r->v[lo - 1].section)
		return -1;
	return (long)lo - 1;
}

/* Other files may have members of the same names: ours only. */
static int is_weak(const struct graph *g, long from, const char *name)
{
	const char *file = g->map->v[g->refs->v[from].section].file;
	size_t len = strlen(g->sysroot);

	return *name && !strncmp(file, g->sysroot, len) && file[len] == '/' &&
	       weakrefs_has(&g->weak, file, name);
}

static void add_edge(void *arg, uint64_t at, uint64_t target, const char *name)
{
	struct graph *g = arg;
	struct edge edge = {refs_find(g->refs, g->map, at),
		refs_find(g->refs, g->map, target), 0};

	if (edge.from < 0 || edge.to < 0 || edge.from == edge.to)
		return;
	edge.weak = is_weak(g, edge.from, name);
	if (g->n == g->cap) {
		g->cap = g->cap ? 2 * g->cap : 4096;
		g->edges = xreallocarray(g->edges, g->cap, sizeof(*g->edges));
	}
	g->edges[g->n++] = edge;
}

static int by_from(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return x->weak - y->weak;
}

static size_t first_edge(const struct graph *g, long from)
{
	size_t lo = 0, hi = g->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (g->edges[mid].from < from)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void reach(struct graph *g, long to, long parent, enum refs_how how)
{
	if (g->refs->v[to].how != REFS_NOT)
		return;
	g->refs->v[to].how = how;
	g->refs->v[to].parent = parent;
	g->queue[g->tail++] = to;
}

/* Breadth first, so that chains are as short as can be. */
static void spread(struct graph *g)
{
	while (g->head < g->tail) {
		long from = g->queue[g->head++];
		size_t i = first_edge(g, from);

		for (; i < g->n && g->edges[i].from == from; i++)
			if (!g->edges[i].weak)
				reach(g, g->edges[i].to, from, REFS_STRONG);
	}
}

static void start_at(struct graph *g, const struct elf *f, const char *name)
{
	uint64_t addr;
	long node;

	if (symbols_value(f, name, &addr) < 0)
		return;
	node = refs_find(g->refs, g->map, addr);
	/* In assembly it may not be declared a function. */
	if (node >= 0 && !*g->refs->v[node].name &&
		g->refs->v[node].addr == addr)
		g->refs->v[node].name = name;
	if (node >= 0)
		reach(g, node, -1, REFS_ROOT);
	spread(g);
}

/* What is left: beside what is reached, weak, or kept. One of a kind at a
 * time, since each leads on by strong references. */
static void spread_rest(struct graph *g)
{
	struct refs *r = g->refs;
	size_t i;
	long k;

	for (i = 0; i < r->n; i++) {
		if (r->v[i].how != REFS_NOT)
			continue;
		k = (long)i;
		while (k > 0 && r->v[k - 1].section == r->v[i].section &&
			r->v[k].how == REFS_NOT)
			k--;
		while (k + 1 < (long)r->n &&
			r->v[k + 1].section == r->v[i].section &&
			r->v[k].how == REFS_NOT)
			k++;
		if (r->v[k].how != REFS_NOT) {
			reach(g, (long)i, k, REFS_SECTION);
			spread(g);
		}
	}
	for (i = 0; i < g->n; i++) {
		if (r->v[g->edges[i].from].how == REFS_NOT)
			continue;
		reach(g, g->edges[i].to, g->edges[i].from, REFS_WEAK);
		spread(g);
	}
	for (i = 0; i < r->n; i++) {
		if (r->v[i].how != REFS_NOT)
			continue;
		reach(g, (long)i, -1, REFS_KEPT);
		spread(g);
	}
}

static int read_weak(struct graph *g, struct err *e)
{
	static const char *const libs[] = {"libc.a", "libkeel.a"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(libs) / sizeof(*libs); i++) {
		_free_ char *path = xasprintf("%s/lib/%s", g->sysroot, libs[i]);

		r = weakrefs_add(&g->weak, path, e);
	}
	weakrefs_sort(&g->weak);
	return r;
}

int refs_read(struct refs *r, const struct elf *f, const struct ldmap *map,
	const struct symbols *syms, const char *sysroot, struct err *e)
{
	struct refs out = {0};
	struct graph g = {
		.refs = &out, .map = map, .syms = syms, .sysroot = sysroot};
	int bad = read_weak(&g, e);

	if (bad == 0) {
		add_nodes(&g);
		g.queue = xcalloc(out.n + 1, sizeof(*g.queue));
		relocs_each(f, add_edge, &g);
		if (g.n)
			qsort(g.edges, g.n, sizeof(*g.edges), by_from);
		start_at(&g, f, "_start");
		start_at(&g, f, "keel_entry64");
		start_at(&g, f, "keel_entry_pvh");
		spread_rest(&g);
		*r = out;
	}
	strv_free(&g.weak);
	free(g.edges);
	free(g.queue);
	return bad;
}
