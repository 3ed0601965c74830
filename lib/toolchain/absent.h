/* SPDX-License-Identifier: Apache-2.0 */
/* Who in a program leads to the calls that a base does not have. */
#ifndef TOOLCHAIN_ABSENT_H
#define TOOLCHAIN_ABSENT_H

#include "core/err.h"
#include "toolchain/elf.h"
#include "toolchain/ldmap.h"
#include "toolchain/relink.h"
#include "toolchain/symbols.h"

/*
 * `f` is a kernel linked with --emit-relocs and `map` its map. What is in
 * libkeel-absent.a after the collection is followed back along the
 * relocations to the first function of the program, an object that is not
 * below `sysroot` or gcc's own. The lists of *report are filled.
 */
void absent_find(const struct elf *f, const struct ldmap *map,
	const struct symbols *syms, const char *sysroot,
	struct relink_report *report);

/* What an entry holds, not the entry. */
void absent_free(struct relink_absent *a);

#endif
