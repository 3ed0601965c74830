/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/manifest: readers of single values, used in field tables. */
#ifndef MANIFEST_VALUE_H
#define MANIFEST_VALUE_H

#include "core/buf.h"
#include "manifest/doc.h"

enum { VALUE_LIST_MAX = 4096 };

/*
 * Each checks type and syntax, reports what is wrong, and only then
 * stores into `to`, whose type the comment tells.
 */
typedef void value_fn(
	const struct doc *d, const struct place *at, json_t *v, void *to);

value_fn value_string;      /* char *: not empty, no control characters */
value_fn value_text;        /* char *: any string */
value_fn value_texts;       /* struct strv: any strings */
value_fn value_strings;     /* struct strv: as value_string */
value_fn value_name;        /* char *: [a-z0-9][a-z0-9._-]{0,63} */
value_fn value_names;       /* struct strv */
value_fn value_size;        /* uint64_t: "64M" in bytes */
value_fn value_guest_path;  /* char *: absolute, normal */
value_fn value_guest_paths; /* struct strv */
value_fn value_cpus;        /* unsigned: 1 to 64 */
value_fn value_mode;        /* int: "0644" */
value_fn value_true;        /* int: only true may be written */
value_fn value_ignored;     /* nothing; a string ("$schema") */

/* [a-z0-9]+([._-][a-z0-9]+)*, at most 64 characters. */
int value_is_name(const char *s);
/* 0, or -1 after an error: wants a string. */
int value_is_string(const struct doc *d, const struct place *at, json_t *v);
/* The same for a list, of at most VALUE_LIST_MAX elements. */
int value_is_list(const struct doc *d, const struct place *at, json_t *v);
/* A whole number from min to max. */
int value_number(const struct doc *d, const struct place *at, json_t *v,
	json_int_t min, json_int_t max, json_int_t *to);
/* A list whose elements `one` reads, each into a char *. */
void value_list(const struct doc *d, const struct place *at, json_t *v,
	value_fn *one, struct strv *to);
/*
 * A list whose elements `one` reads, each into `size` bytes that were zero.
 * The caller frees the array of *n; NULL after an error, *n as it was.
 */
void *value_array(const struct doc *d, const struct place *at, json_t *v,
	value_fn *one, size_t size, size_t *n);
/* One of the words, else an error with the nearest. */
int value_is_word(const struct doc *d, const struct place *at, const char *s,
	const char *check, const char *const *words, size_t n);

/*
 * Takes "." and "a//b" out of a path and resolves ".."; NULL if it goes
 * above its start. Caller frees; "." when nothing is left.
 */
char *value_normal_path(const char *path);

#endif
