/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacks what the link step packed: LZ4 blocks. */
#include "kern/lz4.h"

#include "kern/string.h"

/* The four bits of a token go on in bytes, up to one that is not 255. */
static const uint8_t *length(const uint8_t *p, size_t *n)
{
	if (*n == 15)
		do
			*n += *p;
		while (*p++ == 255);
	return p;
}

char *lz4_unpack(const uint8_t *p, size_t n, char *to)
{
	const uint8_t *end = p + n;

	for (;;) {
		size_t len = *p >> 4, match = *p & 15, back;

		p = length(p + 1, &len);
		memcpy(to, p, len);
		to += len;
		p += len;
		if (p == end) /* the last is without a match */
			return to;
		back = p[0] | p[1] << 8;
		p = length(p + 2, &match);
		match += 4;
		/* memcpy goes up by eight bytes: a shorter period doubles. */
		for (; back < 8 && back < match; back += back) {
			memcpy(to, to - back, back);
			to += back;
			match -= back;
		}
		memcpy(to, to - back, match);
		to += match;
	}
}
