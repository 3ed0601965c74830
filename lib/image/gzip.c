/* SPDX-License-Identifier: Apache-2.0 */
/* gzip in blocks that are compressed apart, and so at once. */
#include "image/gzip.h"

#define ZLIB_CONST
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/mem.h"

enum {
	BLOCK = 256 * 1024,
	WINDOW = 32 * 1024,
	ROOM = BLOCK + BLOCK / 8, /* deflate adds less than a thousandth */
	MAX_THREADS = 64,
};

enum state { EMPTY, FULL, BUSY, DONE };

struct block {
	uint8_t *in; /* WINDOW bytes of the block before, then this one */
	size_t window, n;
	uint8_t *out;
	size_t nout;
	uint32_t crc;
	int last;
	enum state state; /* under the lock */
};

struct gzip;
struct worker {
	struct gzip *g;
	pthread_t thread;
	z_stream z;
};

struct gzip {
	compress_put_fn *put;
	void *arg;
	struct block *blocks; /* a ring */
	size_t nblocks;
	size_t fill, write; /* the block to fill, the next to be written */
	size_t flying;      /* handed over and not written */
	uint32_t crc;
	uint64_t size;
	int begun;
	struct worker *workers; /* of one, the caller uses the stream itself */
	unsigned nstreams, nthreads;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	size_t take; /* under the lock: the next to be compressed */
	int stop;    /* under the lock */
};

static void pack(z_stream *z, struct block *b)
{
	deflateReset(z);
	if (b->window)
		deflateSetDictionary(
			z, b->in + WINDOW - b->window, (uInt)b->window);
	z->next_in = b->in + WINDOW;
	z->avail_in = (uInt)b->n;
	z->next_out = b->out;
	z->avail_out = ROOM;
	deflate(z, b->last ? Z_FINISH : Z_SYNC_FLUSH);
	b->nout = ROOM - z->avail_out;
	b->crc = (uint32_t)crc32(0, b->in + WINDOW, (uInt)b->n);
}

static void *worker(void *arg)
{
	struct worker *w = arg;
	struct gzip *g = w->g;

	pthread_mutex_lock(&g->lock);
	for (;;) {
		struct block *b = &g->blocks[g->take];

		if (b->state == FULL) {
			b->state = BUSY;
			g->take = (g->take + 1) % g->nblocks;
			pthread_mutex_unlock(&g->lock);
			pack(&w->z, b);
			pthread_mutex_lock(&g->lock);
			b->state = DONE;
			pthread_cond_signal(&g->done);
		} else if (g->stop) {
			break;
		} else {
			pthread_cond_wait(&g->work, &g->lock);
		}
	}
	pthread_mutex_unlock(&g->lock);
	return NULL;
}

static int start_streams(struct gzip *g, int level, unsigned n)
{
	g->workers = xcalloc(n, sizeof(*g->workers));
	for (; g->nstreams < n; g->nstreams++) {
		struct worker *w = &g->workers[g->nstreams];

		w->g = g;
		if (deflateInit2(&w->z, level, Z_DEFLATED, -15, 8,
			    Z_DEFAULT_STRATEGY) != Z_OK)
			return -ENOMEM;
	}
	return 0;
}

struct gzip *gzip_new(int level, unsigned threads, compress_put_fn *put,
	void *arg, struct err *e)
{
	struct gzip *g = xcalloc(1, sizeof(*g));
	unsigned n = threads < MAX_THREADS ? threads : MAX_THREADS;

	g->put = put;
	g->arg = arg;
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->work, NULL);
	pthread_cond_init(&g->done, NULL);
	if (start_streams(g, level, n) < 0) {
		gzip_free(g);
		err_set(e, -ENOMEM, "start the compressor");
		return NULL;
	}
	g->nblocks = n > 1 ? 2 * n : 1;
	g->blocks = xcalloc(g->nblocks, sizeof(*g->blocks));
	for (size_t i = 0; i < g->nblocks; i++) {
		g->blocks[i].in = xmalloc(WINDOW + BLOCK);
		g->blocks[i].out = xmalloc(ROOM);
	}
	/* With fewer threads than asked for, or none, it is only slower. */
	while (n > 1 && g->nthreads < n &&
		!pthread_create(&g->workers[g->nthreads].thread, NULL, worker,
			&g->workers[g->nthreads]))
		g->nthreads++;
	return g;
}

static int write_block(struct gzip *g, struct block *b, struct err *e)
{
	static const uint8_t header[10] = {
		0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
	int r = 0;

	if (!g->begun) {
		g->begun = 1;
		r = g->put(g->arg, header, sizeof(header), e);
	}
	if (r == 0)
		r = g->put(g->arg, b->out, b->nout, e);
	g->crc = (uint32_t)crc32_combine(g->crc, b->crc, (z_off_t)b->n);
	g->size += b->n;
	b->n = 0;
	return r;
}

/* Writes the oldest block as soon as it is done. */
static int write_oldest(struct gzip *g, struct err *e)
{
	struct block *b = &g->blocks[g->write];

	pthread_mutex_lock(&g->lock);
	while (b->state != DONE)
		pthread_cond_wait(&g->done, &g->lock);
	b->state = EMPTY;
	pthread_mutex_unlock(&g->lock);
	g->write = (g->write + 1) % g->nblocks;
	g->flying--;
	return write_block(g, b, e);
}

/* The end of a block is what the next one refers to. */
static void keep_window(const struct block *b, struct block *next)
{
	size_t n = b->n < WINDOW ? b->n : WINDOW;

	memcpy(next->in + WINDOW - n, b->in + WINDOW + b->n - n, n);
	next->window = n;
}

/* Hands the block that is being filled over, and finds room for the next. */
static int submit(struct gzip *g, int last, struct err *e)
{
	struct block *b = &g->blocks[g->fill];
	int r = 0;

	b->last = last;
	if (!g->nthreads) {
		pack(&g->workers[0].z, b);
		if (!last)
			keep_window(b, b);
		return write_block(g, b, e);
	}
	g->fill = (g->fill + 1) % g->nblocks;
	pthread_mutex_lock(&g->lock);
	b->state = FULL;
	pthread_cond_signal(&g->work);
	pthread_mutex_unlock(&g->lock);
	g->flying++;
	if (last)
		return 0;
	if (g->flying == g->nblocks)
		r = write_oldest(g, e);
	if (r == 0)
		keep_window(b, &g->blocks[g->fill]);
	return r;
}

int gzip_add(struct gzip *g, const void *p, size_t n, struct err *e)
{
	const uint8_t *from = p;
	int r = 0;

	while (n && r == 0) {
		struct block *b = &g->blocks[g->fill];
		size_t part = n < BLOCK - b->n ? n : BLOCK - b->n;

		memcpy(b->in + WINDOW + b->n, from, part);
		b->n += part;
		from += part;
		n -= part;
		if (b->n == BLOCK)
			r = submit(g, 0, e);
	}
	return r;
}

int gzip_end(struct gzip *g, struct err *e)
{
	uint8_t trailer[8];
	int r = submit(g, 1, e);

	while (r == 0 && g->flying)
		r = write_oldest(g, e);
	if (r < 0)
		return r;
	for (int i = 0; i < 4; i++) {
		trailer[i] = (uint8_t)(g->crc >> (8 * i));
		trailer[4 + i] = (uint8_t)(g->size >> (8 * i));
	}
	return g->put(g->arg, trailer, sizeof(trailer), e);
}

void gzip_free(struct gzip *g)
{
	if (!g)
		return;
	pthread_mutex_lock(&g->lock);
	g->stop = 1;
	pthread_cond_broadcast(&g->work);
	pthread_mutex_unlock(&g->lock);
	for (unsigned i = 0; i < g->nthreads; i++)
		pthread_join(g->workers[i].thread, NULL);
	for (unsigned i = 0; i < g->nstreams; i++)
		deflateEnd(&g->workers[i].z);
	free(g->workers);
	for (size_t i = 0; i < g->nblocks; i++) {
		free(g->blocks[i].in);
		free(g->blocks[i].out);
	}
	free(g->blocks);
	pthread_mutex_destroy(&g->lock);
	pthread_cond_destroy(&g->work);
	pthread_cond_destroy(&g->done);
	free(g);
}
