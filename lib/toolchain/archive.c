/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of ar's archives, the thin ones of GNU too. */
#include "toolchain/archive.h"

#include <ar.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

#define THIN_MAGIC "!<thin>\n"

int archive_init(struct archive *a, const void *data, size_t len)
{
	*a = (struct archive){.data = data, .len = len, .at = SARMAG};
	if (len < SARMAG)
		return 0;
	a->thin = !memcmp(data, THIN_MAGIC, SARMAG);
	return a->thin || !memcmp(data, ARMAG, SARMAG);
}

/* A decimal number that spaces follow. */
static size_t number(const char *p, size_t n)
{
	char text[32] = "";

	memcpy(text, p, n < sizeof(text) ? n : sizeof(text) - 1);
	return (size_t)strtoull(text, NULL, 10);
}

/* "NAME/", or "/N": a name in the table of long ones, which end in "/\n". */
static char *member_name(const struct archive *a, const struct ar_hdr *h)
{
	size_t max = sizeof(h->ar_name), at, n;
	const char *p = h->ar_name, *slash;

	if (p[0] == '/') {
		at = number(p + 1, max - 1);
		if (at >= a->long_len)
			return NULL;
		p = a->long_names + at;
		max = a->long_len - at;
		slash = memchr(p, '\n', max);
		n = slash ? (size_t)(slash - p) : max;
		return xstrndup(p, n && p[n - 1] == '/' ? n - 1 : n);
	}
	slash = memchr(p, '/', max);
	n = slash ? (size_t)(slash - p) : max;
	while (!slash && n && p[n - 1] == ' ')
		n--;
	return xstrndup(p, n);
}

static int is_table(const struct ar_hdr *h)
{
	return h->ar_name[0] == '/' &&
	       (h->ar_name[1] < '0' || h->ar_name[1] > '9');
}

int archive_next(struct archive *a, struct archive_member *m)
{
	struct ar_hdr h;

	while (a->at < a->len && a->len - a->at >= sizeof(h)) {
		const char *body = a->data + a->at + sizeof(h);
		size_t left = a->len - a->at - sizeof(h), size, here;

		memcpy(&h, a->data + a->at, sizeof(h));
		size = number(h.ar_size, sizeof(h.ar_size));
		here = a->thin && !is_table(&h) ? 0 : size;
		if (memcmp(h.ar_fmag, ARFMAG, 2) != 0 || here > left)
			return 0;
		a->at += sizeof(h) + here + (here & 1);
		if (is_table(&h)) {
			if (h.ar_name[1] == '/') {
				a->long_names = body;
				a->long_len = size;
			}
			continue;
		}
		*m = (struct archive_member){.name = member_name(a, &h),
			.data = a->thin ? NULL : body,
			.len = size};
		return m->name != NULL;
	}
	return 0;
}
