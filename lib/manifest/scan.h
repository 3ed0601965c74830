/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a JSON text things are: jansson parses, this finds positions. */
#ifndef MANIFEST_SCAN_H
#define MANIFEST_SCAN_H

#include <stddef.h>

/* Line and column from 1; columns count characters, a tab is one. */
struct scan_pos {
	unsigned line, col;
};

struct scan_pos scan_pos(const char *text, size_t len, size_t off);

enum scan_what { SCAN_VALUE, SCAN_KEY };

/*
 * The offset of the value that a JSON pointer (RFC 6901) names, or of its
 * key. The text is one that jansson accepts. Of a duplicate key the last
 * counts, as for jansson. What is not there gives the nearest thing above.
 */
size_t scan_find(
	const char *text, size_t len, const char *pointer, enum scan_what what);

/* The token in which the byte before `off` is, and the one before it. */
struct scan_token {
	size_t start, end;   /* start == len: the end of the text */
	size_t before_start; /* equal to `start` if there is none */
};
struct scan_token scan_token(const char *text, size_t len, size_t off);

/* The offset with the white space before it taken off. */
size_t scan_trim(const char *text, size_t off);

/* The offset of the first byte that is not UTF-8; len if there is none. */
size_t scan_utf8(const char *text, size_t len);

/* Calls fn for each key that its object already had. */
typedef void scan_dup_fn(void *arg, const char *key, size_t off, size_t first);
void scan_duplicates(const char *text, size_t len, scan_dup_fn *fn, void *arg);

#endif
