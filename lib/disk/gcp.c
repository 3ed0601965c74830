/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Google Cloud's form of a disk: disk.raw in a gzip tar of old GNU format
 * (GNU tar manual, "Basic Tar Format" and "Storing Sparse Files").
 */
#include "disk/gcp.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "image/compress.h"

enum {
	RECORD = 512,
	BLOCK = 4096, /* what is a hole or not */
	BLOCKING = 20 * RECORD,
	/* of a header */
	MODE = 100,
	UID = 108,
	GID = 116,
	SIZE = 124,
	MTIME = 136,
	SUM = 148,
	TYPE = 156,
	MAGIC = 257,
	SPARSE = 386,
	EXTENDED = 482,
	REAL_SIZE = 483,
	/* places for runs in a header, and in a record of more */
	IN_HEADER = 4,
	IN_RECORD = 21,
	RUN = 24,
	MORE_EXTENDED = IN_RECORD * RUN,
	END = 2 * RECORD,
};

struct run {
	uint64_t at, size;
};

struct runs {
	struct run *v;
	size_t n;
	uint64_t data; /* bytes of all */
};

struct out {
	struct compress *compress;
	uint64_t n;
	int fd;
};

static int put_fd(void *arg, const void *p, size_t n, struct err *e)
{
	return file_write_all(((struct out *)arg)->fd, p, n, e);
}

static int put(struct out *o, const void *p, size_t n, struct err *e)
{
	o->n += n;
	return compress_add(o->compress, p, n, e);
}

static int read_block(
	int fd, uint8_t block[BLOCK], uint64_t at, size_t n, struct err *e)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r =
			pread(fd, block + done, n - done, (off_t)(at + done));

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r ? err_errno(e, "read")
				 : err_set(e, -EIO, "the disk became shorter");
		done += (size_t)r;
	}
	return 0;
}

static void add_run(struct runs *r, uint64_t at, uint64_t size)
{
	struct run *last = r->n ? &r->v[r->n - 1] : NULL;

	r->data += size;
	if (last && last->at + last->size == at) {
		last->size += size;
		return;
	}
	r->v = xreallocarray(r->v, r->n + 1, sizeof(*r->v));
	r->v[r->n++] = (struct run){at, size};
}

/* What is not zero. The file's own holes save the reading, no more. */
static int find_runs(int fd, uint64_t size, struct runs *r, struct err *e)
{
	uint8_t block[BLOCK] = {0};
	uint64_t at = 0;

	while (at < size) {
		off_t data = lseek(fd, (off_t)at, SEEK_DATA);
		size_t n;
		int err;

		if (data < 0 && errno == ENXIO)
			break;
		if (data > (off_t)at)
			at = (uint64_t)data / BLOCK * BLOCK;
		if (at >= size)
			break;
		n = size - at < BLOCK ? (size_t)(size - at) : BLOCK;
		err = read_block(fd, block, at, n, e);
		if (err < 0)
			return err;
		if (block[0] || memcmp(block, block + 1, n - 1) != 0)
			add_run(r, at, n);
		at += n;
	}
	/* GNU tar ends the list so; it tells where the file ends. */
	r->v = xreallocarray(r->v, r->n + 1, sizeof(*r->v));
	r->v[r->n++] = (struct run){size, 0};
	return 0;
}

/* Octal digits and a NUL; from 8 GiB on, GNU's binary form. */
static void put_number(uint8_t *p, size_t n, uint64_t v)
{
	if (v >> (3 * (n - 1)) == 0) {
		p[n - 1] = 0;
		for (size_t i = n - 1; i-- > 0; v >>= 3)
			p[i] = (uint8_t)('0' + (v & 7));
		return;
	}
	for (size_t i = n; i-- > 0; v >>= 8)
		p[i] = (uint8_t)v;
	p[0] |= 0x80;
}

static size_t put_runs(uint8_t *p, size_t places, const struct run *v, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < places; i++) {
		put_number(p + i * RUN, 12, v[i].at);
		put_number(p + i * RUN + 12, 12, v[i].size);
	}
	return i;
}

static int put_header(
	struct out *o, const struct runs *r, uint64_t size, struct err *e)
{
	uint8_t h[RECORD] = {0};
	uint32_t sum = 0;
	size_t done;
	int err;

	memcpy(h, "disk.raw", sizeof("disk.raw"));
	put_number(h + MODE, 8, 0644);
	put_number(h + UID, 8, 0);
	put_number(h + GID, 8, 0);
	put_number(h + SIZE, 12, r->data);
	put_number(h + MTIME, 12, 0);
	h[TYPE] = 'S';
	memcpy(h + MAGIC, "ustar  ", 8);
	done = put_runs(h + SPARSE, IN_HEADER, r->v, r->n);
	h[EXTENDED] = done < r->n;
	put_number(h + REAL_SIZE, 12, size);
	memset(h + SUM, ' ', 8);
	for (size_t i = 0; i < RECORD; i++)
		sum += h[i];
	put_number(h + SUM, 7, sum);
	err = put(o, h, RECORD, e);
	while (err == 0 && done < r->n) {
		memset(h, 0, RECORD);
		done += put_runs(h, IN_RECORD, r->v + done, r->n - done);
		h[MORE_EXTENDED] = done < r->n;
		err = put(o, h, RECORD, e);
	}
	return err;
}

static int put_data(int fd, struct out *o, const struct runs *r, struct err *e)
{
	uint8_t block[BLOCK];
	int err = 0;

	for (size_t i = 0; i < r->n && err == 0; i++) {
		uint64_t at = r->v[i].at, end = at + r->v[i].size;

		while (at < end && err == 0) {
			size_t n =
				end - at < BLOCK ? (size_t)(end - at) : BLOCK;

			err = read_block(fd, block, at, n, e);
			if (err == 0)
				err = put(o, block, n, e);
			at += n;
		}
	}
	return err;
}

static int put_all(int raw, struct out *o, const struct runs *r, uint64_t size,
	struct err *e)
{
	static const uint8_t zeros[BLOCKING];
	int err = put_header(o, r, size, e);

	if (err == 0)
		err = put_data(raw, o, r, e);
	if (err == 0 && o->n % RECORD)
		err = put(o, zeros, RECORD - o->n % RECORD, e);
	if (err == 0) /* two records of zeros, and up to tar's block */
		err = put(o, zeros, END, e);
	if (err == 0 && o->n % BLOCKING)
		err = put(o, zeros, BLOCKING - o->n % BLOCKING, e);
	return err == 0 ? compress_end(o->compress, e) : err;
}

int gcp_write(int raw, int fd, struct err *e)
{
	struct out o = {.fd = fd};
	struct runs runs = {0};
	struct stat st;
	int r;

	if (fstat(raw, &st) < 0)
		return err_errno(e, "stat");
	r = find_runs(raw, (uint64_t)st.st_size, &runs, e);
	if (r == 0) {
		o.compress = compress_new(
			IMAGE_GZIP, COMPRESS_DEFAULT, 1, put_fd, &o, e);
		r = o.compress
			    ? put_all(raw, &o, &runs, (uint64_t)st.st_size, e)
			    : e->code;
	}
	compress_free(o.compress);
	free(runs.v);
	return r;
}
