/* SPDX-License-Identifier: Apache-2.0 */
/* TARGET-cc: gcc with the sysroot of a target in place of the host's. */
#ifndef TOOLCHAIN_DRIVER_H
#define TOOLCHAIN_DRIVER_H

#include "core/buf.h"
#include "core/err.h"
#include "core/proc.h"
#include "manifest/target.h"
#include "toolchain/args.h"

struct driver {
	const struct target *target;
	const char *sysroot; /* absolute: has include/ and lib/ */
	int cxx;             /* g++ rather than gcc */
};

/*
 * The command for everything but a link: a caller that is to become it
 * executes it.
 */
void driver_command(
	const struct driver *d, const struct cc_args *a, struct strv *argv);

/*
 * Compiles the sources among the inputs and links a program of the build
 * host with a note (note.h) of what it was linked from. gcc prints to
 * standard error. *st says how the first command that did not succeed
 * ended; all zero when the program is there.
 */
int driver_link(const struct driver *d, const struct cc_args *a,
	struct proc_status *st, struct err *e);

/*
 * The environment names places where gcc would look for headers and
 * libraries of the build host; this forgets them.
 */
void driver_clean_env(void);

#endif
