/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that refer to an image: members in the order of Go's structs. */
#include "image/referrer.h"

#include <stdio.h>
#include <string.h>

#include "image/gojson.h"

#define TYPE_EMPTY "application/vnd.oci.empty.v1+json"

static void put_member(struct buf *b, const char *key, const char *value)
{
	gojson_key(b, key);
	gojson_string(b, value);
}

static void put_digest(struct buf *b, const char *key, const char *hex)
{
	char text[80];

	snprintf(text, sizeof(text), "sha256:%s", hex);
	put_member(b, key, text);
}

/* The first members of a descriptor; the caller closes it. */
static void open_descriptor(struct buf *b, const char *type,
	const struct digest_hex *digest, uint64_t size)
{
	gojson_open(b, '{');
	put_member(b, "mediaType", type);
	put_digest(b, "digest", digest->s);
	gojson_key(b, "size");
	gojson_number(b, size);
}

static void put_predicate(struct buf *b, const struct image_referrer *r)
{
	if (!r->predicate)
		return;
	gojson_key(b, "annotations");
	gojson_open(b, '{');
	put_member(b, "in-toto.io/predicate-type", r->predicate);
	gojson_close(b, '}');
}

void referrer_manifest(const struct image_referrer *r,
	const struct layer_blob *doc, const struct digest_hex *subject,
	uint64_t subject_size, struct buf *b)
{
	struct digest_hex empty;
	struct digest d;

	digest_init(&d);
	digest_add(&d, REFERRER_EMPTY, strlen(REFERRER_EMPTY));
	empty = digest_end(&d);
	gojson_open(b, '{');
	gojson_key(b, "schemaVersion");
	gojson_number(b, 2);
	put_member(b, "mediaType", TYPE_MANIFEST);
	put_member(b, "artifactType", r->type);
	gojson_key(b, "config");
	open_descriptor(b, TYPE_EMPTY, &empty, strlen(REFERRER_EMPTY));
	gojson_close(b, '}');
	gojson_key(b, "layers");
	gojson_open(b, '[');
	open_descriptor(b, r->type, &doc->digest, doc->size);
	put_predicate(b, r);
	gojson_close(b, '}');
	gojson_close(b, ']');
	gojson_key(b, "subject");
	open_descriptor(b, TYPE_MANIFEST, subject, subject_size);
	gojson_close(b, '}');
	put_predicate(b, r);
	gojson_close(b, '}');
}

void referrer_descriptor(const struct image_referrer *r,
	const struct layer_blob *manifest, const struct digest_hex *subject,
	struct buf *b)
{
	open_descriptor(b, TYPE_MANIFEST, &manifest->digest, manifest->size);
	gojson_key(b, "annotations");
	gojson_open(b, '{');
	/* By this containerd knows that it is no image of its own. */
	put_digest(b, "io.containerd.manifest.subject", subject->s);
	if (r->predicate)
		put_member(b, "in-toto.io/predicate-type", r->predicate);
	gojson_close(b, '}');
	put_member(b, "artifactType", r->type);
	gojson_close(b, '}');
}
