/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON documents of an image, and the checks of what goes into them. */
#ifndef IMAGE_CONFIG_H
#define IMAGE_CONFIG_H

#include "core/buf.h"
#include "core/err.h"
#include "image/image.h"
#include "image/layer.h"

/* Refuses what an image cannot carry: -EINVAL, named. */
int config_check(const struct image_spec *s, struct err *e);
/* OCI image configuration; its digest is the image ID. */
void config_write(const struct image_spec *s, const struct layer_blob *layers,
	struct buf *out);
/* OCI manifest. */
void config_manifest(const struct image_spec *s,
	const struct layer_blob *layers, const struct digest_hex *config,
	uint64_t config_size, struct buf *out);
/* manifest.json of a docker archive. */
void config_docker(const struct image_spec *s, const struct layer_blob *layers,
	const struct digest_hex *config, struct buf *out);

#endif
