/* SPDX-License-Identifier: Apache-2.0 */
/* What TARGET-cc leaves in a program that it linked. */
#ifndef TOOLCHAIN_NOTE_H
#define TOOLCHAIN_NOTE_H

#include <stdint.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/err.h"

/*
 * Section ".note.slipway" (SHT_NOTE, not loaded): name "Slipway", type 1, a
 * JSON object: "version" 1, "target", "cwd", "args" (what gcc was given at
 * the link, without -o), "inputs" (path, size, sha256 of each file in args
 * and of each library found by -l), "lto".
 * Objects that gcc would have thrown away after a command that compiles
 * and links at once are inputs too: "args" names them by "{N}", their bytes
 * are in further notes of the section, type NOTE_OBJECT + N, and their
 * names are in "objects".
 */
#define NOTE_SECTION ".note.slipway"
#define NOTE_NAME    "Slipway"
#define NOTE_LINK    1u
#define NOTE_OBJECT  0x100u

struct elf;

struct note_input {
	char *path; /* absolute, or "{N}" for an object in the program */
	uint64_t size;
	struct digest_hex sha256;
};

struct note {
	char *target;
	char *cwd;
	struct strv args;
	struct strv objects; /* file names, without folder */
	struct note_input *inputs;
	size_t ninputs;
	int lto;
};

void note_free(struct note *n);
#define _note_ __attribute__((cleanup(note_free)))

/* An ELF object for the linker with the note and the objects, which are
 * read from these paths, in it. */
int note_write(const struct note *n, const struct strv *objects,
	const char *path, struct err *e);
/* The bytes of object N. */
const void *note_object(const struct elf *f, size_t n, size_t *len);

/*
 * Reads and checks the note of a program. -ENOENT with a message when the
 * program has none.
 */
int note_read(
	const struct elf *f, const char *path, struct note *out, struct err *e);
/* Same from the JSON text; for tests. */
int note_parse(const char *json, size_t len, struct note *out, struct err *e);

#endif
