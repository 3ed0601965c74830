/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a link: whose each byte is, and why each thing is there. */
#include "toolchain/explain.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/file.h"
#include "core/mem.h"
#include "toolchain/calls.h"
#include "toolchain/elf.h"
#include "toolchain/ldmap.h"
#include "toolchain/paint.h"
#include "toolchain/refs.h"
#include "toolchain/symbols.h"

struct job {
	const struct explain *x;
	struct elf kernel, first, last;
	struct ldmap first_map, last_map;
	struct symbols syms;
	struct refs refs;
	struct calls calls;
	struct owners owners; /* their files are those of both maps */
	struct ldmap files;   /* which are here, by reference */
	size_t *order;        /* owners as they are told, norder of them */
	size_t norder;
	size_t *place; /* the way back, for each owner */
};

static void job_free(struct job *j)
{
	elf_close(&j->first);
	elf_close(&j->last);
	owners_free(&j->owners);
	free(j->files.v);
	ldmap_free(&j->first_map);
	ldmap_free(&j->last_map);
	symbols_free(&j->syms);
	refs_free(&j->refs);
	calls_free(&j->calls);
	free(j->order);
	free(j->place);
}

static int job_open(struct job *j, struct err *e)
{
	const struct explain *x = j->x;
	int r = elf_init(&j->kernel, x->kernel, x->kernel_len, "kernel", e);

	if (r == 0)
		r = elf_open(&j->first, x->first, e);
	if (r == 0)
		r = elf_open(&j->last, x->last, e);
	if (r == 0)
		r = ldmap_read(&j->first_map, x->first_map, e);
	if (r == 0)
		r = ldmap_read(&j->last_map, x->last_map, e);
	if (r == 0)
		r = calls_read(&j->calls, x->places.sysroot, e);
	if (r < 0)
		return r;
	symbols_read(&j->syms, &j->first);
	r = refs_read(&j->refs, &j->first, &j->first_map, &j->syms,
		x->places.sysroot, e);
	if (r < 0)
		return r;
	/* The objects of link-time optimisation have other names each time;
	 * both maps are needed to find all. */
	j->files.n = j->first_map.n + j->last_map.n;
	j->files.v = xcalloc(j->files.n + 1, sizeof(*j->files.v));
	if (j->first_map.n)
		memcpy(j->files.v, j->first_map.v,
			j->first_map.n * sizeof(*j->files.v));
	if (j->last_map.n)
		memcpy(j->files.v + j->first_map.n, j->last_map.v,
			j->last_map.n * sizeof(*j->files.v));
	owners_read(&j->owners, &j->files, &x->places);
	return paint_owners(&j->owners, &j->kernel, &j->last, &j->last_map,
		&j->first, &j->first_map, e);
}

/* A name that JSON can hold. */
static json_t *text(const char *s)
{
	json_t *o = json_string(s);

	return o ? o : json_string("?");
}

static int by_size(const void *a, const void *b, void *arg)
{
	const struct owners *o = arg;
	const struct owner *x = &o->v[*(const size_t *)a];
	const struct owner *y = &o->v[*(const size_t *)b];
	int c;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	c = strcmp(x->component, y->component);
	return c ? c : strcmp(x->object, y->object);
}

static int by_name(const void *a, const void *b, void *arg)
{
	const struct owners *o = arg;
	const struct owner *x = &o->v[*(const size_t *)a];
	const struct owner *y = &o->v[*(const size_t *)b];
	int c = strcmp(x->component, y->component);

	return c ? c : strcmp(x->object, y->object);
}

/* Those of one name are one: files of temporary names are others in each of
 * the two maps. */
static void sort_owners(struct job *j)
{
	struct owner *v = j->owners.v;
	size_t n = j->owners.n, i;
	_free_ size_t *all = xcalloc(n + 1, sizeof(*all));
	_free_ size_t *first = xcalloc(n + 1, sizeof(*first));

	j->order = xcalloc(n + 1, sizeof(*j->order));
	j->place = xcalloc(n + 1, sizeof(*j->place));
	for (i = 0; i < n; i++)
		all[i] = i;
	qsort_r(all, n, sizeof(*all), by_name, &j->owners);
	for (i = 0; i < n; i++) {
		if (i && by_name(&all[i - 1], &all[i], &j->owners) == 0) {
			first[all[i]] = first[all[i - 1]];
			v[first[all[i]]].bytes += v[all[i]].bytes;
			v[all[i]].bytes = 0;
			continue;
		}
		first[all[i]] = all[i];
		j->order[j->norder++] = all[i];
	}
	qsort_r(j->order, j->norder, sizeof(*j->order), by_size, &j->owners);
	for (i = 0; i < j->norder; i++)
		j->place[j->order[i]] = i;
	for (i = 0; i < n; i++)
		j->place[i] = j->place[first[i]];
}

static json_t *show_objects(const struct job *j)
{
	json_t *list = json_array();

	for (size_t i = 0; i < j->norder; i++) {
		const struct owner *o = &j->owners.v[j->order[i]];
		json_t *row = json_array();

		json_array_append_new(row, text(o->object));
		json_array_append_new(row, text(o->component));
		json_array_append_new(row, json_integer((json_int_t)o->bytes));
		json_array_append_new(list, row);
	}
	return list;
}

struct component {
	const char *name;
	uint64_t bytes;
};

static int compare_components(const void *a, const void *b)
{
	const struct component *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return strcmp(x->name, y->name);
}

static json_t *show_components(const struct job *j)
{
	_free_ struct component *v = xcalloc(j->owners.n + 1, sizeof(*v));
	json_t *list = json_array();
	size_t n = 0, i, k;

	for (i = 0; i < j->owners.n; i++) {
		const struct owner *o = &j->owners.v[i];

		for (k = 0; k < n && strcmp(v[k].name, o->component) != 0; k++)
			;
		if (k == n)
			v[n++].name = o->component;
		v[k].bytes += o->bytes;
	}
	qsort(v, n, sizeof(*v), compare_components);
	for (i = 0; i < n && v[i].bytes; i++)
		json_array_append_new(
			list, json_pack("{ss, sI}", "name", v[i].name, "bytes",
				      (json_int_t)v[i].bytes));
	return list;
}

static const char *node_file(const struct job *j, const struct refs_node *n)
{
	return j->first_map.v[n->section].file;
}

static json_t *show_symbols(const struct job *j)
{
	json_t *list = json_array();

	for (size_t i = 0; i < j->refs.n; i++) {
		const struct refs_node *n = &j->refs.v[i];
		json_t *row = json_array();
		size_t owner = owners_find(&j->owners, node_file(j, n));

		json_array_append_new(row, text(n->name));
		json_array_append_new(
			row, json_integer((json_int_t)j->place[owner]));
		json_array_append_new(row, json_integer((json_int_t)n->size));
		json_array_append_new(row, json_integer(n->parent));
		json_array_append_new(
			row, json_integer((json_int_t)n->how - REFS_ROOT));
		for (size_t k = 1; k < n->nsyms; k++)
			json_array_append_new(
				row, text(j->syms.v[n->symbol + k].name));
		json_array_append_new(list, row);
	}
	return list;
}

static void add_call(
	json_t *list, const struct job *j, const char *name, size_t symbol)
{
	const struct call *c = calls_find(&j->calls, name);
	int by_number = !strcmp(name, EXPLAIN_BY_NUMBER);

	json_array_append_new(list,
		json_pack("[sssI]", name,
			c           ? c->status
			: by_number ? "partial"
				    : "absent",
			c           ? c->note
			: by_number ? "any number; calls that are absent ENOSYS"
				    : "",
			(json_int_t)symbol));
}

/* The stubs of the base's archives that are left after the collection. */
static json_t *show_calls(const struct job *j)
{
	static const char prefix[] = "keel_sys_";
	size_t len = sizeof(prefix) - 1;
	json_t *list = json_array();

	for (size_t i = 0; i < j->refs.n; i++) {
		const struct refs_node *n = &j->refs.v[i];

		if (strncmp(path_base(node_file(j, n)), "libkeel", 7) != 0)
			continue;
		if (!strncmp(n->name, prefix, len))
			add_call(list, j, n->name + len, i);
		else if (!strcmp(n->name, "keel_syscall"))
			add_call(list, j, EXPLAIN_BY_NUMBER, i);
	}
	return list;
}

int explain_write(const struct explain *x, struct buf *out, struct err *e)
{
	__attribute__((cleanup(job_free))) struct job j = {.x = x};
	struct digest_hex hex;
	struct digest d;
	_free_ char *line = NULL;
	json_t *o;
	int r = job_open(&j, e);

	if (r < 0)
		return r;
	sort_owners(&j);
	digest_init(&d);
	digest_add(&d, x->kernel, x->kernel_len);
	hex = digest_end(&d);
	o = json_pack("{si, ss, so, sI, so, so, so, so}", "version",
		EXPLAIN_VERSION, "target", x->target, "kernel",
		json_sprintf("sha256:%s", hex.s), "size",
		(json_int_t)x->kernel_len, "components", show_components(&j),
		"objects", show_objects(&j), "symbols", show_symbols(&j),
		"calls", show_calls(&j));
	line = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	if (!line)
		return err_set(e, -EINVAL, "cannot describe the kernel");
	buf_adds(out, line);
	buf_adds(out, "\n");
	return 0;
}
