/* SPDX-License-Identifier: Apache-2.0 */
/* Whose the parts of a kernel are: objects, and what these belong to. */
#ifndef TOOLCHAIN_OWNER_H
#define TOOLCHAIN_OWNER_H

#include <stddef.h>
#include <stdint.h>

#include "toolchain/ldmap.h"

/* What no object has brought. */
enum {
	OWNER_PADDING,
	OWNER_HEADERS,
	OWNER_LINKER,  /* tables that the linker makes */
	OWNER_SYMBOLS, /* names for backtraces */
	OWNER_RECORD,  /* arguments and environment */
	OWNER_FIXED,   /* how many they are */
};

struct owner {
	const char *file; /* as the map has it; NULL: one of the above */
	char *object;     /* "main.o", "libc.a(printf.o)": the same anywhere */
	char *component;  /* "application", "libc", "keel/mm", "padding" */
	uint64_t bytes;   /* of the kernel's file */
};

struct owners {
	struct owner *v; /* the fixed ones, then the files of the map, sorted */
	size_t n;
};

/* What names are told by. */
struct owner_places {
	const char *sysroot; /* of the base and its C library */
	const char *dir;     /* of the link: unpacked objects */
	const char *cwd;     /* of the program's link */
};

void owners_read(struct owners *o, const struct ldmap *map,
	const struct owner_places *places);
void owners_free(struct owners *o);
#define _owners_ __attribute__((cleanup(owners_free)))

size_t owners_find(const struct owners *o, const char *file);
/* The component of a file of a map; caller frees. */
char *owner_component(const char *file, const char *sysroot);

#endif
