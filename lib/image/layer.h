/* SPDX-License-Identifier: Apache-2.0 */
/* One layer as a blob: the tar, its compression, both digests in one pass. */
#ifndef IMAGE_LAYER_H
#define IMAGE_LAYER_H

#include <stdint.h>

#include "core/digest.h"
#include "core/err.h"
#include "image/image.h"

struct layer_blob {
	struct digest_hex diff_id; /* of the tar */
	struct digest_hex digest;  /* of the blob */
	uint64_t size;             /* of the blob */
};

/* Sorts, adds missing parents, refuses bad and double paths. Idempotent. */
int layer_settle(struct image_layer *l, struct err *e);

/* Writes the blob to `path` (a new file in a folder of ours). */
int layer_write(struct image_layer *l, const struct image_spec *spec,
	const char *path, struct layer_blob *out, struct err *e);

#endif
