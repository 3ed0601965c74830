/* SPDX-License-Identifier: Apache-2.0 */
/* A container image that others made: its layers and its configuration. */
#ifndef OCI_IMAGE_H
#define OCI_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "oci/ref.h"

/* One layer; the digests are "sha256:..." and checked when it is read. */
struct oci_layer {
	char *blob;    /* its member of the archive, or file of the folder */
	char *digest;  /* of the blob as it is; NULL: nobody said it */
	char *diff_id; /* of the tar in it */
	uint64_t size; /* of the blob; UINT64_MAX: nobody said it */
};

/* "Healthcheck": all zero is none. */
struct oci_health {
	struct strv test; /* "NONE"; "CMD", ARG...; "CMD-SHELL", TEXT */
	uint64_t interval_ns, timeout_ns, start_period_ns;
	unsigned retries;
};

/* What the image says of how it runs (OCI image-spec, config.md). */
struct oci_config {
	struct strv env, entrypoint, cmd, ports, volumes, shell;
	char *user, *workdir, *stop_signal; /* NULL: not said */
	struct oci_health health;
};

struct oci_image {
	char *digest; /* of its manifest; a docker archive's: of its config */
	struct oci_layer *layers; /* the lowest first */
	size_t nlayers;
	struct oci_config config;
};

/*
 * Finds the image of a reference for machines of `arch` (amd64, arm64), and
 * reads all but the layers; each document's digest is checked. Where an
 * index has one for several platforms, Linux on `arch` is taken. -EINVAL:
 * there is none, or not one; -EBADMSG: something is not what its digest
 * says.
 */
int oci_image_open(const struct oci_ref *ref, const char *arch,
	struct oci_image *out, struct err *e);
void oci_image_free(struct oci_image *image);
#define _oci_image_ __attribute__((cleanup(oci_image_free)))

/* Inside: the image's configuration out of its JSON text. */
int oci_config_parse(const char *text, size_t len, const char *arch,
	struct oci_image *out, struct err *e);

#endif
