/* SPDX-License-Identifier: Apache-2.0 */
/* Target manifests: the table of keys, the checks, the folder of them. */
#include "manifest/target.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"
#include "core/near.h"
#include "manifest/value.h"

#define MEMORY_DEFAULT (64U << 20)

static const char *const bases[] = {"keel", "linux"};

/* The machine's two names, which must agree, and the variant that goes with
 * the second (image-spec, image-index.md). */
static const struct {
	const char *arch, *oci, *variant;
} arches[] = {
	{"x86_64", "amd64", NULL},
	{"aarch64", "arm64", "v8"},
};
enum { NARCHES = sizeof(arches) / sizeof(*arches) };

static void read_base(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	if (value_is_string(d, at, v) == 0 &&
		value_is_word(d, at, json_string_value(v), "base", bases,
			sizeof(bases) / sizeof(*bases)) == 0)
		value_string(d, at, v, to);
}

static void read_arch(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	const char *words[NARCHES];
	size_t i;

	for (i = 0; i < NARCHES; i++)
		words[i] = arches[i].arch;
	if (value_is_string(d, at, v) == 0 &&
		value_is_word(d, at, json_string_value(v), "arch", words,
			NARCHES) == 0)
		value_string(d, at, v, to);
}

static const struct field fields[] = {
	{"$schema", value_ignored, 0, 0},
	{"name", value_name, offsetof(struct target, name), 1},
	{"description", value_string, offsetof(struct target, description), 1},
	{"base", read_base, offsetof(struct target, base), 1},
	{"arch", read_arch, offsetof(struct target, arch), 1},
	{"oci_arch", value_string, offsetof(struct target, oci_arch), 1},
	{"triplet", value_string, offsetof(struct target, triplet), 1},
	{"cflags", value_strings, offsetof(struct target, cflags), 0},
	{"ldflags", value_strings, offsetof(struct target, ldflags), 0},
	{"linker_script", value_string, offsetof(struct target, linker_script),
		0},
	{"base_libs", value_strings, offsetof(struct target, base_libs), 0},
	{"toolchain", value_name, offsetof(struct target, toolchain), 0},
	{"cmdline", value_string, offsetof(struct target, cmdline), 0},
	{"qemu", value_string, offsetof(struct target, qemu), 1},
	{"machine", value_string, offsetof(struct target, machine), 1},
	{"memory_min", value_size, offsetof(struct target, memory_min), 1},
	{"memory", value_size, offsetof(struct target, memory), 0},
	{"cpus_max", value_cpus, offsetof(struct target, cpus_max), 0},
};
enum { NFIELDS = sizeof(fields) / sizeof(*fields) };

/* The name is what manifests say, so it must be the file's. */
static void check_file_name(const struct doc *d, const struct target *t)
{
	const struct place at = {NULL, "name", 0};
	const char *base = path_base(d->file);
	size_t len = t->name ? strlen(t->name) : 0;

	if (t->name && (strncmp(base, t->name, len) != 0 ||
			       strcmp(base + len, ".json") != 0))
		doc_error(d, &at, "file-name",
			"target \"%s\" must be in a file %s.json", t->name,
			t->name);
}

static void check_oci_arch(const struct doc *d, const struct target *t)
{
	const struct place at = {NULL, "oci_arch", 0};
	size_t i;

	for (i = 0; t->arch && t->oci_arch && i < NARCHES; i++) {
		if (!strcmp(t->arch, arches[i].arch) &&
			strcmp(t->oci_arch, arches[i].oci) != 0)
			doc_error(d, &at, "oci-arch",
				"must be \"%s\" for arch \"%s\"", arches[i].oci,
				t->arch);
	}
}

/* What manifests get that say nothing: it must do. */
static void settle_memory(const struct doc *d, struct target *t)
{
	const struct place at = {NULL, "memory", 0};

	if (!t->memory)
		t->memory = t->memory_min > MEMORY_DEFAULT ? t->memory_min
							   : MEMORY_DEFAULT;
	else if (t->memory < t->memory_min)
		doc_error(d, &at, "memory-min",
			"must not be less than memory_min");
}

/* Programs of the toolchain are named TRIPLET-gcc and so on. */
static void check_triplet(const struct doc *d, const struct target *t)
{
	const struct place at = {NULL, "triplet", 0};

	if (t->triplet && t->arch &&
		(strncmp(t->triplet, t->arch, strlen(t->arch)) != 0 ||
			t->triplet[strlen(t->arch)] != '-' ||
			strchr(t->triplet, '/')))
		doc_error(d, &at, "triplet",
			"must begin with \"%s-\" and be no path", t->arch);
}

/* These are looked for in the sysroot's lib. */
static void check_plain_files(const struct doc *d, const struct target *t)
{
	const struct place script = {NULL, "linker_script", 0};
	const struct place libs = {NULL, "base_libs", 0};
	size_t i;

	if (t->linker_script && strchr(t->linker_script, '/'))
		doc_error(d, &script, "file-name",
			"must be a file name without folders");
	for (i = 0; i < t->base_libs.n; i++) {
		const struct place at = {&libs, NULL, i};

		if (strchr(t->base_libs.v[i], '/'))
			doc_error(d, &at, "file-name",
				"must be a file name without folders");
	}
}

/* Each base has keys of its own. */
static void check_base_keys(const struct doc *d, const struct target *t)
{
	static const struct {
		const char *base, *key;
	} keys[] = {
		{"keel", "linker_script"},
		{"keel", "base_libs"},
		{"keel", "ldflags"},
		{"linux", "cmdline"},
	};

	for (size_t i = 0; t->base && i < sizeof(keys) / sizeof(*keys); i++) {
		const struct place at = {NULL, keys[i].key, 0};
		int is_there = json_object_get(d->root, keys[i].key) != NULL;
		int of_base = !strcmp(keys[i].base, t->base);

		if (is_there && !of_base)
			doc_error_key(d, &at, "base-key",
				"belongs to base \"%s\"", keys[i].base);
		if (!is_there && of_base && strcmp(keys[i].key, "ldflags") != 0)
			doc_error(d, NULL, "missing-key",
				"key \"%s\" is missing", keys[i].key);
	}
}

static void set_variant(struct target *t)
{
	for (size_t i = 0; t->arch && i < NARCHES; i++)
		if (!strcmp(t->arch, arches[i].arch))
			t->oci_variant = arches[i].variant;
}

static void (*const checks[])(const struct doc *, const struct target *) = {
	check_base_keys,
	check_file_name,
	check_oci_arch,
	check_triplet,
	check_plain_files,
};

struct target *target_parse(
	const char *path, const char *text, size_t len, struct diags *diags)
{
	size_t before = diags->nerrors, i;
	struct target *t;
	struct doc d;

	if (doc_parse(&d, path, text, len, diags) < 0) {
		doc_free(&d);
		return NULL;
	}
	t = xcalloc(1, sizeof(*t));
	doc_read_object(&d, NULL, d.root, fields, NFIELDS, t);
	for (i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		checks[i](&d, t);
	set_variant(t);
	settle_memory(&d, t);
	if (!t->cpus_max)
		t->cpus_max = 1;
	doc_free(&d);
	if (diags->nerrors == before)
		return t;
	target_free(t);
	return NULL;
}

static void unknown_target(
	const char *data_dir, const char *name, struct diags *diags)
{
	_strv_ struct strv names = {0};
	_free_ char *quoted = doc_quote(name);
	const char *near = NULL;
	struct err e;

	if (target_list(data_dir, &names, &e) == 0)
		near = near_find(name, (const char *const *)names.v, names.n);
	if (near)
		diag_add(diags, "slipway", 0, 0, "target-unknown",
			"there is no target %s, did you mean \"%s\"?", quoted,
			near);
	else
		diag_add(diags, "slipway", 0, 0, "target-unknown",
			"there is no target %s (see slipway targets)", quoted);
}

struct target *target_read(
	const char *data_dir, const char *name, struct diags *diags)
{
	_free_ char *path = xasprintf("%s/targets/%s.json", data_dir, name);
	_buf_ struct buf text = {0};
	struct err e;
	int r;

	if (strchr(name, '/') || name[0] == '.') {
		unknown_target(data_dir, name, diags);
		return NULL;
	}
	r = file_read(path, MANIFEST_MAX, &text, &e);
	if (r == -ENOENT) {
		unknown_target(data_dir, name, diags);
		return NULL;
	}
	if (r < 0) {
		diag_add(diags, path, 0, 0, "read", "%s", e.msg);
		return NULL;
	}
	return target_parse(path, text.data ? text.data : "", text.len, diags);
}

void target_free(struct target *t)
{
	if (!t)
		return;
	free(t->name);
	free(t->description);
	free(t->base);
	free(t->arch);
	free(t->oci_arch);
	free(t->triplet);
	strv_free(&t->cflags);
	strv_free(&t->ldflags);
	free(t->linker_script);
	strv_free(&t->base_libs);
	free(t->toolchain);
	free(t->cmdline);
	free(t->qemu);
	free(t->machine);
	free(t);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int target_list(const char *data_dir, struct strv *names, struct err *e)
{
	_free_ char *path = path_join(data_dir, "targets");
	_strv_ struct strv found = {0};
	struct dirent *d;
	size_t i, len;
	DIR *dir;

	dir = opendir(path);
	if (!dir)
		return err_errno(e, "open %s", path);
	while ((d = readdir(dir))) {
		len = strlen(d->d_name);
		if (d->d_name[0] != '.' && len > 5 &&
			!strcmp(d->d_name + len - 5, ".json"))
			strv_take(&found, xstrndup(d->d_name, len - 5));
	}
	closedir(dir);
	if (found.n)
		qsort(found.v, found.n, sizeof(*found.v), by_bytes);
	for (i = 0; i < found.n; i++)
		strv_add(names, found.v[i]);
	return 0;
}
