/* SPDX-License-Identifier: Apache-2.0 */
/* What of a program would not work on its target, told before it boots. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <jansson.h>

#include "build/build.h"
#include "check/findings.h"
#include "core/err.h"
#include "toolchain/calls.h"
#include "toolchain/elf.h"

/*
 * A manifest's program is built and linked; its record, the files, ports
 * and memory of the manifest are looked at.
 */
int check_app(struct build *b, struct findings *f, struct err *e);

/*
 * A program alone: one that TARGET-cc linked is linked again onto the base
 * in a temporary folder; of any other ELF file for Linux the machine code
 * is searched for system calls. Images and kernels are asked for the record
 * of their link.
 */
int check_program(const char *path, struct findings *f, struct err *e);

/*
 * Which base fits, as a note of check "base" whose name is the target: keel,
 * unless an error that is not accepted needs another one. The other: of a
 * program that is for another base, by what it would be on keel.
 */
void check_advise(struct findings *f);
int check_advise_other(const char *program, struct findings *f, struct err *e);

/*
 * Of a manifest's "program" and "binaries": what they ask for and their tree
 * does not have. *whole becomes 0 if nothing can be built without it.
 */
int check_collected(
	struct build *b, struct findings *f, int *whole, struct err *e);
/* The same of a dynamic program alone, on this machine. */
int check_installed(const char *path, struct findings *f, struct err *e);
/* Its environment: locales and time zones that are not taken along. */
void check_settings(const struct app *a, struct findings *f);
/* "Europe/Berlin", but not "UTC0" or "CET-1CEST,M3.5.0,M10.5.0". */
int check_is_zone(const char *tz);

/* --- the parts -------------------------------------------------------------*/

/* Where the files of a program are; NULL: nobody knows. */
struct check_files {
	const struct app *app;
};

/* What a link's record (inspect/explain.h) shows: calls, and files that
 * functions of the C library read. */
void check_record(
	json_t *record, const struct check_files *files, struct findings *f);
/* The same of one name that a program has or refers to. */
void check_symbol(const char *name, const char *from,
	const struct check_files *files, struct findings *f);
/* A call that the base does not have; `via` is what the program calls. */
void check_call(const char *call, const char *via, const char *from,
	const char *target, struct findings *f);
/* Is there a file or folder of this name in the root filesystem? */
int check_has_file(const struct app *a, const char *path);
/* A value of "env", or NULL. */
const char *check_env(const struct app *a, const char *name);

/* The calls in the code of a static program: each with the function it is
 * in, "" where the program has no symbols. */
typedef void scan_fn(void *arg, long number, const char *function);
void scan_calls(const struct elf *f, scan_fn *fn, void *arg);

#endif
