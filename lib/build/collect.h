/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest's "program" and "binaries": files of an unpacked system. */
#ifndef BUILD_COLLECT_H
#define BUILD_COLLECT_H

#include "build/build.h"
#include "closure/closure.h"

/*
 * Unpacks the packages if there are any, and finds out what the program and
 * the listed binaries need: *c, to be freed by closure_free; NULL if the
 * manifest has neither.
 */
int collect_closure(struct build *b, struct closure **c, struct err *e);
/* Adds the files of a closure to those of the manifest, once; anything
 * missing is an error that lists all. */
int collect_files(struct build *b, struct err *e);

/* Where the database of the packages is that the binaries came with, and what
 * their paths begin with on this machine ("" for "/"). Callers free. */
char *collect_dpkg(const struct build *b);
char *collect_root(const struct build *b);
/* A path of this machine as it is inside that folder, if it may have been
 * collected; `own` if it is one of the project. */
const char *collect_inside(
	const struct build *b, const char *root, const char *path, int own);

/* Why each file is in the root filesystem, as inspect/reasons.h reads it. */
void collect_reasons(const struct app *a, struct buf *out);

#endif
