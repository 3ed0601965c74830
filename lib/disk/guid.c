/* SPDX-License-Identifier: Apache-2.0 */
/* GUIDs: derived from contents, to text and back. */
#include "disk/guid.h"

#include <stdio.h>
#include <string.h>

#include "core/digest.h"

/* Position on the disk of the nth byte of the text. */
static const uint8_t order[16] = {
	3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

static unsigned hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return (unsigned)((c | 0x20) - 'a') + 10;
}

struct guid guid_parse(const char *text)
{
	struct guid g = {0};
	unsigned n = 0;

	for (; n < 16 && text[0] && text[1]; text += 2) {
		if (*text == '-')
			text++;
		g.b[order[n++]] =
			(uint8_t)(hex_value(text[0]) << 4 | hex_value(text[1]));
	}
	return g;
}

struct guid guid_derive(const char *seed, const char *role)
{
	struct digest d;
	struct digest_hex hex;
	char text[33];

	digest_init(&d);
	digest_add_str(&d, seed);
	digest_add_str(&d, role);
	hex = digest_end(&d);
	memcpy(text, hex.s, 32);
	text[32] = 0;
	text[12] = '8';                             /* version */
	text[16] = "89ab"[hex_value(text[16]) & 3]; /* variant */
	return guid_parse(text);
}

void guid_format(const struct guid *g, char out[GUID_TEXT])
{
	char *at = out;

	for (unsigned n = 0; n < 16; n++) {
		if (n == 4 || n == 6 || n == 8 || n == 10)
			*at++ = '-';
		at += snprintf(at, 3, "%02X", g->b[order[n]]);
	}
}
