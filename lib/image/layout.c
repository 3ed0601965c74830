/* SPDX-License-Identifier: Apache-2.0 */
/* The blobs of an image: layers (from the cache if kept), config, manifest. */
#include "image/layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/cache.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "image/config.h"
#include "image/index.h"
#include "image/layer.h"
#include "image/referrer.h"

/* Stands for the content of a file without reading it. */
static int add_identity(struct digest *d, const char *path, struct err *e)
{
	uint64_t v[6];
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(e, "open %s", path);
	v[0] = st.st_dev;
	v[1] = st.st_ino;
	v[2] = (uint64_t)st.st_size;
	v[3] = (uint64_t)st.st_mtim.tv_sec * 1000000000 +
	       (uint64_t)st.st_mtim.tv_nsec;
	v[4] = (uint64_t)st.st_ctim.tv_sec * 1000000000 +
	       (uint64_t)st.st_ctim.tv_nsec;
	v[5] = st.st_mode;
	digest_add_str(d, path);
	digest_add(d, v, sizeof(v));
	return 0;
}

static int add_content(struct digest *d, const char *path, struct err *e)
{
	struct digest_hex hex;
	int r = digest_file(path, &hex, e);

	if (r == 0)
		digest_add_str(d, hex.s);
	return r;
}

/* All that the blob depends on; `add` tells how a file is represented. */
static int layer_key(struct image_layer *l, const struct image_spec *s,
	const char *role,
	int (*add)(struct digest *d, const char *path, struct err *e),
	struct digest_hex *out, struct err *e)
{
	struct digest d;
	int r = layer_settle(l, e);

	digest_init(&d);
	digest_add_str(&d, role);
	digest_add(&d, &s->epoch, sizeof(s->epoch));
	digest_add(&d, &s->compression, sizeof(s->compression));
	digest_add(&d, &s->level, sizeof(s->level));
	for (size_t i = 0; i < l->n && r == 0; i++) {
		const struct image_entry *entry = &l->v[i];
		uint32_t v[4] = {(uint32_t)entry->dir, entry->mode, entry->uid,
			entry->gid};

		digest_add_str(&d, entry->path);
		digest_add(&d, v, sizeof(v));
		digest_add_str(&d, entry->link ? entry->link : "");
		digest_add(&d, &entry->len, sizeof(entry->len));
		if (entry->data)
			digest_add(&d, entry->data, entry->len);
		if (entry->source && !entry->link && !entry->dir)
			r = add(&d, entry->source, e);
	}
	*out = digest_end(&d);
	return r;
}

static int cache_get_text(struct cache *c, const struct digest_hex *key,
	const char *path, struct buf *text, struct err *e)
{
	int r = cache_get(c, key, path, 0600, e);

	if (r <= 0)
		return r;
	r = file_read(path, 4096, text, e);
	unlink(path);
	return r < 0 ? r : 1;
}

static int cache_put_text(struct cache *c, const struct digest_hex *key,
	const char *path, const struct buf *text, struct err *e)
{
	int r = file_put(path, text->data, text->len, 0600, e);

	if (r < 0)
		return r;
	r = cache_put(c, key, path, e);
	unlink(path);
	return r;
}

/*
 * The key of a layer is the digest of its contents. That of large files
 * takes its time, so it is remembered by their identity (inode, times).
 */
static int content_key(struct cache *c, struct image_layer *l,
	const struct image_spec *s, const char *note_path,
	struct digest_hex *out, struct err *e)
{
	_buf_ struct buf text = {0};
	struct digest_hex identity;
	int r;

	r = layer_key(l, s, "slipway layer 2 by identity", add_identity,
		&identity, e);
	if (r == 0)
		r = cache_get_text(c, &identity, note_path, &text, e);
	if (r < 0)
		return r;
	if (r == 1 && text.len == sizeof(out->s) - 1) {
		memcpy(out->s, text.data, sizeof(out->s));
		return 0;
	}
	r = layer_key(l, s, "slipway layer 2", add_content, out, e);
	if (r < 0)
		return r;
	buf_free(&text);
	text = (struct buf){0};
	buf_adds(&text, out->s);
	return cache_put_text(c, &identity, note_path, &text, e);
}

static struct digest_hex note_key(const struct digest_hex *blob)
{
	struct digest d;

	digest_init(&d);
	digest_add_str(&d, blob->s);
	digest_add_str(&d, "note");
	return digest_end(&d);
}

/* "DIFF_ID DIGEST SIZE" */
static int parse_note(const struct buf *text, struct layer_blob *out)
{
	const size_t hex = sizeof(out->digest.s) - 1;
	const char *p = text->data;
	char *end;

	if (!p || strspn(p, "0123456789abcdef") != hex || p[hex] != ' ')
		return 0;
	memcpy(out->diff_id.s, p, hex);
	p += hex + 1;
	if (strspn(p, "0123456789abcdef") != hex || p[hex] != ' ')
		return 0;
	memcpy(out->digest.s, p, hex);
	out->diff_id.s[hex] = out->digest.s[hex] = 0;
	p += hex + 1;
	errno = 0;
	out->size = strtoull(p, &end, 10);
	return end != p && !*end && !errno;
}

/* 1: the layer was there, with its note. */
static int layer_from_cache(struct cache *c, const struct digest_hex *blob,
	const char *note_path, const char *path, struct layer_blob *out,
	struct err *e)
{
	struct digest_hex note = note_key(blob);
	_buf_ struct buf text = {0};
	struct layer_blob got;
	struct stat st;
	int r;

	r = cache_get_text(c, &note, note_path, &text, e);
	if (r <= 0)
		return r;
	if (!parse_note(&text, &got))
		return 0;
	r = cache_get(c, blob, path, 0644, e);
	if (r <= 0)
		return r;
	if (stat(path, &st) < 0 || (uint64_t)st.st_size != got.size) {
		unlink(path);
		return 0;
	}
	*out = got;
	return 1;
}

static int layer_to_cache(struct cache *c, const struct digest_hex *blob,
	const char *note_path, const char *path, const struct layer_blob *l,
	struct err *e)
{
	struct digest_hex note = note_key(blob);
	_buf_ struct buf text = {0};
	int r = cache_put(c, blob, path, e);

	if (r < 0)
		return r;
	buf_addf(&text, "%s %s %llu", l->diff_id.s, l->digest.s,
		(unsigned long long)l->size);
	return cache_put_text(c, &note, note_path, &text, e);
}

static int make_layer(struct image_layer *l, const struct image_spec *s,
	const char *path, struct layer_blob *out, struct err *e)
{
	_free_ char *note_path = xasprintf("%s.note", path);
	_cache_ struct cache c = {0};
	struct digest_hex blob;
	int r;

	if (!l->keep)
		return layer_write(l, s, path, out, e);
	r = cache_open(&c, e);
	if (r < 0)
		return r;
	if (!c.dir)
		return layer_write(l, s, path, out, e);
	r = content_key(&c, l, s, note_path, &blob, e);
	if (r == 0)
		r = layer_from_cache(&c, &blob, note_path, path, out, e);
	if (r != 0)
		return r < 0 ? r : 0;
	log_add(LOG_STEP, "compress layer: %s", l->comment ? l->comment : "");
	r = layer_write(l, s, path, out, e);
	if (r == 0)
		r = layer_to_cache(&c, &blob, note_path, path, out, e);
	return r;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names the blob by its digest; a second of the same digest goes away. */
static int keep_blob(struct layout *l, const char *dir, const char *from,
	const struct digest_hex *digest, struct err *e)
{
	_free_ char *to = xasprintf("%s/%s", dir, digest->s);

	for (size_t i = 0; i < l->blobs.n; i++)
		if (strcmp(l->blobs.v[i], digest->s) == 0) {
			unlink(from);
			return 0;
		}
	if (chmod(from, 0644) < 0 || rename(from, to) < 0)
		return err_errno(e, "rename %s", from);
	strv_add(&l->blobs, digest->s);
	return 0;
}

static int put_json(struct layout *l, const char *dir, const struct buf *b,
	struct digest_hex *digest, struct err *e)
{
	_free_ char *path = xasprintf("%s/json", dir);
	struct digest d;
	int r;

	digest_init(&d);
	digest_add(&d, b->data, b->len);
	*digest = digest_end(&d);
	r = file_put(path, b->data, b->len, 0644, e);
	return r < 0 ? r : keep_blob(l, dir, path, digest, e);
}

/* The document, the empty config of its manifest, the manifest: *out. */
static int put_referrer(struct layout *l, const char *dir,
	const struct image_referrer *ref, const struct layer_blob *subject,
	struct layer_blob *out, struct err *e)
{
	_buf_ struct buf doc = {0}, empty = {0}, manifest = {0};
	struct layer_blob blob;
	struct digest_hex unused;
	int r;

	ref->write(&subject->digest, ref->arg, &doc);
	blob.size = doc.len;
	r = put_json(l, dir, &doc, &blob.digest, e);
	buf_adds(&empty, REFERRER_EMPTY);
	if (r == 0)
		r = put_json(l, dir, &empty, &unused, e);
	if (r < 0)
		return r;
	referrer_manifest(
		ref, &blob, &subject->digest, subject->size, &manifest);
	out->size = manifest.len;
	return put_json(l, dir, &manifest, &out->digest, e);
}

/* Layers, config, manifest and referrers of one image; the first one's
 * config and docker view are the layout's. */
static int fill_image(const struct image_spec *s, const char *blobs,
	struct layout *l, struct index_image *out, struct err *e)
{
	_free_ struct layer_blob *layers =
		xcalloc(s->nlayers + 1, sizeof(*layers));
	_free_ char *path = path_join(blobs, "layer");
	_buf_ struct buf config = {0}, manifest = {0};
	struct digest_hex hex;
	int r = 0;

	out->spec = s;
	out->referrers = xcalloc(s->nreferrers + 1, sizeof(*out->referrers));
	for (size_t i = 0; i < s->nlayers && r == 0; i++) {
		r = make_layer(s->layers[i], s, path, &layers[i], e);
		if (r == 0)
			r = keep_blob(l, blobs, path, &layers[i].digest, e);
	}
	if (r < 0)
		return r;
	config_write(s, layers, &config);
	r = put_json(l, blobs, &config, &hex, e);
	if (r < 0)
		return r;
	config_manifest(s, layers, &hex, config.len, &manifest);
	out->manifest.size = manifest.len;
	r = put_json(l, blobs, &manifest, &out->manifest.digest, e);
	for (size_t i = 0; i < s->nreferrers && r == 0; i++)
		r = put_referrer(l, blobs, &s->referrers[i], &out->manifest,
			&out->referrers[i], e);
	if (r == 0 && !l->docker.len) {
		config_docker(s, layers, &hex, &l->docker);
		l->config = hex;
	}
	return r;
}

static int fill_all(const struct image_spec *s, const char *blobs,
	struct layout *l, struct index_image *v, size_t n, struct err *e)
{
	_buf_ struct buf targets = {0};
	struct layer_blob index;
	int r = 0;

	for (size_t i = 0; s && r == 0; i++, s = s->next)
		r = fill_image(s, blobs, l, &v[i], e);
	if (r < 0)
		return r;
	index = v[0].manifest;
	if (n > 1) {
		index_targets(v, n, &targets);
		index.size = targets.len;
		r = put_json(l, blobs, &targets, &index.digest, e);
	}
	l->manifest = index.digest;
	index_write(v, n, n > 1 ? &index : NULL, &l->index);
	qsort(l->blobs.v, l->blobs.n, sizeof(char *), compare_strings);
	return r;
}

int layout_fill(const struct image_spec *s, const char *dir, struct layout *l,
	struct err *e)
{
	_free_ char *blobs = path_join(dir, "blobs/sha256");
	_free_ struct index_image *v = NULL;
	size_t n = 0;
	int r = 0;

	for (const struct image_spec *at = s; at && r == 0; at = at->next, n++)
		r = config_check(at, e);
	if (r == 0)
		r = file_mkdirs(blobs, e);
	if (r < 0)
		return r;
	v = xcalloc(n, sizeof(*v));
	r = fill_all(s, blobs, l, v, n, e);
	for (size_t i = 0; i < n; i++)
		free(v[i].referrers);
	return r;
}

void layout_free(struct layout *l)
{
	strv_free(&l->blobs);
	buf_free(&l->index);
	buf_free(&l->docker);
}
