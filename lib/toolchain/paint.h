/* SPDX-License-Identifier: Apache-2.0 */
/* Gives every byte of a kernel's file to its owner. */
#ifndef TOOLCHAIN_PAINT_H
#define TOOLCHAIN_PAINT_H

#include "core/err.h"
#include "toolchain/elf.h"
#include "toolchain/ldmap.h"
#include "toolchain/owner.h"

/*
 * Counts into o->v[].bytes, which then sum to the file's size. `kernel` is
 * the file as it is shipped, `last` the same before it was stripped, `map`
 * that link's map. Strings that the linker merged go to the objects that
 * refer to them in `first`, a link with --emit-relocs whose map is
 * `first_map`. Bytes of packed data (pack.h) go to the owners of what they
 * unpack to.
 */
int paint_owners(struct owners *o, const struct elf *kernel,
	const struct elf *last, const struct ldmap *map,
	const struct elf *first, const struct ldmap *first_map, struct err *e);

#endif
