/* SPDX-License-Identifier: Apache-2.0 */
/* The distribution's control files: paragraphs of "Field: value" lines. */
#ifndef SBOM_DEB822_H
#define SBOM_DEB822_H

#include <stddef.h>

/* A place in a text; *next is where the next paragraph begins. */
struct deb822 {
	const char *text; /* of one paragraph */
	size_t len;
	const char *next;
};

/* Moves to the paragraph at d->next; 0 at the end of the text. Lines of a
 * signature around the text belong to paragraphs without our fields. */
int deb822_next(struct deb822 *d);
/*
 * The value of a field (any case), with its further lines as they are, less
 * the space around it; caller frees. NULL if it is not in the paragraph.
 */
char *deb822_get(const struct deb822 *d, const char *field);

#endif
