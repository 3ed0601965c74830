/* SPDX-License-Identifier: Apache-2.0 */
/* index.json, and the index of several targets' images. */
#include "image/index.h"

#include <string.h>

#include "core/mem.h"
#include "image/descriptor.h"
#include "image/gojson.h"
#include "image/referrer.h"

/* What a reference without a registry begins with. */
#define DEFAULT_DOMAIN "docker.io"

static int has_domain(const char *tag)
{
	size_t n = strcspn(tag, "/");

	return tag[n] && (memchr(tag, '.', n) || memchr(tag, ':', n) ||
				 (n == 9 && memcmp(tag, "localhost", 9) == 0));
}

char *index_full_name(const char *tag)
{
	if (has_domain(tag))
		return xstrdup(tag);
	return xasprintf("%s/%s%s", DEFAULT_DOMAIN,
		strchr(tag, '/') ? "" : "library/", tag);
}

static void put_platform(struct buf *b, const struct image_spec *s)
{
	gojson_key(b, "platform");
	gojson_open(b, '{');
	descriptor_member(b, "architecture", s->oci_arch);
	descriptor_member(b, "os", "linux");
	descriptor_member(b, "variant", s->oci_variant);
	gojson_close(b, '}');
}

static void put_annotations(struct buf *b, const char *const pairs[][2])
{
	int any = 0;

	for (size_t i = 0; pairs[i][0]; i++) {
		if (!pairs[i][1])
			continue;
		if (!any++) {
			gojson_key(b, "annotations");
			gojson_open(b, '{');
		}
		descriptor_member(b, pairs[i][0], pairs[i][1]);
	}
	if (any)
		gojson_close(b, '}');
}

/* An image in an index, under these names, each of which may be NULL. */
static void put_image(struct buf *b, const struct index_image *v,
	const char *name, const char *ref, const char *target)
{
	const char *const pairs[][2] = {
		{"io.containerd.image.name", name},
		{"org.opencontainers.image.ref.name", ref},
		{INDEX_TARGET, target},
		{NULL, NULL},
	};

	descriptor_open(
		b, TYPE_MANIFEST, &v->manifest.digest, v->manifest.size);
	put_annotations(b, pairs);
	put_platform(b, v->spec);
	gojson_close(b, '}');
}

static void open_index(struct buf *b)
{
	gojson_open(b, '{');
	gojson_key(b, "schemaVersion");
	gojson_number(b, 2);
	descriptor_member(b, "mediaType", TYPE_INDEX);
	gojson_key(b, "manifests");
	gojson_open(b, '[');
}

static void close_index(struct buf *b)
{
	gojson_close(b, ']');
	gojson_close(b, '}');
}

void index_targets(const struct index_image *v, size_t n, struct buf *b)
{
	open_index(b);
	for (size_t i = 0; i < n; i++)
		put_image(b, &v[i], NULL, NULL, v[i].spec->target);
	close_index(b);
}

static void put_targets(struct buf *b, const struct layer_blob *targets,
	const char *name, const char *ref)
{
	const char *const pairs[][2] = {
		{"io.containerd.image.name", name},
		{"org.opencontainers.image.ref.name", ref},
		{NULL, NULL},
	};

	descriptor_open(b, TYPE_INDEX, &targets->digest, targets->size);
	put_annotations(b, pairs);
	gojson_close(b, '}');
}

void index_write(const struct index_image *v, size_t n,
	const struct layer_blob *targets, struct buf *b)
{
	const struct strv *tags = &v[0].spec->tags;
	_free_ char *name = tags->n ? index_full_name(tags->v[0]) : NULL;
	const char *tag = name ? strrchr(name, ':') + 1 : NULL;

	open_index(b);
	if (targets)
		put_targets(b, targets, name, tag);
	else
		put_image(b, &v[0], name, tag, NULL);
	for (size_t i = 0; i < n && targets; i++) {
		const char *target = v[i].spec->target;
		_free_ char *own =
			name ? xasprintf("%s-%s", name, target) : NULL;

		put_image(b, &v[i], own, own ? strrchr(own, ':') + 1 : NULL,
			target);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].spec->nreferrers; k++)
			referrer_descriptor(&v[i].spec->referrers[k],
				&v[i].referrers[k], &v[i].manifest.digest, b);
	close_index(b);
}
