/* SPDX-License-Identifier: Apache-2.0 */
/* One layer as a stream of tar, with the digests of both its forms. */
#ifndef OCI_STREAM_H
#define OCI_STREAM_H

#include <archive.h>

#include "core/err.h"
#include "core/hasher.h"
#include "inspect/store.h"
#include "oci/image.h"

/* The blob's bytes go to `raw`, which unpacks them, and to `tar`. */
struct oci_stream {
	const struct oci_layer *layer;
	struct store_blob blob;
	struct archive *raw, *tar;
	struct hasher *packed, *unpacked;
	uint64_t size;  /* of the blob so far */
	uint64_t given; /* of the tar so far */
	struct err why; /* what went wrong below the archives */
};

int oci_stream_open(struct oci_stream *s, const struct store *store,
	const struct oci_layer *layer, struct err *e);
/* Reads what is left, and compares the digests. */
int oci_stream_check(struct oci_stream *s, struct err *e);
void oci_stream_close(struct oci_stream *s);
/* The message of the archive, or of what is below it. */
int oci_stream_failed(const struct oci_stream *s, struct err *e);

#endif
