/* SPDX-License-Identifier: Apache-2.0 */
/* Writes small ELF64 objects: sections of given bytes, for the linker. */
#ifndef TOOLCHAIN_OBJFILE_H
#define TOOLCHAIN_OBJFILE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct objfile_section {
	const char *name;
	uint32_t type;  /* SHT_PROGBITS, SHT_NOTE */
	uint64_t flags; /* SHF_ALLOC, ... */
	uint64_t align;
	const void *data;
	size_t len;
};

/* Machine x86_64; no symbols. The file is made anew, not atomically: it is
 * for a temporary folder. */
int objfile_write(const char *path, const struct objfile_section *s, size_t n,
	struct err *e);

#endif
