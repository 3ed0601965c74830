/* SPDX-License-Identifier: Apache-2.0 */
/* Whose each byte of a file is: named spans that sum to its size. */
#ifndef INSPECT_SPANS_H
#define INSPECT_SPANS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct span {
	uint64_t at, size;
	unsigned order; /* of adding */
	char *name;
};

/* All zero is none. Spans come from files that nobody trusts: they may lie
 * outside, and over each other. */
struct spans {
	struct span *v;
	size_t n, cap;
};

void spans_add(struct spans *s, uint64_t at, uint64_t size, const char *fmt,
	...) __attribute__((format(printf, 4, 5)));
void spans_free(struct spans *s);
#define _spans_ __attribute__((cleanup(spans_free)))

/*
 * A list of "name" and "bytes", largest first, that sums to `size`. Of
 * spans over each other a byte belongs to the one that begins last, of these
 * to the one that was added last; what none has is `rest`. Caller decrefs.
 */
json_t *spans_components(struct spans *s, uint64_t size, const char *rest);

#endif
