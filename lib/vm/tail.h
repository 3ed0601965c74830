/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a text that is only shown when things go wrong. */
#ifndef VM_TAIL_H
#define VM_TAIL_H

#include <stddef.h>

#include "core/buf.h"

enum { TAIL_MAX = 1200 };

/* All zero is an empty one. */
struct tail {
	char text[2 * TAIL_MAX];
	size_t len;
};

void tail_add(struct tail *t, const void *p, size_t n);
/* Appends a newline and the text without white space at its end. */
void tail_show(const struct tail *t, struct buf *b);
int tail_has(const struct tail *t, const char *words);

#endif
