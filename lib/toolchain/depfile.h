/* SPDX-License-Identifier: Apache-2.0 */
/* Dependency files of gcc -MD: "target: file file \". */
#ifndef TOOLCHAIN_DEPFILE_H
#define TOOLCHAIN_DEPFILE_H

#include "core/buf.h"
#include "core/err.h"

/* Appends the files that the target depends on. */
int depfile_read(const char *path, struct strv *files, struct err *e);
/* The same from text, which is terminated. */
void depfile_parse(const char *text, struct strv *files);

/* Such a file's text: depfile_parse gives the same names. */
void depfile_write(
	const char *target, const struct strv *files, struct buf *out);

#endif
