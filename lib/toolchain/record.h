/* SPDX-License-Identifier: Apache-2.0 */
/* Has the objects of a compiler's call tell what they were compiled from. */
#ifndef TOOLCHAIN_RECORD_H
#define TOOLCHAIN_RECORD_H

#include "core/buf.h"
#include "toolchain/driver.h"

/* The folder of this variable is that whose files are told (inputs.h);
 * without it nothing is. */
#define RECORD_ENV "SLIPWAY_INPUTS"

/* 1 if the call leaves objects of which this is wanted. */
int record_is_wanted(const struct cc_args *a);

/*
 * Two halves, before and after the compiler runs. The first appends to *argv
 * what makes it list what it reads in the file `dep`, unless the call has
 * such options of its own or several sources: then the second asks the
 * preprocessor once more. What cannot be found out is not told.
 */
void record_prepare(
	const struct cc_args *a, const char *dep, struct strv *argv);
void record_object(const struct driver *d, const struct cc_args *a,
	const struct cc_item *source, const char *dep, const char *object);

/* driver_command, run, and its objects made to tell. */
int record_compile(const struct driver *d, const struct cc_args *a,
	struct proc_status *st, struct err *e);

#endif
