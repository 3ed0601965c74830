/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/image: index.json, and the index of several targets' images. */
#ifndef IMAGE_INDEX_H
#define IMAGE_INDEX_H

#include "core/buf.h"
#include "image/image.h"
#include "image/layer.h"

/* One target's image, whose blobs were written. */
struct index_image {
	const struct image_spec *spec;
	struct layer_blob manifest;   /* without diff_id */
	struct layer_blob *referrers; /* the manifests of the spec's */
};

/* What tells a descriptor's target in an index; labels of the image, too. */
#define INDEX_TARGET "org.slipway.target"
#define INDEX_BASE   "org.slipway.base"

/* The index of several: platforms, and what tells those of one platform
 * apart. Readers take the first that fits, so their order matters. */
void index_targets(const struct index_image *v, size_t n, struct buf *out);
/* index.json: the image, or the index of them (its blob; NULL for one), the
 * images of several by names of their own, their referrers. */
void index_write(const struct index_image *v, size_t n,
	const struct layer_blob *targets, struct buf *out);
/* "uk/app:v1" as references begin with a registry: "docker.io/uk/app:v1";
 * caller frees. */
char *index_full_name(const char *tag);

#endif
