/* SPDX-License-Identifier: Apache-2.0 */
/* Links the inputs of a host program again, onto the base: the kernel. */
#ifndef TOOLCHAIN_RELINK_H
#define TOOLCHAIN_RELINK_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "manifest/target.h"

struct relink_opts {
	const char *output; /* the kernel */
	const void *record; /* boot record of abi/record.h; NULL: none */
	size_t record_len;
	const char *symbols; /* unstripped copy for debuggers; NULL: none */
	const char *map;     /* the linker's map is kept here; NULL: not kept */
	const char *explain; /* the record of explain.h; NULL: none */
	int of_others; /* programs of targets with the same compilers, too */
};

/* In place of the name: syscall() with any number. */
#define RELINK_BY_NUMBER "(by number)"

/* A call that the base does not have, and who refers to it. */
struct relink_absent {
	char *name;   /* "fork", or RELINK_BY_NUMBER */
	char *object; /* "foo.o" or "libbar.a(foo.o)": of the program */
	char *symbol; /* the function of it that leads there: "run_child" */
	char *via;    /* what that function calls: "fork", "system" */
};

struct relink_report {
	struct relink_absent *absent; /* sorted by name, object, symbol */
	size_t nabsent;
	uint64_t size; /* of the kernel file, whose data is packed */
	uint64_t text, rodata, data, bss;
	struct strv inputs; /* objects and archives linked: absolute paths */
};
void relink_report_free(struct relink_report *r);

/*
 * The absent calls as lines for people, one for each function of the C
 * library that the program calls: "system: needs clone, execve, wait4: not
 * supported by x86_64-keel (called from foo.o: run_child)".
 */
void relink_warnings(
	const struct relink_report *r, const char *target, struct strv *lines);

/*
 * `program` was linked by TARGET-cc and carries the note of note.h. Its
 * inputs must be there unchanged: one that is not is an error that names
 * it. *report may be NULL. The same inputs give the same bytes in any
 * folder.
 */
int relink(const char *program, const struct target *t, const char *sysroot,
	const struct relink_opts *o, struct relink_report *report,
	struct err *e);

#endif
