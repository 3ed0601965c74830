/* SPDX-License-Identifier: Apache-2.0 */
/* JSON byte for byte as Go's encoding/json writes it. */
#ifndef IMAGE_GOJSON_H
#define IMAGE_GOJSON_H

#include <stdint.h>

#include "core/buf.h"

/*
 * Tools that convert images parse the config and write it again, so its
 * digest survives only if our bytes are those of Go: compact, <, > and &
 * escaped, members in the order of the Go structs (callers see to that).
 * A writer puts commas by itself: after '{' or '[' there is none.
 */
void gojson_open(struct buf *b, char bracket);  /* '{' or '[' */
void gojson_close(struct buf *b, char bracket); /* '}' or ']' */
void gojson_key(struct buf *b, const char *key);
void gojson_string(struct buf *b, const char *s); /* UTF-8, checked before */
void gojson_number(struct buf *b, uint64_t v);
void gojson_raw(struct buf *b, const char *s);

/* Nonzero if the string is UTF-8 that JSON can carry unchanged. */
int gojson_utf8_ok(const char *s);

#endif
