/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a kernel has parts of, by the map of its link. */
#ifndef BUILD_LINKED_H
#define BUILD_LINKED_H

#include "build/build.h"

struct linked {
	struct strv files; /* archives and objects: absolute, sorted */
	struct strv parts; /* of these: "ARCHIVE(MEMBER)", or all of "FILE" */
	int lwip;          /* the base's archive gave parts of lwIP */
};
void linked_free(struct linked *l);
#define _linked_ __attribute__((cleanup(linked_free)))

/* Of b's kernel, which was built. Objects that were in the program itself
 * are none of the files. */
int linked_read(const struct build *b, struct linked *out, struct err *e);

#endif
