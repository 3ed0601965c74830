/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an image by name, from a tar or from a folder. */
#ifndef INSPECT_STORE_H
#define INSPECT_STORE_H

#include <archive.h>
#include <jansson.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/buf.h"
#include "core/err.h"

struct store {
	const char *path;
	int is_dir;
};

/* More is nobody's image. A megabyte of JSON takes up to 50 in memory. */
enum { STORE_JSON_MAX = 4 << 20, STORE_LAYERS_MAX = 256 };

/* A whole small member. -ENOENT (without message) if it is not there. */
int store_read(const struct store *s, const char *name, struct buf *out,
	struct err *e);

/* A member's bytes as they are, one part after the other. */
struct store_blob {
	struct archive *outer; /* of the image; NULL: a file of its own */
	int fd;
	uint64_t size;
	char chunk[65536];
};
/* -ENOENT (without message) if it is not there. Links of an image's tar are
 * followed in it. */
int store_open_blob(const struct store *s, const char *name,
	struct store_blob *b, struct err *e);
/* 0 at the end; *p stays until the next call. */
ssize_t store_read_blob(struct store_blob *b, const void **p, struct err *e);
void store_close_blob(struct store_blob *b);

/* A layer, opened as the tar that it is, compressed or not. */
struct store_layer {
	struct archive *tar; /* to read entries from */
	struct store_blob blob;
	uint64_t size; /* of the blob */
};
int store_open_layer(const struct store *s, const char *name,
	struct store_layer *l, struct err *e);
void store_close_layer(struct store_layer *l);
/* The content of the entry that was read last to an empty file; zeros become
 * holes, so that little in the image is not much on the disk. */
int store_extract(struct archive *tar, const char *path, int fd, struct err *e);

/* Describes a layer in `o`; the machine, if it is in it, in `image`. */
int inspect_layer(const struct store *s, const char *name, json_t *o,
	unsigned flags, json_t *image, struct err *e);

#endif
