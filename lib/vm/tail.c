/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the end of a text. */
#include "vm/tail.h"

#include <string.h>

void tail_add(struct tail *t, const void *p, size_t n)
{
	if (n > TAIL_MAX) {
		p = (const char *)p + n - TAIL_MAX;
		n = TAIL_MAX;
	}
	if (t->len + n > sizeof(t->text)) {
		memmove(t->text, t->text + t->len - TAIL_MAX, TAIL_MAX);
		t->len = TAIL_MAX;
	}
	memcpy(t->text + t->len, p, n);
	t->len += n;
}

void tail_show(const struct tail *t, struct buf *b)
{
	size_t end = t->len, from = 0;

	while (end && strchr(" \r\n", t->text[end - 1]))
		end--;
	if (end == 0)
		return;
	if (end > TAIL_MAX)
		from = end - TAIL_MAX;
	buf_adds(b, "\n");
	buf_add(b, t->text + from, end - from);
}

int tail_has(const struct tail *t, const char *words)
{
	return memmem(t->text, t->len, words, strlen(words)) != NULL;
}
