/* SPDX-License-Identifier: Apache-2.0 */
/* The weak references of the members of an archive. */
#ifndef TOOLCHAIN_WEAKREFS_H
#define TOOLCHAIN_WEAKREFS_H

#include "core/buf.h"
#include "core/err.h"

/* Adds "MEMBER:NAME" for every undefined weak symbol; weakrefs_sort ends. */
int weakrefs_add(struct strv *list, const char *archive, struct err *e);
void weakrefs_sort(struct strv *list);
/* `file` is "DIR/lib.a(member.o)", as a link map has it. */
int weakrefs_has(const struct strv *list, const char *file, const char *name);

#endif
