/* SPDX-License-Identifier: Apache-2.0 */
/* Response files: @FILE in a command line stands for the words in FILE. */
#ifndef TOOLCHAIN_RESPOND_H
#define TOOLCHAIN_RESPOND_H

#include "core/buf.h"
#include "core/err.h"

/*
 * Appends the words with every @FILE replaced, as gcc does: words end at
 * white space, ' and " quote, \ takes the next character; files may name
 * files; @FILE that cannot be opened is kept as a word.
 */
int respond_expand(int n, char *const *words, struct strv *out, struct err *e);

#endif
