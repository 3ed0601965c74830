/* SPDX-License-Identifier: Apache-2.0 */
/* What a step was done with: whether it has to be done again. */
#ifndef TOOLCHAIN_DONE_H
#define TOOLCHAIN_DONE_H

#include <time.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * A step's record holds its command, and the identity (size, times, inode)
 * of each file that it read and of the one that it wrote. So an older file
 * in the place of a newer one is noticed, and an output that was changed.
 */
struct done {
	const char *record;  /* the file with the record */
	const char *command; /* one line */
	const char *dir;     /* which files are named from */
	const struct strv *files;
	const char *output;
};

/* True if the record is of this command, and no file has changed. */
int done_holds(const struct done *d);
/*
 * Writes the record of a step that began at `started`. A file that changed
 * since then may have been read before it did: nothing is written, and the
 * step is done once more the next time.
 */
int done_write(
	const struct done *d, const struct timespec *started, struct err *e);

#endif
