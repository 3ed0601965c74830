/* SPDX-License-Identifier: Apache-2.0 */
/* A target manifest, targets/NAME.json, as checked structs. */
#ifndef MANIFEST_TARGET_H
#define MANIFEST_TARGET_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "manifest/diag.h"

struct target {
	char *name; /* "x86_64-keel" */
	char *description;
	char *base;              /* "keel", "linux" */
	char *arch;              /* "x86_64": the machine, as in `uname -m` */
	char *oci_arch;          /* "amd64" */
	const char *oci_variant; /* "v8" of arm64, by table; or NULL */
	char *triplet;      /* "x86_64-linux-gnu": prefix of gcc and binutils */
	struct strv cflags; /* the wrapper adds these before the user's */
	struct strv ldflags;   /* the base link adds these */
	char *linker_script;   /* file name in the sysroot's lib */
	struct strv base_libs; /* archives of the base, in link order */
	char *toolchain; /* target with the same compilers, library, flags; or
			  * NULL */
	char *cmdline;   /* of a Linux kernel; NULL for base "keel" */
	char *qemu;      /* "qemu-system-x86_64" */
	char *machine;   /* default machine: "microvm" */
	uint64_t memory_min; /* bytes */
	uint64_t memory;     /* where a manifest says nothing */
	unsigned cpus_max;   /* that the base can use; 1 by default */
};

/* NAME is looked up as DATADIR/targets/NAME.json. NULL on error. */
struct target *target_read(
	const char *data_dir, const char *name, struct diags *diags);
/* The same from bytes in memory; the name must be that of the file. */
struct target *target_parse(
	const char *path, const char *text, size_t len, struct diags *diags);
void target_free(struct target *t);
/* Names of all targets there, sorted. */
int target_list(const char *data_dir, struct strv *names, struct err *e);

#endif
