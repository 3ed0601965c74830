/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/image: what documents of an image refer to each other by. */
#ifndef IMAGE_DESCRIPTOR_H
#define IMAGE_DESCRIPTOR_H

#include <stdint.h>

#include "core/buf.h"
#include "core/digest.h"

#define TYPE_INDEX    "application/vnd.oci.image.index.v1+json"
#define TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define TYPE_CONFIG   "application/vnd.oci.image.config.v1+json"
#define TYPE_LAYER    "application/vnd.oci.image.layer.v1.tar"
#define TYPE_EMPTY    "application/vnd.oci.empty.v1+json"

/* A member of an object; none if the value is NULL or empty. */
void descriptor_member(struct buf *b, const char *key, const char *value);
/* "sha256:..." */
void descriptor_digest(struct buf *b, const struct digest_hex *digest);
/* The first members of a descriptor; the caller adds more and closes it. */
void descriptor_open(struct buf *b, const char *type,
	const struct digest_hex *digest, uint64_t size);

#endif
