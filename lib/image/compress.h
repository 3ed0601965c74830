/* SPDX-License-Identifier: Apache-2.0 */
/* Compression of a layer on several threads, the same bytes for any number. */
#ifndef IMAGE_COMPRESS_H
#define IMAGE_COMPRESS_H

#include <stddef.h>

#include "core/err.h"

enum image_compression { IMAGE_GZIP, IMAGE_PLAIN, IMAGE_ZSTD };

/* A level that is not given. */
enum { COMPRESS_DEFAULT = -1 };

/* "gzip", "none", "zstd"; -1: neither of them. */
int compress_find(const char *name);
const char *compress_name(enum image_compression c);
/* The highest level; the lowest is 0 for gzip, 1 for zstd. */
int compress_level_min(enum image_compression c);
int compress_level_max(enum image_compression c);

/*
 * A stream: what is added comes out of `put` compressed, in the caller's
 * thread. gzip is one member (RFC 1952, no time, no name) of blocks that
 * are compressed apart, each with the end of the one before as its
 * dictionary; where a block begins depends on nothing but the input. zstd is
 * one frame with a checksum, by libzstd's own threads, whose output does not
 * depend on their number either.
 */
typedef int compress_put_fn(void *arg, const void *p, size_t n, struct err *e);
struct compress;

/* IMAGE_PLAIN passes everything on. `threads` is 1 or more. NULL and *e. */
struct compress *compress_new(enum image_compression c, int level,
	unsigned threads, compress_put_fn *put, void *arg, struct err *e);
int compress_add(struct compress *c, const void *p, size_t n, struct err *e);
/* The end of the stream. */
int compress_end(struct compress *c, struct err *e);
void compress_free(struct compress *c);

#endif
