/* SPDX-License-Identifier: Apache-2.0 */
/* Compression of a layer: none, gzip (image/gzip.c) or zstd (libzstd). */
#include "image/compress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "core/mem.h"
#include "image/gzip.h"

static const struct {
	const char *name;
	int min, max, normal;
} kinds[] = {
	[IMAGE_GZIP] = {"gzip", 0, 9, 6},
	[IMAGE_PLAIN] = {"none", 0, 0, 0},
	[IMAGE_ZSTD] = {"zstd", 1, 22, 3},
};
enum { NKINDS = sizeof(kinds) / sizeof(kinds[0]) };

struct compress {
	enum image_compression kind;
	compress_put_fn *put;
	void *arg;
	struct gzip *gzip;
	ZSTD_CCtx *zstd;
	void *out; /* of zstd */
	size_t room;
};

int compress_find(const char *name)
{
	for (int i = 0; i < NKINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return i;
	return -1;
}

const char *compress_name(enum image_compression c)
{
	return kinds[c].name;
}

int compress_level_min(enum image_compression c)
{
	return kinds[c].min;
}

int compress_level_max(enum image_compression c)
{
	return kinds[c].max;
}

static int zstd_failed(size_t r, struct err *e)
{
	if (!ZSTD_isError(r))
		return 0;
	return err_set(e, -EIO, "zstd: %s", ZSTD_getErrorName(r));
}

/* Workers even for one thread: without any, libzstd makes other bytes. */
static int start_zstd(
	struct compress *c, int level, unsigned threads, struct err *e)
{
	const struct {
		ZSTD_cParameter key;
		int value;
	} set[] = {
		{ZSTD_c_compressionLevel, level},
		{ZSTD_c_checksumFlag, 1},
		{ZSTD_c_nbWorkers, (int)threads},
	};
	int r = 0;

	c->zstd = ZSTD_createCCtx();
	if (!c->zstd)
		return err_set(e, -ENOMEM, "start the compressor");
	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]) && r == 0; i++)
		r = zstd_failed(ZSTD_CCtx_setParameter(
					c->zstd, set[i].key, set[i].value),
			e);
	c->room = ZSTD_CStreamOutSize();
	c->out = xmalloc(c->room);
	return r;
}

struct compress *compress_new(enum image_compression kind, int level,
	unsigned threads, compress_put_fn *put, void *arg, struct err *e)
{
	struct compress *c = xcalloc(1, sizeof(*c));
	int r = 0;

	c->kind = kind;
	c->put = put;
	c->arg = arg;
	if (level == COMPRESS_DEFAULT)
		level = kinds[kind].normal;
	if (threads < 1)
		threads = 1;
	if (kind == IMAGE_GZIP) {
		c->gzip = gzip_new(level, threads, put, arg, e);
		r = c->gzip ? 0 : -1;
	}
	if (kind == IMAGE_ZSTD)
		r = start_zstd(c, level, threads, e);
	if (r == 0)
		return c;
	compress_free(c);
	return NULL;
}

static int add_zstd(struct compress *c, const void *p, size_t n,
	ZSTD_EndDirective end, struct err *e)
{
	ZSTD_inBuffer in = {p, n, 0};
	size_t left;
	int r;

	do {
		ZSTD_outBuffer out = {c->out, c->room, 0};

		left = ZSTD_compressStream2(c->zstd, &out, &in, end);
		r = zstd_failed(left, e);
		if (r == 0 && out.pos)
			r = c->put(c->arg, c->out, out.pos, e);
	} while (r == 0 && (end == ZSTD_e_end ? left != 0 : in.pos < in.size));
	return r;
}

int compress_add(struct compress *c, const void *p, size_t n, struct err *e)
{
	if (c->kind == IMAGE_GZIP)
		return gzip_add(c->gzip, p, n, e);
	if (c->kind == IMAGE_ZSTD)
		return add_zstd(c, p, n, ZSTD_e_continue, e);
	return c->put(c->arg, p, n, e);
}

int compress_end(struct compress *c, struct err *e)
{
	if (c->kind == IMAGE_GZIP)
		return gzip_end(c->gzip, e);
	if (c->kind == IMAGE_ZSTD)
		return add_zstd(c, "", 0, ZSTD_e_end, e);
	return 0;
}

void compress_free(struct compress *c)
{
	if (!c)
		return;
	gzip_free(c->gzip);
	ZSTD_freeCCtx(c->zstd);
	free(c->out);
	free(c);
}
