/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/manifest: a parsed JSON document whose values have places. */
#ifndef MANIFEST_DOC_H
#define MANIFEST_DOC_H

#include <jansson.h>
#include <stddef.h>

#include "manifest/diag.h"

enum { MANIFEST_MAX = 1024 * 1024 }; /* bytes; larger ones are refused */

struct doc {
	const char *file; /* for messages */
	char *text;       /* its own copy, with a 0 at the end */
	size_t len;
	json_t *root; /* an object */
	struct diags *diags;
};

/* Where a value is: a chain up to the root, on the readers' stacks. The
 * root itself is NULL. */
struct place {
	const struct place *up;
	const char *key; /* NULL: an element of a list */
	size_t index;
};

/*
 * Parses; 0, or -EINVAL with the reasons in diags. `file` is borrowed.
 * doc_free in both cases.
 */
int doc_parse(struct doc *d, const char *file, const char *text, size_t len,
	struct diags *diags);
void doc_free(struct doc *d);

/* An error at the value, "files[2].mode: ..."; the same one only once. */
void doc_error(const struct doc *d, const struct place *at, const char *check,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same with the position of the key. */
void doc_error_key(const struct doc *d, const struct place *at,
	const char *check, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Line and column of a value. */
void doc_where(const struct doc *d, const struct place *at, unsigned *line,
	unsigned *col);

/* A string for a message: quoted, cut when long; caller frees. */
char *doc_quote(const char *s);
/* What kind of value it is, with its article: "a number". */
const char *doc_kind(const json_t *v);

/* One key of an object: how it is read and into which member. */
struct field {
	const char *name;
	void (*read)(const struct doc *d, const struct place *at, json_t *v,
		void *to);
	size_t offset; /* of the member in the struct */
	int required;
};

/*
 * Reads an object's keys by their table into the struct at `base`.
 * Wrong type, unknown and missing keys are errors. Returns 0 or -EINVAL
 * if it is no object at all.
 */
int doc_read_object(const struct doc *d, const struct place *at, json_t *v,
	const struct field *fields, size_t n, void *base);
/* Only the check for unknown keys. */
void doc_check_keys(const struct doc *d, const struct place *at, json_t *v,
	const struct field *fields, size_t n);

#endif
