/* SPDX-License-Identifier: Apache-2.0 */
/* What an object was compiled from, told by the object itself. */
#ifndef TOOLCHAIN_INPUTS_H
#define TOOLCHAIN_INPUTS_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "sbom/sums.h"

/*
 * Section ".slipway.inputs" of an object, which no linker takes over
 * (SHF_EXCLUDE). Its text: "object N", N being where the section is in the
 * file, so that an object that was changed since is told from one that is
 * as the compiler left it; then a line "PATH SHA1 SHA256" for each file that
 * was read, as it was then, by its path in a folder.
 */
#define INPUTS_SECTION ".slipway.inputs"

/* Such a line. */
char *inputs_line(const char *path, const struct sbom_sums *sums);
/* Takes it apart; caller frees. NULL: it is none. */
char *inputs_path(const char *line, struct sbom_sums *sums);

/*
 * Puts the section into an object that has none: the files of `names`, which
 * are relative to the working folder, that are below `root` (as realpath has
 * it). The first is the source: without it nothing is put. What is not an
 * object stays as it is.
 */
int inputs_write(const char *object, const char *root, const struct strv *names,
	struct err *e);
/* Appends the lines of an object's bytes; 0: they are not all that was read
 * for it, as there is no section or the object was changed. */
int inputs_read(const void *object, size_t len, struct strv *lines);

#endif
