/* SPDX-License-Identifier: Apache-2.0 */
/* Which of a program's link options are for the link onto a base, too. */
#ifndef TOOLCHAIN_LDARGS_H
#define TOOLCHAIN_LDARGS_H

#include "core/buf.h"
#include "core/err.h"

/*
 * Appends args without those that have no meaning for a kernel or would
 * undo how it is linked: exported symbols (-E would keep every section),
 * run paths, maps, stripping, dependency files. -EINVAL for a linker
 * script, which cannot go together with the base's.
 */
int ldargs_filter(const struct strv *args, struct strv *out, struct err *e);

#endif
