/* SPDX-License-Identifier: Apache-2.0 */
/* An output that is a folder: made aside, put in its place when complete. */
#ifndef IMAGE_PLACE_H
#define IMAGE_PLACE_H

#include "core/err.h"

/*
 * A folder is made beside its place, and renamed; with one that is there it
 * changes places. That cannot be done with a mount point (docker run -v
 * ...:/out): there the work is done in a hidden folder inside, and what is in
 * that moves up at the end, after what was there before is removed.
 */
struct place {
	char *dest;
	char *dir; /* where to write; NULL once committed */
	int there; /* there is a folder already */
};

int place_open(struct place *p, const char *path, struct err *e);
/* Calls for every name in dest that was there before; stops at not 0. */
int place_each(const struct place *p,
	int (*fn)(const char *name, void *arg, struct err *e), void *arg,
	struct err *e);
int place_commit(struct place *p, struct err *e);
/* Removes what was not committed, frees. */
void place_close(struct place *p);
#define _place_ __attribute__((cleanup(place_close)))

#endif
