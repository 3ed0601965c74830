/* SPDX-License-Identifier: Apache-2.0 */
/* Whose each byte of a file is: named spans that sum to its size. */
#include "inspect/spans.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "inspect/inspect.h"

void spans_add(
	struct spans *s, uint64_t at, uint64_t size, const char *fmt, ...)
{
	va_list ap;
	char *name;

	if (!size)
		return;
	va_start(ap, fmt);
	if (vasprintf(&name, fmt, ap) < 0)
		name = xstrdup("");
	va_end(ap);
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 64;
		s->v = xreallocarray(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->n] = (struct span){at, size, (unsigned)s->n, name};
	s->n++;
}

void spans_free(struct spans *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].name);
	free(s->v);
	*s = (struct spans){0};
}

static int by_place(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* What a name has. */
struct sum {
	const char *name;
	uint64_t bytes;
};

static int by_name(const void *a, const void *b)
{
	const struct sum *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int by_size(const void *a, const void *b)
{
	const struct sum *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return strcmp(x->name, y->name);
}

static json_t *show(struct sum *v, size_t n)
{
	json_t *list = json_array();
	size_t to = 0, i;

	if (n)
		qsort(v, n, sizeof(*v), by_name);
	for (i = 0; i < n; i++) {
		if (to && !strcmp(v[to - 1].name, v[i].name))
			v[to - 1].bytes += v[i].bytes;
		else
			v[to++] = v[i];
	}
	if (to)
		qsort(v, to, sizeof(*v), by_size);
	for (i = 0; i < to && v[i].bytes; i++) {
		json_t *o = json_object();

		json_object_set_new(o, "name",
			inspect_string(v[i].name, strlen(v[i].name)));
		json_object_set_new(
			o, "bytes", json_integer((json_int_t)v[i].bytes));
		json_array_append_new(list, o);
	}
	return list;
}

static uint64_t end_of(const struct span *s, uint64_t size)
{
	return s->size > size - s->at ? size : s->at + s->size;
}

/*
 * From left to right with a stack of the spans that are open: the top one
 * owns the bytes until the next begins or it ends.
 */
json_t *spans_components(struct spans *s, uint64_t size, const char *rest)
{
	_free_ struct sum *sums = xcalloc(s->n + 1, sizeof(*sums));
	_free_ size_t *open = xcalloc(s->n + 1, sizeof(*open));
	size_t depth = 0, next = 0, i;
	uint64_t at = 0;

	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_place);
	for (i = 0; i < s->n; i++)
		sums[i].name = s->v[i].name;
	sums[s->n].name = rest;
	while (at < size) {
		uint64_t until = size;
		size_t owner;

		while (next < s->n && s->v[next].at <= at)
			open[depth++] = next++;
		while (depth && end_of(&s->v[open[depth - 1]], size) <= at)
			depth--;
		owner = depth ? open[depth - 1] : s->n;
		if (depth)
			until = end_of(&s->v[owner], size);
		if (next < s->n && s->v[next].at < until)
			until = s->v[next].at;
		sums[owner].bytes += until - at;
		at = until;
	}
	return show(sums, s->n + 1);
}
