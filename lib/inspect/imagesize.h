/* SPDX-License-Identifier: Apache-2.0 */
/* Whose each byte of an image is: members, layers, the files in them. */
#ifndef INSPECT_IMAGESIZE_H
#define INSPECT_IMAGESIZE_H

#include <jansson.h>
#include <stdint.h>

#include "core/err.h"

/*
 * A list of "name" and "bytes" that sums to *size: that of the tar, or of
 * all files of the folder. `layers` are the names of the blobs that are
 * layers, from the lowest up: their files are told apart. Of a compressed
 * layer a file has as many bytes as the compressor had read from it;
 * inside one block of the compressor they are shared in proportion. NULL
 * and *e if it cannot be read. Caller decrefs.
 */
json_t *image_components(const char *path, int is_dir, const json_t *layers,
	uint64_t *size, struct err *e);

#endif
