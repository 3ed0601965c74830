/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows. Apart from its files, so that who adds to it brings in no
 * file system. */
#include "fs/text.h"

#include "kern/format.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

static bool reserve(struct text *t, size_t more)
{
	size_t size = MAX(t->size, 256);
	char *p;

	if (t->failed || t->size - t->len > more)
		return !t->failed;
	while (size - t->len <= more)
		size *= 2;
	p = krealloc(t->p, size);
	if (!p) {
		t->failed = true;
		return false;
	}
	t->p = p;
	t->size = size;
	return true;
}

void text_add_bytes(struct text *t, const void *p, size_t n)
{
	if (!reserve(t, n))
		return;
	memcpy(t->p + t->len, p, n);
	t->len += n;
}

void text_add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!reserve(t, 128))
		return;
	va_start(ap, fmt);
	n = kvsnprintf(t->p + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	if ((size_t)n >= t->size - t->len) {
		if (!reserve(t, n))
			return;
		va_start(ap, fmt);
		n = kvsnprintf(t->p + t->len, t->size - t->len, fmt, ap);
		va_end(ap);
	}
	t->len += n;
}
