/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the files of declared volumes into an image's layer. */
#include "build/seed.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"

struct seed {
	const struct app *app;
	const struct app_file *file; /* of a tree that is being walked */
	struct image_layer *layer;
};

static int is_at_or_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return !strncmp(path, folder, n) && (path[n] == '/' || !path[n]);
}

static int is_in_volume(const struct app *a, const char *path)
{
	for (size_t i = 0; i < a->volumes.n; i++)
		if (is_at_or_below(path, a->volumes.v[i]))
			return 1;
	return 0;
}

static int is_there(const struct image_layer *l, const char *path)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].path, path + 1))
			return 1;
	return 0;
}

static int add(const struct seed *s, const char *to, const char *path,
	const struct stat *st, struct err *e)
{
	const struct app_file *f = s->file;
	char target[4096];
	unsigned mode;
	ssize_t n;

	/* What is listed by itself came first, and counts. */
	if (!is_in_volume(s->app, to) || is_there(s->layer, to))
		return 0;
	if (S_ISDIR(st->st_mode)) {
		image_add_dir(s->layer, to + 1, 0755, f->uid, f->gid);
	} else if (S_ISLNK(st->st_mode)) {
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			return err_errno(e, "read link %s", path);
		target[n] = 0;
		image_add_link(s->layer, to + 1, target);
	} else {
		mode = st->st_mode & 0111 ? 0755 : 0644;
		if (f->mode >= 0)
			mode = (unsigned)f->mode;
		image_add_file(
			s->layer, to + 1, path, mode & 0777, f->uid, f->gid);
	}
	return 0;
}

static int visit(const char *path, const char *rel, const struct stat *st,
	void *arg, struct err *e)
{
	const struct seed *s = arg;
	const char *top = strcmp(s->file->to, "/") != 0 ? s->file->to : "";
	_free_ char *to = xasprintf("%s%s%s", top, *rel ? "/" : "", rel);

	return add(s, to, path, st, e);
}

static int add_listed(struct seed *s, struct err *e)
{
	const struct app_file *f = s->file;
	struct stat st = {.st_mode = S_IFDIR};

	if (f->link) {
		if (is_in_volume(s->app, f->to) && !is_there(s->layer, f->to))
			image_add_link(s->layer, f->to + 1, f->link);
		return 0;
	}
	if (f->dir) {
		if (is_in_volume(s->app, f->to) && !is_there(s->layer, f->to))
			image_add_dir(s->layer, f->to + 1,
				f->mode >= 0 ? (unsigned)f->mode & 0777 : 0755,
				f->uid, f->gid);
		return 0;
	}
	if (stat(f->from, &st) < 0)
		return err_errno(e, "open %s", f->from);
	return S_ISDIR(st.st_mode) ? 0 : add(s, f->to, f->from, &st, e);
}

static int add_tree(struct seed *s, struct err *e)
{
	const struct app_file *f = s->file;
	struct stat st;

	if (f->link || f->dir || stat(f->from, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return file_walk(f->from, visit, s, e);
}

int seed_volumes(const struct app *a, struct image_layer *l, struct err *e)
{
	struct seed s = {.app = a, .layer = l};
	int r = 0;

	for (size_t i = 0; i < a->nfiles && a->volumes.n && r == 0; i++) {
		s.file = &a->files[i];
		r = add_listed(&s, e);
	}
	for (size_t i = 0; i < a->nfiles && a->volumes.n && r == 0; i++) {
		s.file = &a->files[i];
		r = add_tree(&s, e);
	}
	return r;
}
