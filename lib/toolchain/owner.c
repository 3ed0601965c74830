/* SPDX-License-Identifier: Apache-2.0 */
/* Whose the parts of a kernel are: objects, and what these belong to. */
#include "toolchain/owner.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"

static const char *below(const char *file, const char *dir)
{
	size_t len = strlen(dir);

	return len && !strncmp(file, dir, len) && file[len] == '/'
		       ? file + len + 1
		       : NULL;
}

/* "libkeel.a(mm-page.o)": the rooms of keel by the names of its members. */
static char *keel_room(const char *member)
{
	const char *end = strchr(member, '-');

	if (!strncmp(member, "net-lwip-", 9))
		return xstrdup("lwip");
	if (!end || !strncmp(member, "absent-", 7))
		return xstrdup("keel/sys");
	return xasprintf("keel/%.*s", (int)(end - member), member);
}

char *owner_component(const char *file, const char *sysroot)
{
	const char *base = path_base(file), *member = strrchr(base, '(');

	if (!strncmp(base, "libgcc", 6))
		return xstrdup("libgcc");
	if (below(file, sysroot)) {
		if (!strncmp(base, "libkeel", 7) && member)
			return keel_room(member + 1);
		return xstrdup("libc");
	}
	if (member && member - base > 2 && !strncmp(member - 2, ".a", 2))
		return xasprintf("library %.*s", (int)(member - base), base);
	return xstrdup("application");
}

/* The name must not tell where the build was, or which temporary names the
 * compiler took: "/tmp/ccAbCdEf.ltrans0.ltrans.o". */
static char *object_name(const char *file, const struct owner_places *p)
{
	const char *base = path_base(file), *rest = strstr(base, ".ltrans");

	if (rest)
		return xstrdup(rest + 1);
	if (*base && base[strlen(base) - 1] == ')')
		return xstrdup(base);
	if (below(file, p->dir) || below(file, p->sysroot))
		return xstrdup(base);
	rest = below(file, p->cwd);
	return xstrdup(rest ? rest : *file == '/' ? base : file);
}

static int by_file(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add(
	struct owners *o, const char *file, char *object, char *component)
{
	if (!(o->n & (o->n + 1)))
		o->v = xreallocarray(o->v, 2 * (o->n + 1), sizeof(*o->v));
	o->v[o->n++] = (struct owner){file, object, component, 0};
}

void owners_read(struct owners *o, const struct ldmap *map,
	const struct owner_places *places)
{
	static const char *const fixed[OWNER_FIXED] = {
		[OWNER_PADDING] = "padding",
		[OWNER_HEADERS] = "headers",
		[OWNER_LINKER] = "linker tables",
		[OWNER_SYMBOLS] = "symbols",
		[OWNER_RECORD] = "boot record",
	};
	_free_ const char **files = xcalloc(map->n + 1, sizeof(*files));
	size_t i;

	*o = (struct owners){0};
	for (i = 0; i < OWNER_FIXED; i++)
		add(o, NULL, xstrdup(""), xstrdup(fixed[i]));
	for (i = 0; i < map->n; i++)
		files[i] = map->v[i].file;
	if (map->n)
		qsort(files, map->n, sizeof(*files), by_file);
	for (i = 0; i < map->n; i++)
		if (!i || strcmp(files[i - 1], files[i]) != 0)
			add(o, files[i], object_name(files[i], places),
				owner_component(files[i], places->sysroot));
}

void owners_free(struct owners *o)
{
	for (size_t i = 0; i < o->n; i++) {
		free(o->v[i].object);
		free(o->v[i].component);
	}
	free(o->v);
	*o = (struct owners){0};
}

size_t owners_find(const struct owners *o, const char *file)
{
	size_t lo = OWNER_FIXED, hi = o->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(o->v[mid].file, file);

		if (c == 0)
			return mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return OWNER_PADDING;
}
