/* SPDX-License-Identifier: Apache-2.0 */
/* A container image: configuration, layers, files, the machine in it. */
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/digest.h"
#include "core/mem.h"
#include "image/index.h"
#include "inspect/explain.h"
#include "inspect/imagesize.h"
#include "inspect/inspect.h"
#include "inspect/store.h"

/* What is listed of an index. */
enum { IMAGES_MAX = 64 };

/* What is known of an image while it is read. */
struct view {
	struct store store;
	json_t *out;
	json_t *config; /* parsed */
	json_t *names;  /* of the layers' blobs */
	int has_docker, has_oci;
};

static void free_json(json_t **j)
{
	json_decref(*j);
}
#define _json_ __attribute__((cleanup(free_json)))

/* A JSON member; *hex (may be NULL) is its digest. -ENOENT silently. */
static int read_json(const struct store *s, const char *name, json_t **out,
	struct digest_hex *hex, struct err *e)
{
	_buf_ struct buf text = {0};
	struct digest d;
	json_error_t je;
	int r = store_read(s, name, &text, e);

	if (r < 0)
		return r;
	*out = json_loadb(text.data ? text.data : "", text.len,
		JSON_REJECT_DUPLICATES, &je);
	if (!*out)
		return err_set(e, -EINVAL, "%s:%d:%d: %s", name, je.line,
			je.column, je.text);
	if (hex) {
		digest_init(&d);
		digest_add(&d, text.data, text.len);
		*hex = digest_end(&d);
	}
	return 0;
}

/* "sha256:..." to "blobs/sha256/..."; NULL if it is no digest. */
static char *blob_name(const json_t *digest)
{
	const char *s = json_string_value(digest);

	if (!s || strncmp(s, "sha256:", 7) != 0 || strlen(s) != 71 ||
		strspn(s + 7, "0123456789abcdef") != 64)
		return NULL;
	return xasprintf("blobs/sha256/%s", s + 7);
}

static void set_digest(json_t *o, const char *key, const struct digest_hex *hex)
{
	json_object_set_new(o, key, json_sprintf("sha256:%s", hex->s));
}

static int read_config(struct view *v, const char *name, struct err *e)
{
	struct digest_hex hex;
	int r = read_json(&v->store, name, &v->config, &hex, e);

	if (r == -ENOENT)
		return err_set(e, r, "%s is missing", name);
	if (r < 0)
		return r;
	set_digest(v->out, "config", &hex);
	return 0;
}

/* manifest.json of docker save; 0 if it was there, 1 if not. */
static int read_docker(struct view *v, struct err *e)
{
	_json_ json_t *list = NULL;
	json_t *first, *tags;
	const char *name;
	int r = read_json(&v->store, "manifest.json", &list, NULL, e);

	if (r == -ENOENT)
		return 1;
	if (r < 0)
		return r;
	first = json_array_get(list, 0);
	name = json_string_value(json_object_get(first, "Config"));
	v->names = json_incref(json_object_get(first, "Layers"));
	if (!name || !json_is_array(v->names))
		return err_set(
			e, -EINVAL, "manifest.json: no Config and Layers");
	r = read_config(v, name, e);
	if (r < 0)
		return r;
	tags = json_object_get(first, "RepoTags");
	if (json_is_array(tags))
		json_object_set(v->out, "tags", tags);
	if (json_array_size(list) > 1)
		json_object_set_new(v->out, "others",
			json_integer((json_int_t)json_array_size(list) - 1));
	v->has_docker = 1;
	return 0;
}

/* The images that an index leads to: which target, which machine. Documents
 * about them and what is not for a platform are none. */
static void note_images(json_t *out, const json_t *list)
{
	json_t *images = json_array(), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		static const char *const keys[] = {
			"architecture", "os", "variant"};
		json_t *platform = json_object_get(one, "platform");
		json_t *target = json_object_get(
			json_object_get(one, "annotations"), INDEX_TARGET);
		json_t *o;

		if (!json_is_object(platform) || i >= IMAGES_MAX)
			continue;
		o = json_object();
		if (json_is_string(target))
			json_object_set(o, "name", target);
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			if (json_object_get(platform, keys[k]))
				json_object_set(o, keys[k],
					json_object_get(platform, keys[k]));
		json_object_set(o, "manifest", json_object_get(one, "digest"));
		json_array_append_new(images, o);
	}
	if (json_array_size(images))
		json_object_set(out, "images", images);
	json_decref(images);
}

/* From index.json down to a manifest; an index in it leads on. */
static int find_manifest(const struct store *s, json_t **manifest,
	struct digest_hex *hex, json_t **names, json_t *out, struct err *e)
{
	_free_ char *at = xstrdup("index.json");

	for (int depth = 0; depth < 4; depth++) {
		_json_ json_t *o = NULL;
		json_t *first;
		char *next;
		int r = read_json(s, at, &o, hex, e);

		if (r == -ENOENT)
			return depth ? err_set(e, r, "%s is missing", at) : 1;
		if (r < 0)
			return r;
		if (json_is_array(json_object_get(o, "layers"))) {
			*manifest = json_incref(o);
			return 0;
		}
		first = json_array_get(json_object_get(o, "manifests"), 0);
		if (depth == 0)
			*names = json_incref(
				json_object_get(first, "annotations"));
		else
			note_images(out, json_object_get(o, "manifests"));
		next = blob_name(json_object_get(first, "digest"));
		if (!next)
			return err_set(e, -EINVAL, "%s: no manifest", at);
		free(at);
		at = next;
	}
	return err_set(e, -EINVAL, "index.json: nested too deeply");
}

/* Layers and config of the OCI view, when docker's is not there. */
static int take_oci(struct view *v, json_t *manifest, struct err *e)
{
	json_t *layer;
	size_t i;
	_free_ char *name = blob_name(
		json_object_get(json_object_get(manifest, "config"), "digest"));
	int r;

	if (!name)
		return err_set(e, -EINVAL, "the manifest has no config");
	r = read_config(v, name, e);
	if (r < 0)
		return r;
	v->names = json_array();
	json_array_foreach(json_object_get(manifest, "layers"), i, layer)
	{
		_free_ char *blob = blob_name(json_object_get(layer, "digest"));

		if (!blob)
			return err_set(
				e, -EINVAL, "the manifest has a bad layer");
		json_array_append_new(v->names, json_string(blob));
	}
	return 0;
}

/* What index.json lists beside the image: documents that refer to it. */
static void read_referrers(struct view *v)
{
	_json_ json_t *index = NULL;
	json_t *list = json_array(), *one;
	struct err ignored;
	size_t i;

	if (read_json(&v->store, "index.json", &index, NULL, &ignored) == 0)
		json_array_foreach(json_object_get(index, "manifests"), i, one)
		{
			json_t *type = json_object_get(one, "artifactType");

			if (json_is_string(type))
				json_array_append(list, type);
		}
	if (json_array_size(list))
		json_object_set(v->out, "referrers", list);
	json_decref(list);
}

static int read_oci(struct view *v, struct err *e)
{
	_json_ json_t *manifest = NULL, *annotations = NULL;
	struct digest_hex hex;
	const char *name;
	int r = find_manifest(
		&v->store, &manifest, &hex, &annotations, v->out, e);

	if (r)
		return r;
	set_digest(v->out, "manifest", &hex);
	v->has_oci = 1;
	read_referrers(v);
	if (v->has_docker)
		return 0;
	name = json_string_value(
		json_object_get(annotations, "io.containerd.image.name"));
	if (name)
		json_object_set_new(v->out, "tags", json_pack("[s]", name));
	return take_oci(v, manifest, e);
}

/* By the labels of Slipway's images. */
static void take_target(struct view *v, const json_t *labels)
{
	static const char *const keys[][2] = {
		{INDEX_TARGET, "target"},
		{INDEX_BASE, "base"},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *value = json_object_get(labels, keys[i][0]);

		if (json_is_string(value))
			json_object_set(v->out, keys[i][1], value);
	}
}

/* Under the names of our manifest, in one order. */
static void take_config(struct view *v)
{
	static const char *const keys[][2] = {
		{"Entrypoint", "entrypoint"},
		{"Cmd", "args"},
		{"Env", "env"},
		{"WorkingDir", "workdir"},
		{"User", "user"},
		{"ExposedPorts", "ports"},
		{"Volumes", "volumes"},
		{"StopSignal", "stop_signal"},
		{"Labels", "labels"},
		{"Healthcheck", "healthcheck"},
	};
	static const char *const top[] = {"created", "architecture", "os"};
	json_t *c = json_object_get(v->config, "config");

	for (size_t i = 0; i < sizeof(top) / sizeof(top[0]); i++) {
		json_t *value = json_object_get(v->config, top[i]);

		if (value)
			json_object_set(v->out, top[i], value);
	}
	take_target(v, json_object_get(c, "Labels"));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *value = json_object_get(c, keys[i][0]), *list;
		const char *key;
		json_t *unused;

		if (!value || json_is_null(value))
			continue;
		if (i != 5 && i != 6) {
			json_object_set(v->out, keys[i][1], value);
			continue;
		}
		list = json_array();
		json_object_foreach(value, key, unused)
			json_array_append_new(list, json_string(key));
		json_object_set_new(v->out, keys[i][1], list);
	}
}

static int walk_layers(struct view *v, unsigned flags, struct err *e)
{
	json_t *diffs = json_object_get(
		json_object_get(v->config, "rootfs"), "diff_ids");
	json_t *history = json_object_get(v->config, "history");
	json_t *list = json_array(), *name;
	size_t i;
	int r = 0;

	json_object_set_new(v->out, "layers", list);
	if (json_array_size(v->names) > STORE_LAYERS_MAX)
		return err_set(
			e, -EFBIG, "more than %d layers", STORE_LAYERS_MAX);
	json_array_foreach(v->names, i, name)
	{
		json_t *o = json_object(), *text;
		const char *s = json_string_value(name);

		json_array_append_new(list, o);
		if (!s)
			return err_set(e, -EINVAL, "bad name of a layer");
		json_object_set(o, "blob", name);
		text = json_array_get(diffs, i);
		if (text)
			json_object_set(o, "diff_id", text);
		text = json_object_get(json_array_get(history, i), "comment");
		if (text &&
			json_array_size(history) == json_array_size(v->names))
			json_object_set(o, "comment", text);
		r = inspect_layer(&v->store, s, o, flags, v->out, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int explain(struct view *v, unsigned flags, struct err *e)
{
	json_t *record = json_object_get(v->out, "explain");
	json_t *contents = json_object_get(v->out, "contents");
	uint64_t size;
	json_t *list;

	for (size_t i = 0; i < json_array_size(contents); i++)
		explain_use(json_array_get(contents, i), record);
	if (!(flags & INSPECT_EXPLAIN))
		json_object_del(v->out, "explain");
	if (!(flags & INSPECT_SIZE)) {
		json_object_del(v->out, "contents");
		return 0;
	}
	list = image_components(
		v->store.path, v->store.is_dir, v->names, &size, e);
	if (!list)
		return e->code;
	json_object_set_new(v->out, "size", json_integer((json_int_t)size));
	json_object_set_new(v->out, "components", list);
	return 0;
}

static int read_image(struct view *v, unsigned flags, struct err *e)
{
	struct stat st;
	int r = read_docker(v, e);

	if (r < 0)
		return r;
	r = read_oci(v, e);
	if (r < 0)
		return r;
	if (!v->has_docker && !v->has_oci)
		return err_set(e, -EINVAL, "%s",
			v->store.is_dir ? "a folder that is not an OCI layout"
					: "a tar that is not an image (no "
					  "manifest.json, no index.json)");
	json_object_set_new(v->out, "format",
		json_string(v->store.is_dir  ? "OCI layout"
			    : !v->has_oci    ? "docker archive"
			    : !v->has_docker ? "OCI archive"
					     : "docker archive and "
					       "OCI layout"));
	if (!v->store.is_dir && stat(v->store.path, &st) == 0)
		json_object_set_new(v->out, "size", json_integer(st.st_size));
	take_config(v);
	r = walk_layers(v, flags, e);
	return r < 0 ? r : explain(v, flags, e);
}

json_t *inspect_image(
	const char *path, int is_dir, unsigned flags, struct err *e)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t old = utf8 ? uselocale(utf8) : (locale_t)0;
	struct view v = {.store = {path, is_dir}, .out = json_object()};
	int r;

	json_object_set_new(v.out, "type", json_string("image"));
	r = read_image(&v, flags, e);
	json_decref(v.config);
	json_decref(v.names);
	if (utf8) {
		uselocale(old);
		freelocale(utf8);
	}
	if (r < 0) {
		json_decref(v.out);
		return NULL;
	}
	return v.out;
}
