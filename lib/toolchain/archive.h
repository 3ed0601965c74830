/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of ar's archives, the thin ones of GNU too. */
#ifndef TOOLCHAIN_ARCHIVE_H
#define TOOLCHAIN_ARCHIVE_H

#include <stddef.h>

struct archive {
	const char *data; /* not owned */
	size_t len, at;
	int thin;
	const char *long_names;
	size_t long_len;
};

struct archive_member {
	char *name;       /* of a thin archive: the path from its folder */
	const char *data; /* NULL: in that file */
	size_t len;
};

/* 0: it is no archive. */
int archive_init(struct archive *a, const void *data, size_t len);
/* The next member that is not a table of the archive: 1, and its name is to
 * be freed; 0 at the end, or where the archive is broken. */
int archive_next(struct archive *a, struct archive_member *m);

#endif
