/* SPDX-License-Identifier: Apache-2.0 */
/* gzip on several threads, for image/compress.c. */
#ifndef IMAGE_GZIP_H
#define IMAGE_GZIP_H

#include "image/compress.h"

struct gzip;

struct gzip *gzip_new(int level, unsigned threads, compress_put_fn *put,
	void *arg, struct err *e);
int gzip_add(struct gzip *g, const void *p, size_t n, struct err *e);
int gzip_end(struct gzip *g, struct err *e);
void gzip_free(struct gzip *g);

#endif
