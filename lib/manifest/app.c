/* SPDX-License-Identifier: Apache-2.0 */
/* Application manifests: the table of keys, targets' overrides, reading. */
#include "manifest/app.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/mem.h"
#include "core/near.h"
#include "manifest/app_read.h"

/* Keys that say what the manifest is; per_target cannot change them. */
static const struct field fixed[] = {
	{"$schema", value_ignored, 0, 0},
	{"name", value_name, offsetof(struct app, name), 1},
	{"target", value_name, offsetof(struct app, target), 0},
	{"targets", value_names, offsetof(struct app, targets), 0},
	{"per_target", NULL, 0, 0}, /* read_overrides */
};
enum { NFIXED = sizeof(fixed) / sizeof(*fixed) };

/* Keys that per_target can replace; offset 0 is the struct itself. */
static const struct field variable[] = {
	{"sources", value_strings, offsetof(struct app, sources), 0},
	{"cflags", app_read_flags, offsetof(struct app, cflags), 0},
	{"ldflags", app_read_flags, offsetof(struct app, ldflags), 0},
	{"libs", app_read_libs, 0, 0},
	{"build", app_read_build, 0, 0},
	{"program", value_guest_path, offsetof(struct app, program), 0},
	{"binaries", app_read_binaries, 0, 0},
	{"rootfs", app_read_rootfs, 0, 0},
	{"user", app_read_user, 0, 0},
	{"files", app_read_files, 0, 0},
	{"args", value_texts, offsetof(struct app, args), 0},
	{"env", app_read_env, 0, 0},
	{"workdir", value_guest_path, offsetof(struct app, workdir), 0},
	{"memory", value_size, offsetof(struct app, memory), 0},
	{"cpus", value_cpus, offsetof(struct app, cpus), 0},
	{"ports", app_read_ports, 0, 0},
	{"healthcheck", app_read_health, 0, 0},
	{"volumes", value_guest_paths, offsetof(struct app, volumes), 0},
	{"exclusive", value_guest_paths, offsetof(struct app, exclusive), 0},
	{"stop_signal", app_read_stop_signal, 0, 0},
	{"stop_timeout", app_read_stop_timeout, 0, 0},
	{"drain", app_read_duration, offsetof(struct app, drain_ns), 0},
	{"hostname", app_read_hostname, 0, 0},
	{"tags", app_read_tags, 0, 0},
	{"labels", app_read_labels, 0, 0},
};
enum { NVARIABLE = sizeof(variable) / sizeof(*variable) };

enum { MAX_TARGETS = 16 };

struct place app_place(const struct app_ctx *c, const char *key)
{
	int over = c->over && json_object_get(c->over, key);

	return (struct place){over ? &c->over_at : NULL, key, 0};
}

static void check_top_keys(struct app_ctx *c)
{
	struct field all[NFIXED + NVARIABLE];

	memcpy(all, fixed, sizeof(fixed));
	memcpy(all + NFIXED, variable, sizeof(variable));
	doc_check_keys(&c->doc, NULL, c->doc.root, all, NFIXED + NVARIABLE);
}

static void read_fixed(struct app_ctx *c)
{
	json_t *value;
	size_t i;

	for (i = 0; i < NFIXED; i++) {
		const struct place at = {NULL, fixed[i].name, 0};

		value = json_object_get(c->doc.root, fixed[i].name);
		if (value && fixed[i].read)
			fixed[i].read(&c->doc, &at, value,
				(char *)c->app + fixed[i].offset);
		else if (!value && fixed[i].required)
			doc_error(&c->doc, NULL, "missing-key",
				"key \"%s\" is missing", fixed[i].name);
	}
}

/* "target" is a list of one; exactly one of the two keys is there. */
static void settle_targets(struct app_ctx *c)
{
	const struct place one = {NULL, "target", 0};
	const struct place many = {NULL, "targets", 0};
	json_t *target = json_object_get(c->doc.root, "target");
	json_t *targets = json_object_get(c->doc.root, "targets");

	if (!target && !targets)
		doc_error(&c->doc, NULL, "missing-key",
			"key \"target\" is missing");
	else if (target && targets)
		doc_error_key(&c->doc, &many, "target-twice",
			"cannot stand beside \"target\"");
	else if (json_is_array(targets) && json_array_size(targets) == 0)
		doc_error(&c->doc, &many, "empty", "must not be empty");
	else if (json_array_size(targets) > MAX_TARGETS)
		doc_error(&c->doc, &many, "list-length",
			"a manifest has at most %d targets", MAX_TARGETS);
	doc_where(&c->doc, target ? &one : &many, &c->app->target_line,
		&c->app->target_col);
	if (c->app->target && !targets)
		strv_add(&c->app->targets, c->app->target);
	free(c->app->target);
	c->app->target = NULL;
}

static int in_list(const struct strv *list, const char *s)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (!strcmp(list->v[i], s))
			return 1;
	}
	return 0;
}

/* An unknown key of an override; one that is fixed gets its own reason. */
static void check_override_keys(
	struct app_ctx *c, const struct place *at, json_t *v)
{
	json_t *rest = json_copy(v);
	size_t i;

	for (i = 0; i < NFIXED; i++) {
		const struct place key = {at, fixed[i].name, 0};

		if (json_object_del(rest, fixed[i].name) == 0)
			doc_error_key(&c->doc, &key, "key-fixed",
				"cannot differ between targets");
	}
	doc_check_keys(&c->doc, at, rest, variable, NVARIABLE);
	json_decref(rest);
}

/* Checks the keys of per_target, and finds the part for this target. */
static void read_overrides(struct app_ctx *c, struct place *up)
{
	json_t *all = json_object_get(c->doc.root, "per_target");
	const char *key, *near;
	json_t *value;

	*up = (struct place){NULL, "per_target", 0};
	if (!all)
		return;
	if (!json_is_object(all)) {
		doc_error(&c->doc, up, "type", "must be an object, not %s",
			doc_kind(all));
		return;
	}
	json_object_foreach(all, key, value)
	{
		const struct place at = {up, key, 0};

		if (!in_list(&c->app->targets, key)) {
			near = near_find(key,
				(const char *const *)c->app->targets.v,
				c->app->targets.n);
			if (near)
				doc_error_key(&c->doc, &at, "target-unlisted",
					"is not a target of this manifest, "
					"did you mean \"%s\"?",
					near);
			else
				doc_error_key(&c->doc, &at, "target-unlisted",
					"is not a target of this manifest");
			continue;
		}
		if (!json_is_object(value)) {
			doc_error(&c->doc, &at, "type",
				"must be an object, not %s", doc_kind(value));
			continue;
		}
		check_override_keys(c, &at, value);
		if (c->app->target && !strcmp(key, c->app->target)) {
			c->over = value;
			c->over_at = (struct place){up, key, 0};
		}
	}
}

/* The keys of an object that are not fixed, over what was read before. */
static void read_keys(struct app_ctx *c, const struct place *up, json_t *from)
{
	json_t *value;
	size_t i;

	for (i = 0; i < NVARIABLE; i++) {
		const struct place at = {up, variable[i].name, 0};

		value = json_object_get(from, variable[i].name);
		if (!value)
			continue;
		strv_add(&c->app->said, variable[i].name);
		variable[i].read(&c->doc, &at, value,
			(char *)c->app + variable[i].offset);
	}
}

/* Where a key is, if it is written. */
static void note_place(
	struct app_ctx *c, const char *key, unsigned *line, unsigned *col)
{
	const struct place at = app_place(c, key);

	if (json_object_get(at.up ? c->over : c->doc.root, key))
		doc_where(&c->doc, &at, line, col);
}

static void note_places(struct app_ctx *c)
{
	struct app *a = c->app;

	note_place(c, "memory", &a->memory_line, &a->memory_col);
	note_place(c, "program", &a->program_line, &a->program_col);
	note_place(c, "binaries", &a->binaries_line, &a->binaries_col);
	note_place(c, "rootfs", &a->rootfs_line, &a->rootfs_col);
	note_place(c, "user", &a->user_line, &a->user_col);
	note_place(c, "cpus", &a->cpus_line, &a->cpus_col);
	note_place(c, "healthcheck", &a->health_line, &a->health_col);
}

/* What was not written, once everything that was is read. */
static void set_defaults(struct app *a)
{
	if (!a->workdir)
		a->workdir = xstrdup("/");
	if (!a->stop_signal)
		a->stop_signal = xstrdup("SIGTERM");
	if (!a->tags.n && a->name)
		strv_addf(&a->tags, "%s:latest", a->name);
}

static struct app *new_app(const char *path)
{
	struct app *a = xcalloc(1, sizeof(*a));
	_free_ char *dir = path_dir(path);

	a->path = xstrdup(path);
	a->dir = realpath(dir, NULL);
	if (!a->dir)
		a->dir = xstrdup(dir);
	a->cpus = 1;
	a->stop_timeout_s = 10;
	return a;
}

/* One reading, for the target of that index. */
static struct app *read_one(
	const struct doc *doc, const char *path, size_t index)
{
	struct app_ctx c = {.doc = *doc, .app = new_app(path)};
	struct place up;

	check_top_keys(&c);
	read_fixed(&c);
	settle_targets(&c);
	if (index < c.app->targets.n)
		c.app->target = xstrdup(c.app->targets.v[index]);
	read_overrides(&c, &up);
	read_keys(&c, NULL, c.doc.root);
	if (c.over)
		read_keys(&c, &c.over_at, c.over);
	note_places(&c);
	app_check_all(&c);
	set_defaults(c.app);
	return c.app;
}

/* By position, so that one reads them as one reads the file. */
static void sort_diags(struct diags *diags, size_t from)
{
	struct diag t;
	size_t i, j;

	for (i = from + 1; i < diags->n; i++) {
		for (j = i; j > from; j--) {
			const struct diag *a = &diags->v[j - 1];
			const struct diag *b = &diags->v[j];

			if (a->line < b->line ||
				(a->line == b->line && a->col <= b->col))
				break;
			t = diags->v[j];
			diags->v[j] = diags->v[j - 1];
			diags->v[j - 1] = t;
		}
	}
}

static void report_unlisted(const struct app *a, const char *path,
	const char *target, struct diags *diags)
{
	const char *near = near_find(
		target, (const char *const *)a->targets.v, a->targets.n);

	if (near)
		diag_add(diags, path, 0, 0, "target-unlisted",
			"\"%s\" is not a target of this manifest, "
			"did you mean \"%s\"?",
			target, near);
	else
		diag_add(diags, path, 0, 0, "target-unlisted",
			"\"%s\" is not a target of this manifest", target);
}

struct app *app_parse_for(const char *path, const char *text, size_t len,
	const char *target, struct diags *diags)
{
	size_t first = diags->n, before = diags->nerrors, i, n = 1;
	struct app *found = NULL, *last = NULL;
	struct app *a;
	struct doc doc;

	if (doc_parse(&doc, path, text, len, diags) < 0)
		n = 0;
	/* All targets are checked, whichever is asked for. */
	for (i = 0; i < n; i++) {
		a = read_one(&doc, path, i);
		n = a->targets.n < MAX_TARGETS ? a->targets.n : MAX_TARGETS;
		if (!found &&
			(!target || (a->target && !strcmp(a->target, target))))
			found = a;
		app_free(last);
		last = a == found ? NULL : a;
	}
	if (!found && last && diags->nerrors == before)
		report_unlisted(last, path, target, diags);
	app_free(last);
	doc_free(&doc);
	sort_diags(diags, first);
	if (diags->nerrors == before)
		return found;
	app_free(found);
	return NULL;
}

struct app *app_parse(
	const char *path, const char *text, size_t len, struct diags *diags)
{
	return app_parse_for(path, text, len, NULL, diags);
}

struct app *app_read_for(
	const char *path, const char *target, struct diags *diags)
{
	_free_ char *file = NULL;
	_buf_ struct buf text = {0};
	struct stat st;
	struct err e;
	int r;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		file = strcmp(path, ".") ? path_join(path, "slipway.json")
					 : xstrdup("slipway.json");
	else
		file = xstrdup(path);
	r = file_read(file, MANIFEST_MAX, &text, &e);
	if (r == -EFBIG) {
		diag_add(diags, file, 0, 0, "manifest-size",
			"a manifest has at most %d bytes", MANIFEST_MAX);
		return NULL;
	}
	if (r < 0) {
		diag_add(diags, file, 0, 0, "read", "cannot be read: %s",
			strerror(-r));
		return NULL;
	}
	return app_parse_for(
		file, text.data ? text.data : "", text.len, target, diags);
}

struct app *app_read(const char *path, struct diags *diags)
{
	return app_read_for(path, NULL, diags);
}

/* Programs that nobody recompiled run on a kernel of their own. */
static int check_base(
	const struct app *a, const struct target *t, struct diags *diags)
{
	static const char reason[] =
		"%s: target %s runs programs that were linked for it; "
		"use a target of base linux, such as x86_64-linux";

	if (!strcmp(t->base, "linux") ||
		(!a->program && !a->binaries && !a->image && !a->user))
		return 0;
	if (a->program)
		diag_add(diags, a->path, a->program_line, a->program_col,
			"program-base", reason, "program", t->name);
	if (a->binaries)
		diag_add(diags, a->path, a->binaries_line, a->binaries_col,
			"program-base", reason, "binaries", t->name);
	if (a->image)
		diag_add(diags, a->path, a->rootfs_line, a->rootfs_col,
			"program-base", reason, "rootfs", t->name);
	if (a->user)
		diag_add(diags, a->path, a->user_line, a->user_col,
			"program-base", reason, "user", t->name);
	return -1;
}

struct target *app_target(
	struct app *a, const char *data_dir, struct diags *diags)
{
	_free_ char *path =
		xasprintf("%s/targets/%s.json", data_dir, a->target);
	_strv_ struct strv names = {0};
	_free_ char *hint = NULL;
	const char *near;
	struct target *t;
	struct stat st;
	struct err e;

	if (stat(path, &st) < 0 && errno == ENOENT) {
		target_list(data_dir, &names, &e);
		near = near_find(
			a->target, (const char *const *)names.v, names.n);
		hint = near ? xasprintf(", did you mean \"%s\"?", near)
			    : xstrdup(" (see slipway targets)");
		diag_add(diags, a->path, a->target_line, a->target_col,
			"target-unknown", "there is no target \"%s\"%s",
			a->target, hint);
		return NULL;
	}
	t = target_read(data_dir, a->target, diags);
	if (t && check_base(a, t, diags) + app_check_health(a, t, diags) < 0) {
		target_free(t);
		return NULL;
	}
	if (t && !a->memory_line)
		a->memory = t->memory;
	if (t && a->memory < t->memory_min) {
		diag_add(diags, a->path, a->memory_line, a->memory_col,
			"memory-min", "memory: target %s needs at least %lluK",
			t->name, (unsigned long long)t->memory_min >> 10);
		target_free(t);
		return NULL;
	}
	if (t && a->cpus > t->cpus_max) {
		diag_add(diags, a->path, a->cpus_line, a->cpus_col, "cpus-max",
			"cpus: target %s can use %u", t->name, t->cpus_max);
		target_free(t);
		return NULL;
	}
	return t;
}

int app_is_name(const char *s)
{
	return value_is_name(s);
}

void app_free(struct app *a)
{
	if (!a)
		return;
	app_free_files(a);
	app_free_build(a);
	app_free_binaries(a);
	app_free_rootfs(a);
	free(a->path);
	free(a->dir);
	free(a->name);
	free(a->target);
	free(a->program);
	free(a->workdir);
	free(a->ports);
	app_free_health(a);
	free(a->stop_signal);
	free(a->hostname);
	free(a->user);
	strv_free(&a->targets);
	strv_free(&a->sources);
	strv_free(&a->cflags);
	strv_free(&a->ldflags);
	strv_free(&a->libs);
	strv_free(&a->entry);
	strv_free(&a->said);
	strv_free(&a->args);
	strv_free(&a->env);
	strv_free(&a->volumes);
	strv_free(&a->exclusive);
	strv_free(&a->tags);
	strv_free(&a->labels);
	free(a);
}
