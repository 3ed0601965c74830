/* SPDX-License-Identifier: Apache-2.0 */
/* Formatted text: the part of printf that messages need. */
#include "kern/format.h"
#include "kern/log.h"
#include "kern/string.h"

struct out {
	char *p;
	size_t size, len;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->p[o->len] = c;
	o->len++;
}

static void put_text(struct out *o, const char *s, int n, int width)
{
	for (; width > n; width--)
		put(o, ' ');
	while (n--)
		put(o, *s++);
}

static void put_number(
	struct out *o, uint64_t v, unsigned base, int width, char pad)
{
	char buf[24];
	int n = sizeof(buf);

	do {
		buf[--n] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	while (width > (int)sizeof(buf) - n && n)
		buf[--n] = pad;
	put_text(o, buf + n, sizeof(buf) - n, 0);
}

/*
 * Every argument is fetched as 64 bits, whatever it is: in the calling
 * conventions of keel's machines each takes a slot of that size, and what
 * is above a shorter one is cut off here.
 */
int kvsnprintf(char *dst, size_t size, const char *fmt, va_list ap)
{
	struct out o = {dst, size, 0};

	for (; *fmt; fmt++) {
		char pad = ' ';
		int width = 0;
		bool wide = false;
		uint64_t v;

		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		if (*++fmt == '0')
			pad = *fmt++;
		for (; *fmt >= '0' && *fmt <= '9'; fmt++)
			width = width * 10 + *fmt - '0';
		for (; *fmt == 'l' || *fmt == 'z'; fmt++)
			wide = true;
		if (*fmt == '%') {
			put(&o, *fmt);
			continue;
		}
		v = va_arg(ap, uint64_t);
		if (*fmt == 'c') {
			put(&o, v);
			continue;
		}
		if (*fmt == 's') {
			put_text(&o, (const char *)v, strlen((const char *)v),
				width);
			continue;
		}
		if (*fmt == 'p') {
			put_text(&o, "0x", 2, 0);
			wide = true;
		}
		if (!wide)
			v = *fmt == 'd' ? (uint64_t)(int)v : (unsigned)v;
		if (*fmt == 'd' && (int64_t)v < 0) {
			put(&o, '-');
			v = -v;
		}
		put_number(&o, v, *fmt == 'x' || *fmt == 'p' ? 16 : 10, width,
			pad);
	}
	if (size)
		dst[MIN(o.len, size - 1)] = 0;
	return o.len;
}

int ksnprintf(char *dst, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = kvsnprintf(dst, size, fmt, ap);
	va_end(ap);
	return n;
}
