/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a link: whose each byte is, and why each thing is there. */
#ifndef TOOLCHAIN_EXPLAIN_H
#define TOOLCHAIN_EXPLAIN_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "toolchain/owner.h"

/*
 * Beside the kernel (never in it) as explain.json, on one line:
 *   version     1
 *   target      "x86_64-keel"
 *   kernel      "sha256:...", what it is about
 *   size        of the kernel's file
 *   components  [{"name", "bytes"}]: sums to the size, largest first
 *   objects     [[NAME, COMPONENT, BYTES]]: the same by object
 *   symbols     [[NAME, OBJECT, BYTES, PARENT, HOW, ALIAS...]]: OBJECT and
 *               PARENT are indices (PARENT -1: none), HOW one of
 *               explain_how, NAME "" for a section without one; bytes in
 *               memory
 *   calls       [[NAME, STATUS, NOTE, SYMBOL]]: the system calls that were
 *               linked, EXPLAIN_BY_NUMBER among them
 * The same inputs give the same text in any folder.
 */
#define EXPLAIN_VERSION   1
#define EXPLAIN_FILE      "explain.json"
#define EXPLAIN_BY_NUMBER "(by number)"
/* "root", "strong", "weak", "section", "kept": refs.h. */
extern const char *const explain_how[5];

struct explain {
	const char *target;
	struct owner_places places;
	/* The link with --emit-relocs, and its map. */
	const char *first, *first_map;
	/* The last link before it was stripped, and its map. */
	const char *last, *last_map;
	const void *kernel; /* the kernel's file */
	size_t kernel_len;
};

int explain_write(const struct explain *x, struct buf *out, struct err *e);

#endif
