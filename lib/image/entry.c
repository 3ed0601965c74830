/* SPDX-License-Identifier: Apache-2.0 */
/* The members of a layer: added in any order, then sorted and checked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "image/gojson.h"
#include "image/image.h"
#include "image/layer.h"

static struct image_entry *add_entry(struct image_layer *l, const char *path)
{
	struct image_entry *entry;

	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 32;
		l->v = xreallocarray(l->v, l->cap, sizeof(*l->v));
	}
	entry = &l->v[l->n++];
	memset(entry, 0, sizeof(*entry));
	entry->path = xstrdup(path);
	return entry;
}

void image_add_file(struct image_layer *l, const char *path, const char *source,
	unsigned mode, unsigned uid, unsigned gid)
{
	struct image_entry *entry = add_entry(l, path);

	entry->source = xstrdup(source);
	entry->mode = mode;
	entry->uid = uid;
	entry->gid = gid;
}

void image_add_data(struct image_layer *l, const char *path, const void *p,
	size_t n, unsigned mode, unsigned uid, unsigned gid)
{
	struct image_entry *entry = add_entry(l, path);

	entry->data = xmalloc(n + 1);
	if (n)
		memcpy(entry->data, p, n);
	entry->len = n;
	entry->mode = mode;
	entry->uid = uid;
	entry->gid = gid;
}

void image_add_link(struct image_layer *l, const char *path, const char *target)
{
	struct image_entry *entry = add_entry(l, path);

	entry->link = xstrdup(target);
	entry->mode = 0777;
}

void image_add_dir(struct image_layer *l, const char *path, unsigned mode,
	unsigned uid, unsigned gid)
{
	struct image_entry *entry = add_entry(l, path);

	entry->dir = 1;
	entry->mode = mode;
	entry->uid = uid;
	entry->gid = gid;
}

void image_layer_free(struct image_layer *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].path);
		free(l->v[i].link);
		free(l->v[i].source);
		free(l->v[i].data);
	}
	free(l->v);
	memset(l, 0, sizeof(*l));
}

static int bad_component(const char *p, size_t n)
{
	return n == 0 || (n == 1 && p[0] == '.') ||
	       (n == 2 && p[0] == '.' && p[1] == '.') ||
	       (n >= 4 && memcmp(p, ".wh.", 4) == 0);
}

static int check_path(const struct image_entry *entry, struct err *e)
{
	const char *p = entry->path;

	for (;;) {
		size_t n = strcspn(p, "/");

		if (bad_component(p, n))
			return err_set(e, -EINVAL,
				"\"%s\": not a path for a layer", entry->path);
		if (!p[n])
			break;
		p += n + 1;
	}
	if (!gojson_utf8_ok(entry->path))
		return err_set(e, -EINVAL, "\"%s\": not UTF-8", entry->path);
	if (entry->mode & ~0777u && !(entry->dir && entry->mode == 01777))
		return err_set(e, -EINVAL, "%s: mode %o has more than 0777",
			entry->path, entry->mode);
	return 0;
}

static int compare_entries(const void *a, const void *b)
{
	const struct image_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int has_path(const struct image_layer *l, size_t n, char *path)
{
	struct image_entry key = {.path = path};

	return bsearch(&key, l->v, n, sizeof(*l->v), compare_entries) != NULL;
}

/* Adds the folders above every entry that are not there. */
static void add_parents(struct image_layer *l)
{
	size_t n = l->n;

	for (size_t i = 0; i < n; i++) {
		_free_ char *path = xstrdup(l->v[i].path);
		char *slash;

		while ((slash = strrchr(path, '/')) != NULL) {
			int known;

			*slash = 0;
			known = has_path(l, n, path);
			for (size_t k = n; k < l->n && !known; k++)
				known = strcmp(l->v[k].path, path) == 0;
			if (!known)
				image_add_dir(l, path, 0755, 0, 0);
		}
	}
	qsort(l->v, l->n, sizeof(*l->v), compare_entries);
}

/* A link or file must not be used as a folder. */
static int check_parent(const struct image_layer *l, size_t i, struct err *e)
{
	_free_ char *path = xstrdup(l->v[i].path);
	char *slash = strrchr(path, '/');
	struct image_entry key = {.path = path}, *parent;

	if (!slash)
		return 0;
	*slash = 0;
	parent = bsearch(&key, l->v, l->n, sizeof(*l->v), compare_entries);
	if (!parent || !parent->dir)
		return err_set(e, -EINVAL, "%s: %s is not a folder",
			l->v[i].path, path);
	return 0;
}

int layer_settle(struct image_layer *l, struct err *e)
{
	int r = 0;

	if (l->n == 0)
		return 0;
	for (size_t i = 0; i < l->n; i++) {
		size_t len = strlen(l->v[i].path);

		while (len > 1 && l->v[i].path[len - 1] == '/')
			l->v[i].path[--len] = 0;
		r = check_path(&l->v[i], e);
		if (r < 0)
			return r;
	}
	qsort(l->v, l->n, sizeof(*l->v), compare_entries);
	for (size_t i = 1; i < l->n; i++)
		if (strcmp(l->v[i - 1].path, l->v[i].path) == 0)
			return err_set(e, -EEXIST, "%s is in the layer twice",
				l->v[i].path);
	add_parents(l);
	for (size_t i = 0; i < l->n && r == 0; i++)
		r = check_parent(l, i, e);
	return r;
}
