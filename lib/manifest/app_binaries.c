/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest's "binaries": what is taken out of an unpacked system. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "manifest/app_read.h"

#define LETTER "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT  "0123456789"

static void read_package(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	_free_ char *s = NULL;
	_free_ char *quoted = NULL;

	value_string(d, at, v, &s);
	if (!s)
		return;
	if (app_is_package(s)) {
		char *kept = steal_ptr(s);

		memcpy(to, &kept, sizeof(kept));
		return;
	}
	quoted = doc_quote(s);
	doc_error(d, at, "package-syntax",
		"%s is not a binary package, such as "
		"\"mariadb-server-core/bookworm\"",
		quoted);
}

static void read_packages(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	value_list(d, at, v, read_package, to);
}

/* A guest path; one slash may end it, which people write after folders. */
static void read_path(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	const char *s = json_string_value(v);
	size_t n = s ? strlen(s) : 0;
	json_t *cut = NULL;

	if (n > 1 && s[n - 1] == '/' && s[n - 2] != '/')
		cut = json_stringn(s, n - 1);
	value_guest_path(d, at, cut ? cut : v, to);
	json_decref(cut);
}

static void read_paths(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	value_list(d, at, v, read_path, to);
}

/* The name of a file below a known folder: no folder of its own, no "..". */
static void read_name(const struct doc *d, const struct place *at, json_t *v,
	const char *more, const char *check, const char *kind, char **to)
{
	static const char usual[] = LETTER DIGIT "_.@+-";
	_free_ char *s = NULL;
	_free_ char *quoted = NULL;
	const char *p;

	value_string(d, at, v, &s);
	if (!s)
		return;
	for (p = s; strchr(LETTER, *p) && *p;) {
		p += strspn(p, usual);
		if (!*p) {
			*to = steal_ptr(s);
			return;
		}
		if (!strchr(more, *p))
			break;
		p++;
	}
	quoted = doc_quote(s);
	doc_error(d, at, check, "%s is not a %s", quoted, kind);
}

static void read_locale(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	char *s = NULL;

	read_name(d, at, v, "", "locale-syntax",
		"locale, such as \"de_DE.UTF-8\"", &s);
	memcpy(to, &s, sizeof(s));
}

static void read_locales(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	value_list(d, at, v, read_locale, to);
}

static void read_zone(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	char *s = NULL;

	read_name(d, at, v, "/", "zone-syntax",
		"time zone, such as \"Europe/Berlin\", or \"all\"", &s);
	memcpy(to, &s, sizeof(s));
}

static void read_zones(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	value_list(d, at, v, read_zone, to);
}

static const struct field fields[] = {
	{"packages", read_packages, offsetof(struct app_binaries, packages), 0},
	{"root", value_string, offsetof(struct app_binaries, root), 0},
	{"paths", read_paths, offsetof(struct app_binaries, paths), 0},
	{"locales", read_locales, offsetof(struct app_binaries, locales), 0},
	{"zoneinfo", read_zones, offsetof(struct app_binaries, zoneinfo), 0},
};

void app_read_binaries(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app *a = to;

	app_free_binaries(a);
	a->binaries = xcalloc(1, sizeof(*a->binaries));
	doc_read_object(d, at, v, fields, sizeof(fields) / sizeof(*fields),
		a->binaries);
}

static void check_root(struct app_ctx *c, const struct place *binaries)
{
	const struct place at = {binaries, "root", 0};
	struct app_binaries *b = c->app->binaries;
	struct stat st;

	if (!b->root)
		return;
	if (b->packages.n)
		doc_error_key(&c->doc, &at, "root-twice",
			"cannot stand beside \"packages\", which are unpacked "
			"to a root of their own");
	if (app_resolve(c, &at, &b->root, &st) == 0 && !S_ISDIR(st.st_mode))
		doc_error(&c->doc, &at, "file-type", "must be a folder");
}

static void check_paths(struct app_ctx *c, const struct place *binaries)
{
	const struct place list = {binaries, "paths", 0};
	const struct strv *s = &c->app->binaries->paths;

	app_check_twice(c, &list, s, "duplicate-path");
	for (size_t i = 0; i < s->n; i++) {
		const struct place at = {&list, NULL, i};

		app_check_guest_path(c, &at, s->v[i]);
		if (!strcmp(s->v[i], "/"))
			doc_error(&c->doc, &at, "path-root",
				"\"/\" is everything: name what is needed");
	}
}

void app_check_binaries(struct app_ctx *c)
{
	const struct place at = app_place(c, "binaries");
	const struct place program = app_place(c, "program");
	const struct place packages = {&at, "packages", 0};
	const struct place locales = {&at, "locales", 0};
	const struct place zones = {&at, "zoneinfo", 0};
	const struct app *a = c->app;

	app_check_guest_path(c, &program, a->program);
	if (a->program && !strcmp(a->program, "/"))
		doc_error(&c->doc, &program, "path-root",
			"\"/\" is not a program");
	if (!a->binaries)
		return;
	check_root(c, &at);
	check_paths(c, &at);
	app_check_twice(
		c, &packages, &a->binaries->packages, "duplicate-package");
	app_check_twice(c, &locales, &a->binaries->locales, "duplicate-locale");
	app_check_twice(c, &zones, &a->binaries->zoneinfo, "duplicate-zone");
}

void app_free_binaries(struct app *a)
{
	struct app_binaries *b = a->binaries;

	if (!b)
		return;
	strv_free(&b->packages);
	free(b->root);
	strv_free(&b->paths);
	strv_free(&b->locales);
	strv_free(&b->zoneinfo);
	free(b);
	a->binaries = NULL;
}
