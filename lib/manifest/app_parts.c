/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of the manifest's two larger keys: "files" and "build". */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "manifest/app_read.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"

/* --- files --------------------------------------------------------------- */

/* A decimal user or group number; -1 if it is none. */
static long long parse_id(const char *s, size_t len)
{
	if (!len || len > 10 || strspn(s, DIGIT) < len)
		return -1;
	return strtoll(s, NULL, 10) < 0xffffffffLL ? strtoll(s, NULL, 10) : -1;
}

static void read_owner(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app_file *f = to;
	const char *s = json_string_value(v);
	_free_ char *quoted = NULL;
	long long uid, gid;
	size_t len;

	if (value_is_string(d, at, v) < 0)
		return;
	len = strcspn(s, ":");
	uid = parse_id(s, len);
	gid = s[len] ? parse_id(s + len + 1, strlen(s + len + 1)) : -1;
	if (uid < 0 || gid < 0) {
		quoted = doc_quote(s);
		doc_error(d, at, "owner-syntax",
			"%s is not an owner: two numbers, such as \"33:33\"",
			quoted);
		return;
	}
	f->uid = (unsigned)uid;
	f->gid = (unsigned)gid;
}

static const struct field file_fields[] = {
	{"from", value_string, offsetof(struct app_file, from), 0},
	{"link", value_string, offsetof(struct app_file, link), 0},
	{"dir", value_true, offsetof(struct app_file, dir), 0},
	{"to", value_guest_path, offsetof(struct app_file, to), 1},
	{"mode", value_mode, offsetof(struct app_file, mode), 0},
	{"owner", read_owner, 0, 0},
};

static int has(json_t *v, const char *key)
{
	return json_object_get(v, key) != NULL;
}

static void read_file(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app_file *f = to;
	const struct place mode = {at, "mode", 0};
	int kinds = has(v, "from") + has(v, "link") + has(v, "dir");

	f->mode = -1;
	if (doc_read_object(d, at, v, file_fields,
		    sizeof(file_fields) / sizeof(*file_fields), f) < 0)
		return;
	if (kinds != 1)
		doc_error(d, at, "file-kind",
			"needs exactly one of \"from\", \"link\", \"dir\"");
	else if (f->link && has(v, "mode"))
		doc_error_key(
			d, &mode, "link-mode", "a symbolic link has no mode");
}

void app_read_files(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app *a = to;
	size_t n;
	struct app_file *files =
		value_array(d, at, v, read_file, sizeof(*files), &n);

	if (!files)
		return;
	app_free_files(a);
	a->files = files;
	a->nfiles = n;
}

void app_free_files(struct app *a)
{
	size_t i;

	for (i = 0; i < a->nfiles; i++) {
		free(a->files[i].from);
		free(a->files[i].to);
		free(a->files[i].link);
		free(a->files[i].reason);
	}
	free(a->files);
	a->files = NULL;
	a->nfiles = 0;
}

/* --- build --------------------------------------------------------------- */

int app_is_package(const char *s)
{
	size_t len = strspn(s, LOWER DIGIT "+.-");

	if (len < 2 || !strchr(LOWER DIGIT, s[0]))
		return 0;
	if (!s[len])
		return 1;
	if (s[len] != '/')
		return 0;
	s += len + 1;
	return *s && strchr(LOWER, *s) &&
	       strspn(s, LOWER DIGIT "-") == strlen(s);
}

static void read_source(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	char *s = NULL;

	value_string(d, at, v, &s);
	if (!s)
		return;
	if (!app_is_package(s)) {
		_free_ char *quoted = doc_quote(s);

		doc_error(d, at, "source-syntax",
			"%s is not a source package, such as "
			"\"sqlite3/bookworm\"",
			quoted);
		free(s);
		return;
	}
	memcpy(to, &s, sizeof(s));
}

static void read_with(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	value_list(d, at, v, read_source, to);
}

/* ${jobs} is the one variable; a shell's own are written $NAME. */
static void check_variables(
	const struct doc *d, const struct place *at, const char *s)
{
	static const char *const known[] = {"jobs"};
	_free_ char *name = NULL;
	const char *at_var;

	for (; (at_var = strstr(s, "${")); s = at_var + 2) {
		free(name);
		name = xstrndup(at_var + 2, strcspn(at_var + 2, "}"));
		if (value_is_word(d, at, name, "variable", known, 1) < 0)
			return;
	}
}

static void read_word(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	value_text(d, at, v, to);
	if (json_is_string(v))
		check_variables(d, at, json_string_value(v));
}

static void read_command(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	const struct place first = {at, NULL, 0};
	struct strv *words = to;

	if (json_is_string(v)) {
		doc_error(d, at, "type",
			"must be a list of words: [\"make\", \"install\"]");
		return;
	}
	value_list(d, at, v, read_word, words);
	if (!json_is_array(v))
		return;
	if (!words->n)
		doc_error(d, at, "empty", "must not be empty");
	else if (!*words->v[0] && json_is_string(json_array_get(v, 0)))
		doc_error(d, &first, "empty", "must not be empty");
}

static void read_commands(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app_build *b = to;

	b->commands = value_array(
		d, at, v, read_command, sizeof(*b->commands), &b->ncommands);
}

/* A path below the folder of the build, in normal form. */
static void read_inner_path(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	_free_ char *s = NULL;
	_free_ char *quoted = NULL;
	char *normal;

	value_string(d, at, v, &s);
	if (!s)
		return;
	normal = *s == '/' ? NULL : value_normal_path(s);
	if (!normal || !strcmp(normal, ".")) {
		quoted = doc_quote(s);
		doc_error(d, at, "path-escape",
			"%s is not a path below the build's folder", quoted);
		free(normal);
		return;
	}
	memcpy(to, &normal, sizeof(normal));
}

static const struct field build_fields[] = {
	{"dir", value_string, offsetof(struct app_build, dir), 0},
	{"source", read_source, offsetof(struct app_build, source), 0},
	{"with", read_with, offsetof(struct app_build, with), 0},
	{"commands", read_commands, 0, 1},
	{"program", read_inner_path, offsetof(struct app_build, program), 1},
};

void app_read_build(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app *a = to;

	app_free_build(a);
	a->build = xcalloc(1, sizeof(*a->build));
	doc_read_object(d, at, v, build_fields,
		sizeof(build_fields) / sizeof(*build_fields), a->build);
}

void app_free_build(struct app *a)
{
	size_t i;

	if (!a->build)
		return;
	for (i = 0; i < a->build->ncommands; i++)
		strv_free(&a->build->commands[i]);
	free(a->build->commands);
	free(a->build->dir);
	free(a->build->source);
	strv_free(&a->build->with);
	free(a->build->program);
	free(a->build);
	a->build = NULL;
}
