/* SPDX-License-Identifier: Apache-2.0 */
/* The references of a kernel that was linked with --emit-relocs. */
#ifndef TOOLCHAIN_RELOCS_H
#define TOOLCHAIN_RELOCS_H

#include <stdint.h>

#include "toolchain/elf.h"

/* The place `at` refers to `target`, by this name ("" if by a section). */
typedef void relocs_fn(
	void *arg, uint64_t at, uint64_t target, const char *name);

/* Calls fn for every relocation of what is in memory whose target is known. */
void relocs_each(const struct elf *f, relocs_fn *fn, void *arg);

#endif
