/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of the OCI image specification, members in Go's order. */
#include "image/descriptor.h"

#include <stdio.h>

#include "image/gojson.h"

void descriptor_member(struct buf *b, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	gojson_key(b, key);
	gojson_string(b, value);
}

void descriptor_digest(struct buf *b, const struct digest_hex *digest)
{
	char text[80];

	snprintf(text, sizeof(text), "sha256:%s", digest->s);
	gojson_string(b, text);
}

void descriptor_open(struct buf *b, const char *type,
	const struct digest_hex *digest, uint64_t size)
{
	gojson_open(b, '{');
	descriptor_member(b, "mediaType", type);
	gojson_key(b, "digest");
	descriptor_digest(b, digest);
	gojson_key(b, "size");
	gojson_number(b, size);
}
