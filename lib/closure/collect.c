/* SPDX-License-Identifier: Apache-2.0 */
/* The set of collected files: paths, folders, links, and who is looked into. */
#include "closure/collect.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "closure/root.h"
#include "core/file.h"
#include "core/mem.h"

enum { HEAD = 256, MODE_KEPT = 01777 };

struct closure *closure_new(const struct closure_spec *spec)
{
	struct closure *c = xcalloc(1, sizeof(*c));

	c->spec = *spec;
	return c;
}

static void keep_string(void *p)
{
	(void)p; /* the entries own them */
}

void closure_free(struct closure *c)
{
	if (!c)
		return;
	tdestroy(c->by_path, keep_string);
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].path);
		free(c->v[i].from);
		free(c->v[i].link);
		free(c->v[i].reason);
	}
	for (size_t i = 0; i < c->nmissing; i++) {
		free(c->missing[i].name);
		free(c->missing[i].text);
	}
	for (size_t i = 0; i < USES; i++)
		free(c->used[i]);
	free(c->v);
	free(c->missing);
	for (size_t i = 0; i < c->nwork; i++)
		free(c->work[i].real);
	free(c->work);
	strv_free(&c->conf);
	ldcache_free(c);
	free(c);
}

/* --- the set --------------------------------------------------------------*/

static int by_bytes(const void *a, const void *b)
{
	return strcmp(a, b);
}

int collect_has(const struct closure *c, const char *path)
{
	return tfind(path, &c->by_path, by_bytes) != NULL;
}

/* Room doubles at each power of two. */
static void *grow(void *v, size_t n, size_t size)
{
	return n & (n - 1) ? v : xreallocarray(v, n ? 2 * n : 1, size);
}

/* 1 if it was not there. */
static int add(struct closure *c, const char *path, const char *from,
	const char *link, unsigned mode, const char *reason)
{
	struct closure_file *f;

	if (collect_has(c, path))
		return 0;
	c->v = grow(c->v, c->n, sizeof(*c->v));
	f = &c->v[c->n++];
	*f = (struct closure_file){
		.path = xstrdup(path),
		.from = from ? xstrdup(from) : NULL,
		.link = link ? xstrdup(link) : NULL,
		.mode = mode & MODE_KEPT,
		.reason = xstrdup(reason),
	};
	if (!tsearch(f->path, &c->by_path, by_bytes))
		xmalloc(SIZE_MAX); /* ends the process */
	return 1;
}

/* Folders above a real path, with their modes. */
static void add_parents(struct closure *c, const char *path)
{
	_free_ char *up = xstrdup(path);
	_free_ char *why = NULL;
	struct stat st;
	char *slash;

	while ((slash = strrchr(up, '/')) && slash != up) {
		_free_ char *host = NULL;

		*slash = 0;
		if (collect_has(c, up))
			return;
		host = root_host(c->spec.root, up);
		if (!why)
			why = xasprintf("folder of %s", path);
		add(c, up, NULL, NULL, stat(host, &st) == 0 ? st.st_mode : 0755,
			why);
	}
}

void collect_made(struct closure *c, const char *path, const char *from,
	unsigned mode, const char *reason)
{
	add_parents(c, path);
	add(c, path, from, NULL, mode, reason);
}

void collect_miss(struct closure *c, const char *kind, const char *name,
	int optional, const char *fmt, ...)
{
	struct closure_missing *m;
	char *text;
	va_list ap;

	for (size_t i = 0; i < c->nmissing; i++)
		if (!strcmp(c->missing[i].kind, kind) &&
			!strcmp(c->missing[i].name, name))
			return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		xmalloc(SIZE_MAX); /* ends the process */
	va_end(ap);
	c->missing = grow(c->missing, c->nmissing, sizeof(*c->missing));
	m = &c->missing[c->nmissing++];
	*m = (struct closure_missing){kind, xstrdup(name), text, optional};
}

const char *collect_find(const struct closure *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(path_base(c->v[i].path), name) &&
			(c->v[i].from || c->v[i].link))
			return c->v[i].path;
	return NULL;
}

/* --- what a path brings ---------------------------------------------------*/

/* Why links on the way are there. */
struct way {
	struct closure *c;
	const char *path, *reason;
};

static void see_link(const char *path, const char *target, void *arg)
{
	const struct way *w = arg;
	_free_ char *why = NULL;

	if (!strcmp(path_base(path), path_base(w->path)))
		why = xstrdup(w->reason);
	else
		why = xasprintf("link: on the way to %s", w->path);
	add_parents(w->c, path);
	add(w->c, path, NULL, target, 0777, why);
}

static void add_regular(struct closure *c, const char *real,
	const struct stat *st, int by_folder, const char *reason)
{
	_free_ char *host = root_host(c->spec.root, real);

	add_parents(c, real);
	if (!add(c, real, host, NULL, st->st_mode, reason))
		return;
	c->work = grow(c->work, c->nwork, sizeof(*c->work));
	c->work[c->nwork++] = (struct closure_work){xstrdup(real), by_folder};
}

static int add_tree(
	struct closure *c, const char *real, const char *reason, struct err *e);

static int add_inside(struct closure *c, const char *path,
	const struct stat *st, const char *reason, struct err *e)
{
	struct way w = {c, path, reason};
	_free_ char *real = NULL;
	_free_ char *why = NULL;
	struct err ignored;
	struct stat to;

	if (S_ISREG(st->st_mode)) {
		add_regular(c, path, st, 1, reason);
		return 0;
	}
	if (!S_ISLNK(st->st_mode))
		return err_set(e, -EINVAL,
			"%s of %s: not a regular file, folder or symbolic link",
			path, c->spec.what);
	/* Where it leads to nothing it is kept as it is, as for a program
	 * that makes what is there. */
	if (root_follow(c->spec.root, path, see_link, &w, &real, &to,
		    &ignored) < 0 ||
		!strcmp(real, "/"))
		return 0;
	why = xasprintf("target of the link %s", path);
	if (S_ISREG(to.st_mode))
		add_regular(c, real, &to, 1, why);
	return S_ISDIR(to.st_mode) ? add_tree(c, real, why, e) : 0;
}

struct visit {
	struct closure *c;
	const char *real, *reason;
};

static int visit(const char *path, const char *rel, const struct stat *st,
	void *arg, struct err *e)
{
	struct visit *v = arg;
	_free_ char *to = NULL;

	(void)path;
	if (!*rel)
		return 0;
	to = xasprintf("%s/%s", v->real, rel);
	if (!S_ISDIR(st->st_mode))
		return add_inside(v->c, to, st, v->reason, e);
	add(v->c, to, NULL, NULL, st->st_mode, v->reason);
	return 0;
}

/* A folder that is there as one already may be so without its contents; a
 * mark that no path can be tells that it was walked. */
static int add_tree(
	struct closure *c, const char *real, const char *reason, struct err *e)
{
	_free_ char *host = root_host(c->spec.root, real);
	_free_ char *mark = xasprintf("\001%s", real);
	struct visit v = {c, real, reason};
	struct stat st;

	if (collect_has(c, mark))
		return 0;
	if (stat(host, &st) < 0)
		return err_errno(e, "open %s", host);
	add_parents(c, real);
	add(c, real, NULL, NULL, st.st_mode, reason);
	add(c, mark, NULL, NULL, 0, reason);
	return file_walk(host, visit, &v, e);
}

int collect_path(struct closure *c, const char *path, const char *reason,
	char **real, struct err *e)
{
	struct way w = {c, path, reason};
	_free_ char *at = NULL;
	struct stat st;
	int r;

	/* First without a trace: it may lead to nothing. */
	r = root_follow(c->spec.root, path, NULL, NULL, &at, &st, e);
	if (r < 0 && r != -EXDEV)
		return r;
	free(steal_ptr(at));
	r = root_follow(c->spec.root, path, see_link, &w, &at, &st, e);
	if (r < 0)
		return r == -EXDEV && !real ? 0 : r;
	if (S_ISREG(st.st_mode))
		add_regular(c, at, &st, 0, reason);
	else if (S_ISDIR(st.st_mode) && strcmp(at, "/") != 0)
		r = add_tree(c, at, reason, e);
	else
		r = err_set(e, -EINVAL, "%s of %s: not a file or folder", path,
			c->spec.what);
	if (r == 0 && real)
		*real = steal_ptr(at);
	return r;
}

/* --- what is looked into --------------------------------------------------*/

/* The first bytes of a file and a 0; nonzero: it is an ELF file. */
static int read_head(
	const char *host, char *head, struct stat *st, struct err *e)
{
	_close_ int fd = open(host, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0 || fstat(fd, st) < 0)
		return err_errno(e, "open %s", host);
	n = read(fd, head, HEAD);
	if (n < 0)
		return err_errno(e, "read %s", host);
	head[n] = 0;
	return n >= SELFMAG && !memcmp(head, ELFMAG, SELFMAG);
}

static int look_into(struct closure *c, const char *real, const char *host,
	int by_folder, struct err *e)
{
	char head[HEAD + 1];
	struct stat st = {0};
	int r = read_head(host, head, &st, e);

	if (r > 0)
		return load_closure(c, real, host, e);
	/* Somebody who names a script may well make it executable. */
	if (r == 0 && !strncmp(head, "#!", 2) &&
		(!by_folder || st.st_mode & 0111))
		return script_closure(c, real, head, by_folder, e);
	return r;
}

static int work_off(struct closure *c, struct err *e)
{
	int r = 0;

	while (r == 0 && c->done < c->nwork) {
		const struct closure_work w = c->work[c->done++];
		_free_ char *host = root_host(c->spec.root, w.real);

		r = look_into(c, w.real, host, w.by_folder, e);
	}
	return r;
}

int closure_add_path(struct closure *c, const char *path, struct err *e)
{
	_free_ char *reason = xstrdup("listed in binaries.paths");
	int r = collect_path(c, path, reason, NULL, e);

	if (r != -ENOENT && r != -ENOTDIR && r != -ELOOP)
		return r;
	collect_miss(c, "file", path, 0, "%s is not in %s%s", path,
		c->spec.what, r == -ELOOP ? ": its links lead in circles" : "");
	return 0;
}

/* The program itself is worth a closer look than what it brings. */
static int check_program(struct closure *c, const char *path, const char *host,
	int with_mode, struct err *e)
{
	char head[HEAD + 1];
	struct stat st = {0};
	int r = read_head(host, head, &st, e);

	if (r < 0)
		return r;
	if (r > 0)
		load_check_program(c, path, host);
	else if (strncmp(head, "#!", 2) != 0)
		collect_miss(c, "program", path, 0,
			"the program %s cannot run: neither an ELF file nor a "
			"script",
			path);
	if (with_mode && !(st.st_mode & 0111))
		collect_miss(c, "program", path, 0,
			"the program %s cannot run: it is not executable",
			path);
	return 0;
}

int closure_add_program(
	struct closure *c, const char *path, const char *from, struct err *e)
{
	_free_ char *real = NULL;
	_free_ char *host = NULL;
	int r;

	if (from) {
		r = check_program(c, path, from, 0, e);
		return r < 0 ? r : look_into(c, path, from, 0, e);
	}
	r = collect_path(c, path, "program", &real, e);
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -EXDEV) {
		collect_miss(c, "program", path, 0,
			"the program %s is not in %s", path, c->spec.what);
		return 0;
	}
	if (r < 0)
		return r;
	host = root_host(c->spec.root, real);
	return check_program(c, path, host, 1, e);
}

int closure_finish(struct closure *c, struct err *e)
{
	size_t before;
	int r;

	do {
		before = c->n;
		r = work_off(c, e);
		if (r == 0)
			r = families_add(c, e);
	} while (r == 0 && (c->n > before || c->done < c->nwork));
	return r < 0 ? r : ldcache_add(c, e);
}

static int by_path(const void *a, const void *b)
{
	const struct closure_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* Marks sort before all paths. */
const struct closure_file *closure_files(struct closure *c, size_t *n)
{
	size_t marks = 0;

	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), by_path);
	while (marks < c->n && c->v[marks].path[0] == 1)
		marks++;
	*n = c->n - marks;
	return c->v + marks;
}

const struct closure_missing *closure_missed(const struct closure *c, size_t *n)
{
	*n = c->nmissing;
	return c->missing;
}
