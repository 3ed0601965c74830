/* SPDX-License-Identifier: Apache-2.0 */
/* The files of an image as a folder: the output type=rootfs. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/bill.h"
#include "core/buf.h"
#include "core/digest.h"
#include "core/file.h"
#include "core/mem.h"
#include "inspect/explain.h"
#include "inspect/inspect.h"
#include "inspect/origin.h"
#include "inspect/reasons.h"
#include "inspect/spans.h"

#define MACHINE_FILE "slipway/vm.json"

enum { FILES_MAX = 200000, MACHINE_MAX = 4 << 20, PROVENANCE_MAX = 32 << 20 };

struct walk {
	unsigned flags;
	json_t *out, *files, *boot;
	struct spans spans;
	uint64_t size; /* of the files so far, one after the other */
	size_t n;
};

int inspect_is_tree(const char *path)
{
	_free_ char *machine = path_join(path, MACHINE_FILE);

	return access(machine, F_OK) == 0;
}

static int visit(const char *path, const char *rel, const struct stat *st,
	void *arg, struct err *e)
{
	struct walk *w = arg;
	const char *why = origin_of(rel, ""), *boot = origin_boot(rel);
	char link[4096];
	ssize_t len = -1;
	json_t *o;

	if (!*rel)
		return 0;
	if (++w->n > FILES_MAX)
		return err_set(e, -EFBIG, "too many files");
	if (boot)
		json_array_append_new(w->boot, json_string(boot));
	if (S_ISREG(st->st_mode)) {
		spans_add(&w->spans, w->size, (uint64_t)st->st_size, "%s", rel);
		w->size += (uint64_t)st->st_size;
	}
	if (!(w->flags & (INSPECT_FILES | INSPECT_DIGESTS)))
		return 0;
	if (S_ISLNK(st->st_mode))
		len = readlink(path, link, sizeof(link));
	o = inspect_entry(rel, st->st_mode, st->st_uid, st->st_gid,
		(uint64_t)st->st_size, len < 0 ? NULL : link,
		len < 0 ? 0 : (size_t)len);
	if (why && w->flags & INSPECT_FILES)
		json_object_set_new(o, "origin", json_string(why));
	if (w->flags & INSPECT_DIGESTS && S_ISREG(st->st_mode)) {
		struct digest_hex hex;

		if (digest_file(path, &hex, e) < 0) {
			json_decref(o);
			return e->code;
		}
		json_object_set_new(
			o, "digest", json_sprintf("sha256:%s", hex.s));
	}
	json_array_append_new(w->files, o);
	return 0;
}

static void read_machine(json_t *out, const char *path)
{
	_free_ char *file = path_join(path, MACHINE_FILE);
	_buf_ struct buf text = {0};
	struct err ignored;
	json_t *machine = NULL;

	if (file_read(file, MACHINE_MAX, &text, &ignored) == 0 && text.data)
		machine = json_loadb(text.data, text.len, 0, NULL);
	if (machine)
		json_object_set_new(out, "machine", machine);
}

static void add_reasons(json_t *out, const char *path)
{
	_free_ char *file = path_join(path, REASONS_IMAGE_PATH);
	json_t *list = reasons_beside(file);

	if (list)
		json_object_set_new(out, "rootfs", list);
}

/* What it was built for: there are no labels, so that the provenance tells. */
static void read_target(json_t *out, const char *path)
{
	_free_ char *file = path_join(path, BILL_PROVENANCE);
	_buf_ struct buf text = {0};
	struct err ignored;
	json_t *o = NULL, *definition, *value;

	if (file_read(file, PROVENANCE_MAX, &text, &ignored) == 0 && text.data)
		o = json_loadb(text.data, text.len, 0, NULL);
	definition = json_object_get(
		json_object_get(o, "predicate"), "buildDefinition");
	value = json_object_get(
		json_object_get(definition, "externalParameters"), "target");
	if (json_is_string(value))
		json_object_set(out, "target", value);
	value = json_object_get(
		json_object_get(definition, "internalParameters"), "base");
	if (json_is_string(value))
		json_object_set(out, "base", value);
	json_decref(o);
}

/* The kernel and the disk in it, as in an image. */
static void add_contents(struct walk *w, const char *path)
{
	static const char *const parts[] = {".boot/kernel", "disk/disk.img"};
	_free_ char *data = path_join(path, "slipway");
	json_t *list = json_array(), *record = NULL;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		_free_ char *file = path_join(path, parts[i]);
		struct err ignored;
		json_t *o;

		if (access(file, R_OK) < 0)
			continue;
		o = inspect_file(file, INSPECT_SIZE, &ignored);
		if (!o)
			continue;
		json_object_set_new(o, "path", json_string(parts[i]));
		if (!record)
			record = explain_in(
				data, json_string_value(
					      json_object_get(o, "digest")));
		explain_use(o, record);
		json_array_append_new(list, o);
	}
	if (record && w->flags & INSPECT_EXPLAIN)
		json_object_set(w->out, "explain", record);
	if (w->flags & INSPECT_SIZE)
		json_object_set(w->out, "contents", list);
	json_decref(list);
	json_decref(record);
}

json_t *inspect_tree(const char *path, unsigned flags, struct err *e)
{
	struct walk w = {.flags = flags, .out = json_object()};
	int r;

	w.files = json_array();
	w.boot = json_array();
	json_object_set_new(w.out, "type", json_string("image"));
	json_object_set_new(w.out, "format", json_string("folder of files"));
	r = file_walk(path, visit, &w, e);
	if (r == 0) {
		json_object_set_new(
			w.out, "size", json_integer((json_int_t)w.size));
		json_object_set(w.out, "boot", w.boot);
		read_machine(w.out, path);
		read_target(w.out, path);
		if (flags & (INSPECT_FILES | INSPECT_DIGESTS))
			json_object_set(w.out, "files", w.files);
		if (flags & INSPECT_FILES)
			add_reasons(w.out, path);
		if (flags & (INSPECT_SIZE | INSPECT_EXPLAIN))
			add_contents(&w, path);
		if (flags & INSPECT_SIZE)
			json_object_set_new(w.out, "components",
				spans_components(&w.spans, w.size, "nothing"));
	}
	spans_free(&w.spans);
	json_decref(w.files);
	json_decref(w.boot);
	if (r < 0) {
		json_decref(w.out);
		return NULL;
	}
	return w.out;
}
