/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as Go writes it: strings, commas, and the check for UTF-8. */
#include "image/gojson.h"

#include <inttypes.h>
#include <string.h>

/* A comma, unless something was just opened or a key awaits its value. */
static void separate(struct buf *b)
{
	char last = b->len ? b->data[b->len - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		buf_adds(b, ",");
}

void gojson_open(struct buf *b, char bracket)
{
	separate(b);
	buf_add(b, &bracket, 1);
}

void gojson_close(struct buf *b, char bracket)
{
	buf_add(b, &bracket, 1);
}

static void add_escaped(struct buf *b, const unsigned char *p)
{
	switch (*p) {
	case '"':
		buf_adds(b, "\\\"");
		break;
	case '\\':
		buf_adds(b, "\\\\");
		break;
	case '\n':
		buf_adds(b, "\\n");
		break;
	case '\r':
		buf_adds(b, "\\r");
		break;
	case '\t':
		buf_adds(b, "\\t");
		break;
	default:
		if (*p < 0x20 || *p == '<' || *p == '>' || *p == '&')
			buf_addf(b, "\\u%04x", *p);
		else
			buf_add(b, p, 1);
	}
}

void gojson_string(struct buf *b, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	separate(b);
	buf_adds(b, "\"");
	for (; *p; p++) {
		/* U+2028 and U+2029, line ends of JavaScript */
		if (p[0] == 0xe2 && p[1] == 0x80 && (p[2] & 0xfe) == 0xa8) {
			buf_addf(b, "\\u20%02x", p[2] - 0x80);
			p += 2;
		} else {
			add_escaped(b, p);
		}
	}
	buf_adds(b, "\"");
}

void gojson_key(struct buf *b, const char *key)
{
	gojson_string(b, key);
	buf_adds(b, ":");
}

void gojson_number(struct buf *b, uint64_t v)
{
	separate(b);
	buf_addf(b, "%" PRIu64, v);
}

void gojson_raw(struct buf *b, const char *s)
{
	separate(b);
	buf_adds(b, s);
}

/* Length of the UTF-8 sequence at p, 0 if it is none (RFC 3629). */
static unsigned sequence(const unsigned char *p)
{
	unsigned n = *p < 0x80                  ? 1
		     : *p >= 0xc2 && *p <= 0xdf ? 2
		     : (*p & 0xf0) == 0xe0      ? 3
		     : *p >= 0xf0 && *p <= 0xf4 ? 4
						: 0;

	for (unsigned i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
		(*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

int gojson_utf8_ok(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	while (*p) {
		unsigned n = sequence(p);

		if (!n)
			return 0;
		p += n;
	}
	return 1;
}
