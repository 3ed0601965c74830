/* SPDX-License-Identifier: Apache-2.0 */
/* From a reference to an image's manifest, configuration and layers. */
#include "oci/image.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/digest.h"
#include "core/mem.h"
#include "inspect/store.h"

#define TAG_KEY "org.opencontainers.image.ref.name"

enum { DEPTH_MAX = 4 };

static void free_json(json_t **j)
{
	json_decref(*j);
}
#define _json_ __attribute__((cleanup(free_json)))

/* What is looked for, and where. */
struct search {
	struct store store;
	const struct oci_ref *ref;
	const char *arch;
};

static const char *text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

/* The hexadecimal part of "sha256:..."; NULL: it is no such digest. */
static const char *digest_hex(const char *s)
{
	if (!s || strncmp(s, "sha256:", 7) != 0 || strlen(s) != 71 ||
		strspn(s + 7, "0123456789abcdef") != 64)
		return NULL;
	return s + 7;
}

static int check_digest(
	const struct buf *b, const char *hex, const char *name, struct err *e)
{
	struct digest_hex is;
	struct digest d;

	digest_init(&d);
	digest_add(&d, b->data, b->len);
	is = digest_end(&d);
	if (!strcmp(is.s, hex))
		return 0;
	return err_set(e, -EBADMSG,
		"%s has the digest sha256:%s, not sha256:%s: it is damaged",
		name, is.s, hex);
}

static int read_text(const struct search *s, const char *name, const char *hex,
	struct buf *out, struct err *e)
{
	int r = store_read(&s->store, name, out, e);

	if (r == -ENOENT)
		return err_set(e, r, "%s is missing", name);
	if (r == 0)
		buf_add(out, "", 0);
	return r < 0 || !hex ? r : check_digest(out, hex, name, e);
}

static int parse(
	const struct buf *text, const char *name, json_t **out, struct err *e)
{
	json_error_t je;

	*out = json_loadb(text->data ? text->data : "", text->len,
		JSON_REJECT_DUPLICATES, &je);
	if (!*out)
		return err_set(e, -EINVAL, "%s:%d:%d: %s", name, je.line,
			je.column, je.text);
	return 0;
}

static void add_layer(struct oci_image *out, const char *blob,
	const char *digest, uint64_t size)
{
	out->layers = xreallocarray(
		out->layers, out->nlayers + 1, sizeof(*out->layers));
	out->layers[out->nlayers++] = (struct oci_layer){
		.blob = xstrdup(blob),
		.digest = digest ? xstrdup(digest) : NULL,
		.size = size,
	};
}

/* --- archives of docker ---------------------------------------------------*/

static int has_tag(const json_t *image, const char *tag)
{
	const json_t *tags = json_object_get(image, "RepoTags");

	for (size_t i = 0; i < json_array_size(tags); i++) {
		const char *t = json_string_value(json_array_get(tags, i));

		if (t && !strcmp(t, tag))
			return 1;
	}
	return 0;
}

/* The names in it, for a message; caller frees. */
static char *list_tags(const json_t *list)
{
	struct buf b = {0};

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *tags =
			json_object_get(json_array_get(list, i), "RepoTags");

		for (size_t k = 0; k < json_array_size(tags); k++)
			buf_addf(&b, "%s%s", b.len ? ", " : "",
				json_string_value(json_array_get(tags, k)));
	}
	return b.len ? buf_steal(&b) : xstrdup("no names");
}

static int choose_docker(
	const struct search *s, const json_t *list, json_t **out, struct err *e)
{
	_free_ char *names = list_tags(list);

	for (size_t i = 0; s->ref->tag && i < json_array_size(list); i++) {
		*out = json_array_get(list, i);
		if (has_tag(*out, s->ref->tag))
			return 0;
	}
	if (s->ref->tag)
		return err_set(e, -EINVAL, "there is no image %s (there is %s)",
			s->ref->tag, names);
	if (json_array_size(list) != 1)
		return err_set(e, -EINVAL,
			"there are %zu images: say which one (%s)",
			json_array_size(list), names);
	*out = json_array_get(list, 0);
	return 0;
}

/* A name such as 0123...json or blobs/sha256/0123... says the digest. */
static const char *hex_in_name(const char *name, char hex[65])
{
	const char *base = strrchr(name, '/');

	base = base ? base + 1 : name;
	if (strspn(base, "0123456789abcdef") != 64 ||
		(base[64] && strcmp(base + 64, ".json") != 0))
		return NULL;
	memcpy(hex, base, 64);
	hex[64] = 0;
	return hex;
}

static int open_docker(
	const struct search *s, struct oci_image *out, struct err *e)
{
	_buf_ struct buf text = {0}, config = {0};
	_json_ json_t *list = NULL;
	json_t *image = NULL, *layers;
	const char *name;
	struct digest_hex is;
	struct digest d;
	char hex[65];
	int r = read_text(s, "manifest.json", NULL, &text, e);

	if (r == 0)
		r = parse(&text, "manifest.json", &list, e);
	if (r == 0)
		r = choose_docker(s, list, &image, e);
	if (r < 0)
		return r;
	name = text_of(image, "Config");
	layers = json_object_get(image, "Layers");
	if (!name || !json_is_array(layers) ||
		json_array_size(layers) > STORE_LAYERS_MAX)
		return err_set(
			e, -EINVAL, "manifest.json: no Config and Layers");
	for (size_t i = 0; i < json_array_size(layers); i++) {
		const char *blob = json_string_value(json_array_get(layers, i));

		if (!blob)
			return err_set(
				e, -EINVAL, "manifest.json: not a layer");
		add_layer(out, blob, NULL, UINT64_MAX);
	}
	r = read_text(s, name, hex_in_name(name, hex), &config, e);
	if (r < 0)
		return r;
	digest_init(&d);
	digest_add(&d, config.data, config.len);
	is = digest_end(&d);
	out->digest = xasprintf("sha256:%s", is.s);
	return oci_config_parse(config.data, config.len, s->arch, out, e);
}

/* --- OCI ------------------------------------------------------------------*/

static int is_platform(const json_t *descriptor, const char *arch)
{
	const json_t *p = json_object_get(descriptor, "platform");
	const char *os = text_of(p, "os"), *is = text_of(p, "architecture");

	return os && is && !strcmp(os, "linux") && !strcmp(is, arch);
}

static int is_tagged(const json_t *descriptor, const char *tag)
{
	const char *is =
		text_of(json_object_get(descriptor, "annotations"), TAG_KEY);

	return is && !strcmp(is, tag);
}

/* What an index has, for a message; caller frees. */
static char *list_index(const json_t *list)
{
	struct buf b = {0};

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *d = json_array_get(list, i);
		const json_t *p = json_object_get(d, "platform");
		const char *tag =
			text_of(json_object_get(d, "annotations"), TAG_KEY);
		const char *arch = text_of(p, "architecture");

		buf_addf(&b, "%s%s%s%s", b.len ? ", " : "", tag ? tag : "",
			tag && arch ? " for " : "",
			arch  ? arch
			: tag ? ""
			      : "one without a name");
	}
	return b.len ? buf_steal(&b) : xstrdup("nothing");
}

/* The one descriptor that is meant: by tag, by platform, or the only one. */
static int choose(const struct search *s, const json_t *list, const char *tag,
	json_t **out, struct err *e)
{
	_free_ char *names = list_index(list);
	size_t tagged = 0, fits = 0, any = 0;
	json_t *platform = NULL, *last = NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *d = json_array_get(list, i);

		if (tag && !is_tagged(d, tag))
			continue;
		tagged++;
		if (is_platform(d, s->arch)) {
			platform = d;
			fits++;
		}
		if (!json_object_get(d, "platform")) {
			last = d;
			any++;
		}
	}
	*out = fits ? platform : last;
	if (tag && !tagged)
		return err_set(e, -EINVAL, "there is no image %s (there is %s)",
			tag, names);
	if (fits == 1 || (!fits && any == 1))
		return 0;
	if (fits > 1 || any > 1)
		return err_set(e, -EINVAL,
			"there are %zu images: say which one (%s)",
			fits > 1 ? fits : any, names);
	return err_set(e, -EINVAL,
		"there is no image for linux on %s (there is %s)", s->arch,
		names);
}

static int check_layer_type(const char *type, struct err *e)
{
	static const char *const known[] = {
		"application/vnd.oci.image.layer.v1.tar",
		"application/vnd.oci.image.layer.v1.tar+gzip",
		"application/vnd.oci.image.layer.v1.tar+zstd",
		"application/vnd.oci.image.layer.nondistributable.v1.tar",
		"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
		"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
		"application/vnd.docker.image.rootfs.diff.tar",
		"application/vnd.docker.image.rootfs.diff.tar.gzip",
		"application/vnd.docker.image.rootfs.diff.tar.zstd",
	};

	for (size_t i = 0; type && i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(type, known[i]))
			return 0;
	return err_set(e, -ENOTSUP, "a layer of the type \"%.100s\"",
		type ? type : "");
}

static int descriptor_blob(
	const json_t *d, char **name, uint64_t *size, struct err *e)
{
	const char *digest = text_of(d, "digest");
	const json_t *n = json_object_get(d, "size");

	if (!digest_hex(digest))
		return err_set(e, -ENOTSUP,
			"the digest \"%.80s\" is not of SHA-256",
			digest ? digest : "");
	*size = json_is_integer(n) && json_integer_value(n) >= 0
			? (uint64_t)json_integer_value(n)
			: UINT64_MAX;
	*name = xasprintf("blobs/sha256/%s", digest_hex(digest));
	return 0;
}

static int take_layers(const json_t *list, struct oci_image *out, struct err *e)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *d = json_array_get(list, i);
		_free_ char *name = NULL;
		uint64_t size = 0;
		int r = check_layer_type(text_of(d, "mediaType"), e);

		if (r == 0)
			r = descriptor_blob(d, &name, &size, e);
		if (r < 0)
			return err_wrap(e, "layer %zu", i + 1);
		add_layer(out, name, text_of(d, "digest"), size);
	}
	return 0;
}

static int is_config_type(const char *type)
{
	static const char *const known[] = {
		"application/vnd.oci.image.config.v1+json",
		"application/vnd.docker.container.image.v1+json"};

	return type && (!strcmp(type, known[0]) || !strcmp(type, known[1]));
}

static int take_manifest(const struct search *s, const json_t *manifest,
	struct oci_image *out, struct err *e)
{
	const json_t *config = json_object_get(manifest, "config");
	const json_t *layers = json_object_get(manifest, "layers");
	const char *type = text_of(config, "mediaType");
	_free_ char *name = NULL;
	_buf_ struct buf text = {0};
	uint64_t size;
	int r;

	if (!is_config_type(type))
		return err_set(e, -EINVAL,
			"it is not a container image, its configuration is "
			"\"%.100s\"",
			type ? type : "");
	if (json_array_size(layers) > STORE_LAYERS_MAX)
		return err_set(
			e, -EFBIG, "more than %d layers", STORE_LAYERS_MAX);
	r = take_layers(layers, out, e);
	if (r == 0)
		r = descriptor_blob(config, &name, &size, e);
	if (r == 0)
		r = read_text(s, name, digest_hex(text_of(config, "digest")),
			&text, e);
	return r < 0 ? r
		     : oci_config_parse(text.data, text.len, s->arch, out, e);
}

/* From index.json down; an index may be in an index. */
static int open_oci(
	const struct search *s, struct oci_image *out, struct err *e)
{
	_free_ char *name = xstrdup("index.json"), *digest = NULL;
	const char *tag = s->ref->tag;

	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		_buf_ struct buf text = {0};
		_json_ json_t *o = NULL;
		char *next = NULL;
		json_t *d = NULL;
		uint64_t size;
		int r = read_text(s, name, digest_hex(digest), &text, e);

		if (r == 0)
			r = parse(&text, name, &o, e);
		if (r < 0)
			return r;
		if (depth && json_is_array(json_object_get(o, "layers"))) {
			out->digest = steal_ptr(digest);
			return take_manifest(s, o, out, e);
		}
		if (!json_is_array(json_object_get(o, "manifests")))
			return err_set(e, -EINVAL, "%s: not an index", name);
		r = choose(s, json_object_get(o, "manifests"), tag, &d, e);
		if (r == 0)
			r = descriptor_blob(d, &next, &size, e);
		if (r < 0)
			return r;
		tag = NULL;
		free(name);
		free(digest);
		name = next;
		digest = xstrdup(text_of(d, "digest"));
	}
	return err_set(e, -ELOOP, "an index in an index in an index");
}

/* --- the whole ------------------------------------------------------------*/

int oci_image_open(const struct oci_ref *ref, const char *arch,
	struct oci_image *out, struct err *e)
{
	struct search s = {.ref = ref, .arch = arch};
	_oci_image_ struct oci_image image = {0};
	struct stat st;
	int r;

	s.store.path = ref->path;
	s.store.is_dir = ref->kind == OCI_LAYOUT;
	if (stat(ref->path, &st) < 0)
		return err_errno(e, "open %s", ref->path);
	if (s.store.is_dir != S_ISDIR(st.st_mode))
		return err_set(e, -EINVAL, "%s: %s", ref->path,
			s.store.is_dir ? "not a folder" : "a folder");
	r = ref->kind == OCI_DOCKER_ARCHIVE ? open_docker(&s, &image, e)
					    : open_oci(&s, &image, e);
	if (r < 0)
		return err_wrap(e, "image %s", ref->path);
	*out = image;
	image = (struct oci_image){0};
	return 0;
}

void oci_image_free(struct oci_image *image)
{
	struct oci_config *c = &image->config;

	for (size_t i = 0; i < image->nlayers; i++) {
		free(image->layers[i].blob);
		free(image->layers[i].digest);
		free(image->layers[i].diff_id);
	}
	free(image->layers);
	free(image->digest);
	free(c->user);
	free(c->workdir);
	free(c->stop_signal);
	strv_free(&c->env);
	strv_free(&c->entrypoint);
	strv_free(&c->cmd);
	strv_free(&c->ports);
	strv_free(&c->volumes);
	strv_free(&c->shell);
	strv_free(&c->health.test);
	*image = (struct oci_image){0};
}
