/* SPDX-License-Identifier: Apache-2.0 */
/* What no single value of a manifest shows: a table of checks. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "core/near.h"
#include "manifest/app_read.h"

/* --- host paths ---------------------------------------------------------- */

/* A name in the same folder that may have been meant; caller frees. */
static char *near_file(const char *path)
{
	enum { MOST = 4096 };
	_free_ char *dir_name = path_dir(path);
	_strv_ struct strv names = {0};
	const char *near;
	struct dirent *e;
	DIR *dir;

	dir = opendir(dir_name);
	if (!dir)
		return NULL;
	while (names.n < MOST && (e = readdir(dir))) {
		if (e->d_name[0] != '.')
			strv_add(&names, e->d_name);
	}
	closedir(dir);
	near = near_find(
		path_base(path), (const char *const *)names.v, names.n);
	return near ? xstrdup(near) : NULL;
}

static void report_missing(struct app_ctx *c, const struct place *at,
	const char *given, const char *full)
{
	_free_ char *quoted = doc_quote(given);
	_free_ char *near = NULL;
	int number = errno;
	struct stat st;

	if (number == ENOENT && lstat(full, &st) == 0) {
		doc_error(&c->doc, at, "file-missing",
			"%s is a link to nothing", quoted);
		return;
	}
	if (number == ENOENT && strpbrk(given, "*?[")) {
		doc_error(&c->doc, at, "file-missing",
			"%s: no such file; patterns are not expanded", quoted);
		return;
	}
	near = number == ENOENT ? near_file(full) : NULL;
	if (near)
		doc_error(&c->doc, at, "file-missing",
			"%s: no such file, did you mean \"%s\"?", quoted, near);
	else if (number == ENOENT)
		doc_error(&c->doc, at, "file-missing", "%s: no such file",
			quoted);
	else
		doc_error(&c->doc, at, "file-missing", "%s: %s", quoted,
			strerror(number));
}

/* Is the (real) path the folder or below it? */
static int is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) &&
	       (!path[len] || path[len] == '/' || !strcmp(dir, "/"));
}

int app_resolve(
	struct app_ctx *c, const struct place *at, char **path, struct stat *st)
{
	_free_ char *quoted = doc_quote(*path);
	_free_ char *normal = NULL;
	_free_ char *full = NULL;
	char *real;

	if (**path == '/') {
		full = xstrdup(*path);
	} else {
		normal = value_normal_path(*path);
		if (!normal) {
			doc_error(&c->doc, at, "path-escape",
				"%s leads out of the manifest's folder",
				quoted);
			return -1;
		}
		full = path_join(c->app->dir, normal);
	}
	real = realpath(full, NULL);
	if (!real || stat(real, st) < 0) {
		report_missing(c, at, *path, full);
		free(real);
		return -1;
	}
	if (**path != '/' && !is_below(real, c->app->dir)) {
		doc_error(&c->doc, at, "link-escape",
			"%s is a link out of the manifest's folder", quoted);
		free(real);
		return -1;
	}
	free(*path);
	*path = real;
	return 0;
}

/* --- what is built ------------------------------------------------------- */

static void check_what_is_built(struct app_ctx *c)
{
	static const char *const only_sources[] = {"cflags", "ldflags", "libs"};
	const struct strv *used[] = {
		&c->app->cflags, &c->app->ldflags, &c->app->libs};
	struct place at;
	size_t i;

	if (c->app->build && c->app->sources.n) {
		at = app_place(c, "build");
		doc_error_key(&c->doc, &at, "build-twice",
			"cannot stand beside \"sources\"");
	}
	at = app_place(c, "program");
	if (c->app->program && (c->app->build || c->app->sources.n))
		doc_error_key(&c->doc, &at, "build-twice",
			"cannot stand beside \"%s\"",
			c->app->build ? "build" : "sources");
	for (i = 0; (c->app->build || c->app->program) && i < 3; i++) {
		at = app_place(c, only_sources[i]);
		if (used[i]->n)
			doc_error_key(&c->doc, &at, "build-flags",
				c->app->build
					? "belongs to \"sources\"; say it in "
					  "the build's commands"
					: "belongs to \"sources\", and "
					  "\"program\" is not compiled");
	}
}

static void check_something_is_built(struct app_ctx *c)
{
	const struct place at = app_place(c, "sources");
	const json_t *sources =
		json_object_get(at.up ? c->over : c->doc.root, "sources");

	if (c->app->build || c->app->sources.n || app_says(c->app, "program") ||
		app_says(c->app, "rootfs"))
		return;
	if (!sources)
		doc_error(&c->doc, NULL, "missing-key",
			"key \"sources\", \"build\", \"program\" or "
			"\"rootfs\" is missing");
	else if (json_is_array(sources) && !json_array_size(sources))
		doc_error(&c->doc, &at, "empty", "must not be empty");
}

static int is_source_name(const char *path)
{
	static const char *const endings[] = {
		".c", ".s", ".S", ".cc", ".cpp", ".cxx", ".C"};
	const char *dot = strrchr(path_base(path), '.');
	size_t i;

	for (i = 0; dot && i < sizeof(endings) / sizeof(*endings); i++) {
		if (!strcmp(dot, endings[i]))
			return 1;
	}
	return 0;
}

static void check_sources(struct app_ctx *c)
{
	const struct place list = app_place(c, "sources");
	struct strv *s = &c->app->sources;
	struct stat st;
	size_t i, j;

	for (i = 0; i < s->n; i++) {
		const struct place at = {&list, NULL, i};

		if (!*s->v[i] || app_resolve(c, &at, &s->v[i], &st) < 0)
			continue;
		if (!S_ISREG(st.st_mode))
			doc_error(&c->doc, &at, "file-type", "must be a file");
		else if (!is_source_name(s->v[i]))
			doc_error(&c->doc, &at, "source-type",
				"must end in .c, .s, .S, .cc, .cpp or .cxx");
		for (j = 0; j < i; j++) {
			if (!strcmp(s->v[i], s->v[j])) {
				doc_error(&c->doc, &at, "duplicate-source",
					"is the same file as sources[%zu]", j);
				break;
			}
		}
	}
}

static void check_build_dir(struct app_ctx *c)
{
	const struct place build = app_place(c, "build");
	const struct place at = {&build, "dir", 0};
	struct app_build *b = c->app->build;
	struct stat st;
	char *normal;

	if (!b)
		return;
	if (b->source) {
		/* Below what is not unpacked yet. */
		normal = b->dir && *b->dir != '/' ? value_normal_path(b->dir)
						  : NULL;
		if (b->dir && !normal)
			doc_error(&c->doc, &at, "path-escape",
				"must be below the unpacked source");
		free(b->dir);
		b->dir = normal;
		return;
	}
	if (!b->dir)
		b->dir = xstrdup(".");
	if (app_resolve(c, &at, &b->dir, &st) == 0 && !S_ISDIR(st.st_mode))
		doc_error(&c->doc, &at, "file-type", "must be a folder");
}

/* The name of a source package, without its release. */
static int same_source(const char *a, const char *b)
{
	size_t len = strcspn(a, "/");

	return len && len == strcspn(b, "/") && !strncmp(a, b, len);
}

static void check_build_with(struct app_ctx *c)
{
	const struct place build = app_place(c, "build");
	const struct place list = {&build, "with", 0};
	const struct app_build *b = c->app->build;
	size_t i, j;

	if (!b || !b->with.n)
		return;
	if (!b->source)
		doc_error_key(&c->doc, &list, "build-with",
			"needs a \"source\" that it is unpacked beside");
	for (i = 0; i < b->with.n; i++) {
		const struct place at = {&list, NULL, i};

		for (j = 0; j < i; j++) {
			if (same_source(b->with.v[i], b->with.v[j])) {
				doc_error(&c->doc, &at, "duplicate-source",
					"is the same as with[%zu]", j);
				break;
			}
		}
	}
}

/* --- files --------------------------------------------------------------- */

static void check_file_sources(struct app_ctx *c)
{
	const struct place list = app_place(c, "files");
	struct app_file *f;
	struct stat st;
	size_t i;

	for (i = 0; i < c->app->nfiles; i++) {
		const struct place entry = {&list, NULL, i};
		const struct place at = {&entry, "from", 0};
		const struct place to = {&entry, "to", 0};

		f = &c->app->files[i];
		if (!f->from || app_resolve(c, &at, &f->from, &st) < 0)
			continue;
		if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
			doc_error(&c->doc, &at, "file-type",
				"must be a file or a folder");
		else if (f->to && !strcmp(f->to, "/") && !S_ISDIR(st.st_mode))
			doc_error(&c->doc, &to, "path-root",
				"\"/\" can only take a folder");
	}
}

/* These are mounted over: what an image has there is never seen. */
static int is_hidden(const char *path)
{
	return is_below(path, "/dev") || is_below(path, "/proc") ||
	       is_below(path, "/sys");
}

void app_check_guest_path(
	struct app_ctx *c, const struct place *at, const char *path)
{
	if (path && is_hidden(path))
		doc_error(&c->doc, at, "path-hidden",
			"/dev, /proc and /sys are the system's own");
}

static void check_file_targets(struct app_ctx *c)
{
	const struct place list = app_place(c, "files");
	const struct app_file *f, *g;
	size_t i, j;

	for (i = 0; i < c->app->nfiles; i++) {
		const struct place entry = {&list, NULL, i};
		const struct place at = {&entry, "to", 0};

		f = &c->app->files[i];
		app_check_guest_path(c, &at, f->to);
		if (f->to && !strcmp(f->to, "/") && !f->from)
			doc_error(&c->doc, &at, "path-root",
				"\"/\" is there already");
		for (j = 0; f->to && j < c->app->nfiles; j++) {
			g = &c->app->files[j];
			if (j == i || !g->to)
				continue;
			if (j < i && !strcmp(f->to, g->to))
				doc_error(&c->doc, &at, "duplicate-path",
					"files[%zu] goes there too", j);
			else if (g->link && strcmp(f->to, g->to) != 0 &&
				 is_below(f->to, g->to))
				doc_error(&c->doc, &at, "path-in-link",
					"files[%zu] makes a part of it a link",
					j);
		}
	}
}

/* --- the machine --------------------------------------------------------- */

static void check_ports(struct app_ctx *c)
{
	const struct place list = app_place(c, "ports");
	const struct app_port *p = c->app->ports;
	size_t i, j;

	for (i = 0; i < c->app->nports; i++) {
		const struct place at = {&list, NULL, i};

		for (j = 0; j < i; j++) {
			if (p[i].port && p[i].port == p[j].port &&
				p[i].udp == p[j].udp) {
				doc_error(&c->doc, &at, "duplicate-port",
					"is the same as ports[%zu]", j);
				break;
			}
		}
	}
}

void app_check_twice(struct app_ctx *c, const struct place *list,
	const struct strv *s, const char *check)
{
	size_t i, j;

	for (i = 0; i < s->n; i++) {
		const struct place at = {list, NULL, i};

		for (j = 0; j < i; j++) {
			if (*s->v[i] && !strcmp(s->v[i], s->v[j])) {
				doc_error(&c->doc, &at, check,
					"is the same as %s[%zu]", list->key, j);
				break;
			}
		}
	}
}

static void check_volumes(struct app_ctx *c)
{
	const struct place list = app_place(c, "volumes");
	const struct strv *s = &c->app->volumes;
	size_t i;

	app_check_twice(c, &list, s, "duplicate-volume");
	for (i = 0; i < s->n; i++) {
		const struct place at = {&list, NULL, i};

		if (!strcmp(s->v[i], "/"))
			doc_error(&c->doc, &at, "path-root",
				"the root itself cannot be a volume");
		app_check_guest_path(c, &at, s->v[i]);
	}
}

/* Others could not be known by their path. */
static void check_exclusive(struct app_ctx *c)
{
	const struct place list = app_place(c, "exclusive");
	const struct strv *s = &c->app->exclusive, *all = &c->app->volumes;

	app_check_twice(c, &list, s, "duplicate-volume");
	for (size_t i = 0, j; i < s->n; i++) {
		const struct place at = {&list, NULL, i};

		for (j = 0; j < all->n && strcmp(s->v[i], all->v[j]) != 0; j++)
			;
		if (j == all->n && *s->v[i])
			doc_error(&c->doc, &at, "exclusive-volume",
				"\"%s\" is not one of the volumes", s->v[i]);
	}
}

static void check_tags(struct app_ctx *c)
{
	const struct place list = app_place(c, "tags");

	app_check_twice(c, &list, &c->app->tags, "duplicate-tag");
}

static void check_targets(struct app_ctx *c)
{
	const struct place list = app_place(c, "targets");

	app_check_twice(c, &list, &c->app->targets, "duplicate-target");
}

/* What is not done by then is cut off. */
static void check_drain(struct app_ctx *c)
{
	const struct place at = app_place(c, "drain");
	const struct app *a = c->app;

	if (a->drain_ns && a->drain_ns >= a->stop_timeout_s * 1000000000ULL)
		doc_error(&c->doc, &at, "drain-range",
			"must be less than the %u seconds of stop_timeout",
			a->stop_timeout_s);
}

static void (*const checks[])(struct app_ctx *c) = {
	check_targets,
	check_what_is_built,
	check_something_is_built,
	check_sources,
	check_build_dir,
	check_build_with,
	app_check_binaries,
	app_check_rootfs,
	check_file_sources,
	check_file_targets,
	check_ports,
	check_volumes,
	check_exclusive,
	check_drain,
	check_tags,
};

void app_check_all(struct app_ctx *c)
{
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		checks[i](c);
}
