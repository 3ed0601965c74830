/* SPDX-License-Identifier: Apache-2.0 */
/* From a list of sources to a program of the build host, incrementally. */
#ifndef TOOLCHAIN_COMPILE_H
#define TOOLCHAIN_COMPILE_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "manifest/target.h"

struct compile {
	const struct target *target;
	const char *data_dir;       /* file_data_dir() */
	const char *dir;            /* of the project: commands run there */
	const char *out_dir;        /* objects go to OUT_DIR/obj */
	const char *program;        /* path of the program to make */
	const struct strv *sources; /* absolute or relative to dir */
	const struct strv *cflags, *ldflags, *libs; /* NULL: none */
	uint64_t epoch; /* for __DATE__ and __TIME__: SOURCE_DATE_EPOCH */
	unsigned jobs;  /* compilers at a time; 0: as many as CPUs */
};

/*
 * Compiles what changed (by the dependency files and the command lines of
 * the last time) and links the program with TARGET-cc. Each compiler's
 * output goes to standard error in one piece. *changed (may be NULL) is
 * set to 1 if the program was made anew, else 0.
 */
int compile_run(const struct compile *c, int *changed, struct err *e);

#endif
