/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the layers of an image on top of each other. */
#ifndef OCI_APPLY_H
#define OCI_APPLY_H

#include "core/buf.h"
#include "core/err.h"
#include "oci/image.h"
#include "oci/tree.h"

/*
 * Reads each layer once, as a stream (tar, gzip or zstd), and does to the
 * tree what the image specification's layer.md says. The bytes of files go
 * to DIR/NUMBER, which the tree's inodes name; what a higher layer hides is
 * removed there again. What a root filesystem here cannot have (devices,
 * pipes, extended attributes) is left out, and told as lines in *notes.
 * Digests are compared when a layer's end is there: then -EBADMSG, and
 * nothing of the tree may be used.
 */
int oci_apply(const struct oci_ref *ref, const struct oci_image *image,
	const char *dir, struct oci_tree *tree, struct strv *notes,
	struct err *e);

/* The file of a content; caller frees. */
char *oci_content_path(const char *dir, uint64_t content);

#endif
