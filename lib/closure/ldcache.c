/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/ld.so.cache: where the loader finds what ld.so.conf leads to, as it
 * never reads that itself. The format is glibc's (sysdeps/generic/
 * dl-cache.h), version 1.1. */
#include <ctype.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "closure/collect.h"
#include "core/file.h"
#include "core/mem.h"

#define MAGIC "glibc-ld.so.cache1.1"
#define PATH  "/etc/ld.so.cache"

enum {
	HEADER = 48,
	ENTRY = 24,
	LITTLE_ENDIAN_FLAG = 2,
	LIB_X86_64 = 0x0303, /* of the C library version 6, 64 bits */
	LIB_AARCH64 = 0x0a03
};

/* Runs of digits are numbers: lib.so.10 comes after lib.so.9. */
static int compare_names(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			char *a_end, *b_end;
			unsigned long x = strtoul(a, &a_end, 10);
			unsigned long y = strtoul(b, &b_end, 10);

			if (x != y)
				return x < y ? -1 : 1;
			a = a_end - 1;
			b = b_end - 1;
		} else if (isdigit((unsigned char)*a)) {
			return 1;
		} else if (isdigit((unsigned char)*b)) {
			return -1;
		} else if (*a != *b) {
			return (unsigned char)*a - (unsigned char)*b;
		}
	}
	return (unsigned char)*a - (unsigned char)*b;
}

/* The last name comes first. */
static int compare(const void *a, const void *b)
{
	const struct closure_cached *x = a, *y = b;

	return compare_names(y->name, x->name);
}

static void make(struct closure *c, struct buf *out)
{
	int64_t flags =
		c->spec.machine == EM_AARCH64 ? LIB_AARCH64 : LIB_X86_64;
	_buf_ struct buf strings = {0};
	size_t base = HEADER + c->ncached * ENTRY;

	qsort(c->cached, c->ncached, sizeof(*c->cached), compare);
	for (size_t i = 0; i < c->ncached; i++) {
		const struct closure_cached *l = &c->cached[i];

		buf_add(&strings, l->name, strlen(l->name) + 1);
		buf_add(&strings, l->path, strlen(l->path) + 1);
	}
	buf_adds(out, MAGIC);
	buf_add_le(out, c->ncached, 4);
	buf_add_le(out, strings.len, 4);
	buf_add_le(out, LITTLE_ENDIAN_FLAG, 1);
	buf_add_zero(out, HEADER - out->len);
	for (size_t i = 0; i < c->ncached; i++) {
		const struct closure_cached *l = &c->cached[i];

		buf_add_le(out, (uint64_t)flags, 4);
		buf_add_le(out, base, 4);
		base += strlen(l->name) + 1;
		buf_add_le(out, base, 4);
		base += strlen(l->path) + 1;
		buf_add_zero(out, ENTRY - 12);
	}
	buf_add(out, strings.data, strings.len);
}

void ldcache_note(struct closure *c, const char *name, const char *path)
{
	for (size_t i = 0; i < c->ncached; i++)
		if (!strcmp(c->cached[i].name, name))
			return;
	c->cached =
		xreallocarray(c->cached, c->ncached + 1, sizeof(*c->cached));
	c->cached[c->ncached++] =
		(struct closure_cached){xstrdup(name), xstrdup(path)};
}

int ldcache_add(struct closure *c, struct err *e)
{
	_free_ char *file = NULL;
	_free_ char *reason = NULL;
	_buf_ struct buf data = {0}, old = {0};
	struct err ignored;
	int r;

	if (!c->ncached || !c->spec.made)
		return 0;
	file = path_join(c->spec.made, "ld.so.cache");
	make(c, &data);
	reason = xasprintf("loader: says that %s is %s", c->cached[0].name,
		c->cached[0].path);
	collect_made(c, PATH, file, 0644, reason);
	/* An equal one stays, so that nothing after it is redone. */
	if (file_read(file, data.len, &old, &ignored) == 0 &&
		old.len == data.len && !memcmp(old.data, data.data, data.len))
		return 0;
	r = file_mkdirs(c->spec.made, e);
	return r < 0 ? r : file_put(file, data.data, data.len, 0644, e);
}

void ldcache_free(struct closure *c)
{
	for (size_t i = 0; i < c->ncached; i++) {
		free(c->cached[i].name);
		free(c->cached[i].path);
	}
	free(c->cached);
}
