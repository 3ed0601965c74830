/* SPDX-License-Identifier: Apache-2.0 */
/* Writes and walks boot records. */
#include "vm/record.h"

#include <errno.h>
#include <string.h>

#include "abi/record.h"

static void put_le(char *p, uint64_t v, unsigned nbytes)
{
	for (unsigned i = 0; i < nbytes; i++)
		p[i] = (char)(v >> (8 * i));
}

static uint64_t get_le(const unsigned char *p, unsigned nbytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < nbytes; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static size_t padding(size_t n)
{
	return -n & 7;
}

void record_begin(struct buf *b)
{
	buf_add_le(b, RECORD_MAGIC, 8);
	buf_add_le(b, 1, 4);
	buf_add_le(b, 0, 4);
}

void record_add(struct buf *b, uint32_t type, const void *p, size_t n)
{
	buf_add_le(b, type, 4);
	/* A length that does not fit is far over RECORD_MAX: record_end
	 * refuses it. */
	buf_add_le(b, (uint32_t)n, 4);
	buf_add(b, p, n);
	buf_add_zero(b, padding(n));
}

void record_add_str(struct buf *b, uint32_t type, const char *s)
{
	record_add(b, type, s, strlen(s));
}

void record_add_u64(struct buf *b, uint32_t type, uint64_t v)
{
	char p[8];

	put_le(p, v, 8);
	record_add(b, type, p, sizeof(p));
}

void record_add_list(struct buf *b, uint32_t type, char *const *v)
{
	for (; v && *v; v++)
		record_add_str(b, type, *v);
}

void record_add_file(struct buf *b, const char *path, const void *p, size_t n)
{
	size_t len = strlen(path) + 1;

	buf_add_le(b, RECORD_FILE, 4);
	buf_add_le(b, (uint32_t)(len + n), 4);
	buf_add(b, path, len);
	buf_add(b, p, n);
	buf_add_zero(b, padding(len + n));
}

int record_end(struct buf *b, struct err *e)
{
	if (b->len > RECORD_MAX)
		return err_set(e, -E2BIG,
			"arguments, environment and files take %zu bytes, at "
			"most %u are possible",
			b->len, RECORD_MAX);
	put_le(b->data + 12, b->len, 4);
	return 0;
}

int record_walk(
	const void *rec, size_t size, record_fn *fn, void *arg, struct err *e)
{
	const unsigned char *p = rec;
	size_t at = sizeof(struct record_header);
	size_t end;

	if (size < at || get_le(p, 8) != RECORD_MAGIC)
		return err_set(e, -EINVAL, "not a boot record");
	if (get_le(p + 8, 4) != 1)
		return err_set(e, -EINVAL, "boot record of version %u, not 1",
			(unsigned)get_le(p + 8, 4));
	end = get_le(p + 12, 4);
	if (end < at || end > size || end > RECORD_MAX)
		return err_set(e, -EINVAL, "boot record of a wrong size");
	while (at < end) {
		uint32_t type;
		size_t n;
		int r;

		if (end - at < sizeof(struct record_item))
			return err_set(e, -EINVAL, "boot record cut short");
		type = (uint32_t)get_le(p + at, 4);
		n = get_le(p + at + 4, 4);
		at += sizeof(struct record_item);
		if (n > end - at)
			return err_set(e, -EINVAL, "boot record cut short");
		r = fn(type, p + at, n, arg, e);
		if (r)
			return r;
		n += padding(n);
		if (n > end - at)
			n = end - at;
		at += n;
	}
	return 0;
}
