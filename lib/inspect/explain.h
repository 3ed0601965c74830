/* SPDX-License-Identifier: Apache-2.0 */
/* Answers from the record of a link (toolchain/explain.h). */
#ifndef INSPECT_EXPLAIN_H
#define INSPECT_EXPLAIN_H

#include <jansson.h>
#include <stddef.h>

#include "core/err.h"

/* Where an image has the record of its kernel. */
#define EXPLAIN_IMAGE_PATH "slipway/explain.json"

/*
 * The record as it was read from JSON, checked as far as it is used. NULL
 * and *e when it is damaged or of another version. Caller decrefs.
 */
json_t *explain_parse(const void *text, size_t len, struct err *e);
/*
 * The record of the kernel with this digest ("sha256:...") that a build
 * left: explain.json in the folder of `path`, or in the folder that has the
 * name of `path` without its suffix. NULL if there is none.
 */
json_t *explain_beside(const char *path, const char *digest);

/* The same from explain.json of one folder; NULL if the digest is. */
json_t *explain_in(const char *dir, const char *digest);

/*
 * A kernel's description, or that of a disk with the kernel, takes its
 * "components" from the record, if it is about this kernel (NULL: it is not).
 */
void explain_use(json_t *content, json_t *record);

/*
 * Why `name` is in the kernel: a symbol, a system call, an object or a
 * member of an archive. An object with "symbol" and "chain", a list from the
 * entry on of "symbol", "object", "component", "how". NULL and *e, with what
 * has a similar name, if there is none. Caller decrefs.
 */
json_t *explain_why(json_t *record, const char *name, struct err *e);

/*
 * The system calls that were linked, by name: a list of "name", "status",
 * "note", "from" and "object": the function of the program, or else the
 * last one before the call, by which it is reached, and "via": what that one
 * calls. Caller decrefs.
 */
json_t *explain_calls(json_t *record);

/*
 * The functions that the program itself calls first of what is not its own:
 * a list of "name", "from", "object". Caller decrefs.
 */
json_t *explain_uses(json_t *record);

#endif
