/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that refer to an image: their manifests and descriptors. */
#ifndef IMAGE_REFERRER_H
#define IMAGE_REFERRER_H

#include <stdint.h>

#include "core/buf.h"
#include "core/digest.h"
#include "image/image.h"
#include "image/layer.h"

/* The config of a manifest that has none (image-spec, manifest.md). */
#define REFERRER_EMPTY "{}"

/* The manifest of one whose document is `doc`; the subject is the image's. */
void referrer_manifest(const struct image_referrer *r,
	const struct layer_blob *doc, const struct digest_hex *subject,
	uint64_t subject_size, struct buf *out);
/* Its descriptor in index.json. */
void referrer_descriptor(const struct image_referrer *r,
	const struct layer_blob *manifest, const struct digest_hex *subject,
	struct buf *out);

#endif
