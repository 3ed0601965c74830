/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON documents of an image, members in the order of the Go structs. */
#include "image/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/mem.h"
#include "image/descriptor.h"
#include "image/gojson.h"

static void time_text(uint64_t epoch, char out[32])
{
	time_t t = (time_t)epoch;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A copy of the pointers, sorted; caller frees the array. */
static char **sorted(const struct strv *l)
{
	char **v = xcalloc(l->n + 1, sizeof(*v));

	if (l->n)
		memcpy(v, l->v, l->n * sizeof(*v));
	qsort(v, l->n, sizeof(*v), compare_strings);
	return v;
}

static void put_list(struct buf *b, const char *key, const struct strv *l)
{
	if (l->n == 0)
		return;
	gojson_key(b, key);
	gojson_open(b, '[');
	for (size_t i = 0; i < l->n; i++)
		gojson_string(b, l->v[i]);
	gojson_close(b, ']');
}

/* A Go map with empty values: {"8080/tcp":{}}. */
static void put_set(struct buf *b, const char *key, const struct strv *l)
{
	_free_ char **v = sorted(l);

	if (l->n == 0)
		return;
	gojson_key(b, key);
	gojson_open(b, '{');
	for (size_t i = 0; i < l->n; i++) {
		if (i && strcmp(v[i - 1], v[i]) == 0)
			continue;
		gojson_key(b, v[i]);
		gojson_raw(b, "{}");
	}
	gojson_close(b, '}');
}

/* Labels that are annotations of the manifest, too. */
static int is_annotation(const char *label)
{
	return !strncmp(label, "org.opencontainers.image.", 25) ||
	       !strncmp(label, "org.slipway.", 12) ||
	       !strncmp(label, "com.urunc.unikernel.", 20);
}

/* K=V strings as a map; of those that `take` wants, or all. */
static void put_map(struct buf *b, const char *key, const struct strv *l,
	int (*take)(const char *s))
{
	_free_ char **v = sorted(l);
	int any = 0;

	for (size_t i = 0; i < l->n; i++) {
		_free_ char *name = NULL;
		char *equal = strchr(v[i], '=');

		if (take && !take(v[i]))
			continue;
		if (!any++) {
			gojson_key(b, key);
			gojson_open(b, '{');
		}
		name = xstrndup(v[i], (size_t)(equal - v[i]));
		gojson_key(b, name);
		gojson_string(b, equal + 1);
	}
	if (any)
		gojson_close(b, '}');
}

static void put_number(struct buf *b, const char *key, uint64_t v)
{
	if (!v)
		return;
	gojson_key(b, key);
	gojson_number(b, v);
}

/* Docker's own addition to the OCI config. */
static void put_health(struct buf *b, const struct image_health *h)
{
	if (!h)
		return;
	gojson_key(b, "Healthcheck");
	gojson_open(b, '{');
	gojson_key(b, "Test");
	gojson_open(b, '[');
	gojson_string(b, "CMD");
	for (size_t i = 0; i < h->command.n; i++)
		gojson_string(b, h->command.v[i]);
	gojson_close(b, ']');
	put_number(b, "Interval", h->interval_ns);
	put_number(b, "Timeout", h->timeout_ns);
	put_number(b, "StartPeriod", h->start_period_ns);
	put_number(b, "Retries", h->retries);
	gojson_close(b, '}');
}

void config_write(const struct image_spec *s, const struct layer_blob *layers,
	struct buf *b)
{
	char created[32];

	time_text(s->epoch, created);
	gojson_open(b, '{');
	descriptor_member(b, "created", created);
	descriptor_member(b, "architecture", s->oci_arch);
	descriptor_member(b, "os", "linux");
	gojson_key(b, "config");
	gojson_open(b, '{');
	descriptor_member(b, "User", s->user);
	put_set(b, "ExposedPorts", &s->ports);
	put_list(b, "Env", &s->env);
	put_list(b, "Entrypoint", &s->entrypoint);
	put_list(b, "Cmd", &s->cmd);
	put_set(b, "Volumes", &s->volumes);
	descriptor_member(b, "WorkingDir", s->workdir);
	put_map(b, "Labels", &s->labels, NULL);
	descriptor_member(b, "StopSignal", s->stop_signal);
	put_health(b, s->health);
	gojson_close(b, '}');
	gojson_key(b, "rootfs");
	gojson_open(b, '{');
	descriptor_member(b, "type", "layers");
	gojson_key(b, "diff_ids");
	gojson_open(b, '[');
	for (size_t i = 0; i < s->nlayers; i++)
		descriptor_digest(b, &layers[i].diff_id);
	gojson_close(b, ']');
	gojson_close(b, '}');
	gojson_key(b, "history");
	gojson_open(b, '[');
	for (size_t i = 0; i < s->nlayers; i++) {
		gojson_open(b, '{');
		descriptor_member(b, "created", created);
		descriptor_member(b, "created_by", "slipway build");
		descriptor_member(b, "comment", s->layers[i]->comment);
		gojson_close(b, '}');
	}
	gojson_close(b, ']');
	gojson_close(b, '}');
}

void config_manifest(const struct image_spec *s,
	const struct layer_blob *layers, const struct digest_hex *config,
	uint64_t config_size, struct buf *b)
{
	static const char *const types[] = {
		[IMAGE_GZIP] = TYPE_LAYER "+gzip",
		[IMAGE_PLAIN] = TYPE_LAYER,
		[IMAGE_ZSTD] = TYPE_LAYER "+zstd",
	};
	const char *type = types[s->compression];

	gojson_open(b, '{');
	gojson_key(b, "schemaVersion");
	gojson_number(b, 2);
	descriptor_member(b, "mediaType", TYPE_MANIFEST);
	gojson_key(b, "config");
	descriptor_open(b, TYPE_CONFIG, config, config_size);
	gojson_close(b, '}');
	gojson_key(b, "layers");
	gojson_open(b, '[');
	for (size_t i = 0; i < s->nlayers; i++) {
		descriptor_open(b, type, &layers[i].digest, layers[i].size);
		gojson_close(b, '}');
	}
	gojson_close(b, ']');
	put_map(b, "annotations", &s->labels, is_annotation);
	gojson_close(b, '}');
}

static void put_blob_path(struct buf *b, const struct digest_hex *d)
{
	char text[96];

	snprintf(text, sizeof(text), "blobs/sha256/%s", d->s);
	gojson_string(b, text);
}

void config_docker(const struct image_spec *s, const struct layer_blob *layers,
	const struct digest_hex *config, struct buf *b)
{
	gojson_open(b, '[');
	gojson_open(b, '{');
	gojson_key(b, "Config");
	put_blob_path(b, config);
	gojson_key(b, "RepoTags");
	gojson_open(b, '[');
	for (size_t i = 0; i < s->tags.n; i++)
		gojson_string(b, s->tags.v[i]);
	gojson_close(b, ']');
	gojson_key(b, "Layers");
	gojson_open(b, '[');
	for (size_t i = 0; i < s->nlayers; i++)
		put_blob_path(b, &layers[i].digest);
	gojson_close(b, ']');
	gojson_close(b, '}');
	gojson_close(b, ']');
}
