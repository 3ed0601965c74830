/* SPDX-License-Identifier: Apache-2.0 */
/* Growable byte buffer, and a list of strings (argv) built on it. */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* Room for n more bytes and the closing 0. */
static void reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 64;

	if (n >= SIZE_MAX / 4 - b->len)
		xmalloc(SIZE_MAX); /* ends the process */
	while (cap < b->len + n + 1)
		cap *= 2;
	if (cap == b->cap)
		return;
	b->data = xrealloc(b->data, cap);
	b->cap = cap;
}

void buf_free(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	reserve(b, n);
	if (n)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = 0;
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	reserve(b, n);
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += n;
}

void buf_add_zero(struct buf *b, size_t n)
{
	reserve(b, n);
	memset(b->data + b->len, 0, n + 1);
	b->len += n;
}

void buf_add_le(struct buf *b, uint64_t v, unsigned nbytes)
{
	unsigned char bytes[8];
	unsigned i;

	if (nbytes > sizeof(bytes))
		nbytes = sizeof(bytes);
	for (i = 0; i < nbytes; i++)
		bytes[i] = (unsigned char)(v >> (8 * i));
	buf_add(b, bytes, nbytes);
}

char *buf_steal(struct buf *b)
{
	char *s;

	reserve(b, 0);
	b->data[b->len] = 0;
	s = b->data;
	memset(b, 0, sizeof(*b));
	return s;
}

void strv_free(struct strv *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
	memset(s, 0, sizeof(*s));
}

void strv_take(struct strv *s, char *str)
{
	if (s->n + 2 > s->cap) {
		s->cap = s->cap ? s->cap * 2 : 8;
		s->v = xreallocarray(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->n++] = str;
	s->v[s->n] = NULL;
}

void strv_add(struct strv *s, const char *str)
{
	strv_take(s, xstrdup(str));
}

void strv_add_all(struct strv *s, const struct strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		strv_add(s, from->v[i]);
}

void strv_addf(struct strv *s, const char *fmt, ...)
{
	char *str = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&str, fmt, ap);
	va_end(ap);
	if (n < 0)
		xmalloc(SIZE_MAX); /* ends the process */
	strv_take(s, str);
}

/* Characters that mean nothing to a shell anywhere in a word. */
static int is_plain(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789@%+=:,./_-";

	return *word && strspn(word, plain) == strlen(word);
}

char *strv_quote(char *const *argv)
{
	struct buf b = {0};
	const char *c;
	size_t i;

	for (i = 0; argv[i]; i++) {
		if (i)
			buf_adds(&b, " ");
		/* A first word with '=' would be an assignment. */
		if (is_plain(argv[i]) && (i || !strchr(argv[i], '='))) {
			buf_adds(&b, argv[i]);
			continue;
		}
		buf_adds(&b, "'");
		for (c = argv[i]; *c; c++) {
			if (*c == '\'')
				buf_adds(&b, "'\\''");
			else
				buf_add(&b, c, 1);
		}
		buf_adds(&b, "'");
	}
	return buf_steal(&b);
}
