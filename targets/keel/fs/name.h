/* SPDX-License-Identifier: Apache-2.0 */
/* Names: counted strings of path components, and what is done with them. */
#ifndef FS_NAME_H
#define FS_NAME_H

#include "kern/string.h"
#include "kern/types.h"

enum { NAME_LEN_MAX = 255, PATH_LEN_MAX = 4096 };

struct name {
	const char *s; /* not terminated */
	size_t len;
};

static inline struct name name_of(const char *s)
{
	return (struct name){s, strlen(s)};
}

static inline bool name_equal(struct name a, struct name b)
{
	return a.len == b.len && !memcmp(a.s, b.s, a.len);
}

/* As memcmp, a shorter one first. */
static inline int name_compare(struct name a, struct name b)
{
	int r = memcmp(a.s, b.s, MIN(a.len, b.len));

	if (r)
		return r;
	return (a.len > b.len) - (a.len < b.len);
}

static inline bool name_is(struct name a, const char *s)
{
	return name_equal(a, name_of(s));
}

/* FNV-1a */
static inline uint32_t name_hash(struct name a)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < a.len; i++)
		h = (h ^ (uint8_t)a.s[i]) * 16777619u;
	return h;
}

/* The first component of a path without leading slashes. */
static inline struct name name_first(const char *path)
{
	size_t n = 0;

	while (path[n] && path[n] != '/')
		n++;
	return (struct name){path, n};
}

#endif
