/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/image: the folder of blobs that every output is made from. */
#ifndef IMAGE_LAYOUT_H
#define IMAGE_LAYOUT_H

#include "core/buf.h"
#include "core/err.h"
#include "image/image.h"

/* What layout_fill left in a folder. */
struct layout {
	struct strv blobs; /* names in blobs/sha256, sorted, without doubles */
	struct buf index;  /* index.json */
	struct buf docker; /* manifest.json */
	struct digest_hex config;   /* of the first image */
	struct digest_hex manifest; /* what index.json names first */
};

#define LAYOUT_VERSION "{\"imageLayoutVersion\":\"1.0.0\"}"

/* Makes DIR/blobs/sha256/... of all layers, configs and manifests. */
int layout_fill(const struct image_spec *s, const char *dir, struct layout *l,
	struct err *e);
void layout_free(struct layout *l);
#define _layout_ __attribute__((cleanup(layout_free)))

#endif
