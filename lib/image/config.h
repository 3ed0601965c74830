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
/* "uk/app:v1" as references begin with a registry: "docker.io/uk/app:v1";
 * caller frees. */
char *config_full_name(const char *tag);

/* OCI image configuration; its digest is the image ID. */
void config_write(const struct image_spec *s, const struct layer_blob *layers,
	struct buf *out);
/* OCI manifest. */
void config_manifest(const struct image_spec *s,
	const struct layer_blob *layers, const struct digest_hex *config,
	uint64_t config_size, struct buf *out);
/* OCI index.json: the image, then its referrers (their manifests). */
void config_index(const struct image_spec *s, const struct digest_hex *manifest,
	uint64_t manifest_size, const struct layer_blob *referrers,
	struct buf *out);
/* manifest.json of a docker archive. */
void config_docker(const struct image_spec *s, const struct layer_blob *layers,
	const struct digest_hex *config, struct buf *out);

#endif
