/* SPDX-License-Identifier: Apache-2.0 */
/* GNU ld's map: which part of the image came from which object. */
#ifndef TOOLCHAIN_LDMAP_H
#define TOOLCHAIN_LDMAP_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct ldmap_section {
	uint64_t addr, size;
	char *name; /* ".text.main" */
	char *file; /* "DIR/a.o" or "DIR/lib.a(a.o)" */
};

struct ldmap {
	struct ldmap_section *v; /* sorted by address, in memory, not empty */
	size_t n;
};

int ldmap_read(struct ldmap *m, const char *path, struct err *e);
void ldmap_free(struct ldmap *m);
#define _ldmap_ __attribute__((cleanup(ldmap_free)))

/* Index of the section that holds addr, or -1. */
long ldmap_find(const struct ldmap *m, uint64_t addr);

#endif
