/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that refer to an image: members in the order of Go's structs. */
#include "image/referrer.h"

#include <string.h>

#include "image/descriptor.h"
#include "image/gojson.h"

static void put_predicate(struct buf *b, const struct image_referrer *r)
{
	if (!r->predicate)
		return;
	gojson_key(b, "annotations");
	gojson_open(b, '{');
	descriptor_member(b, "in-toto.io/predicate-type", r->predicate);
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
	descriptor_member(b, "mediaType", TYPE_MANIFEST);
	descriptor_member(b, "artifactType", r->type);
	gojson_key(b, "config");
	descriptor_open(b, TYPE_EMPTY, &empty, strlen(REFERRER_EMPTY));
	gojson_close(b, '}');
	gojson_key(b, "layers");
	gojson_open(b, '[');
	descriptor_open(b, r->type, &doc->digest, doc->size);
	put_predicate(b, r);
	gojson_close(b, '}');
	gojson_close(b, ']');
	gojson_key(b, "subject");
	descriptor_open(b, TYPE_MANIFEST, subject, subject_size);
	gojson_close(b, '}');
	put_predicate(b, r);
	gojson_close(b, '}');
}

void referrer_descriptor(const struct image_referrer *r,
	const struct layer_blob *manifest, const struct digest_hex *subject,
	struct buf *b)
{
	descriptor_open(b, TYPE_MANIFEST, &manifest->digest, manifest->size);
	gojson_key(b, "annotations");
	gojson_open(b, '{');
	/* By this containerd knows that it is no image of its own. */
	gojson_key(b, "io.containerd.manifest.subject");
	descriptor_digest(b, subject);
	if (r->predicate)
		descriptor_member(b, "in-toto.io/predicate-type", r->predicate);
	gojson_close(b, '}');
	descriptor_member(b, "artifactType", r->type);
	gojson_close(b, '}');
}
