/* SPDX-License-Identifier: Apache-2.0 */
/* What a build folder is up to date with: one key a step. */
#ifndef BUILD_STATE_H
#define BUILD_STATE_H

#include "core/buf.h"
#include "core/digest.h"
#include "core/err.h"

/*
 * A step is fresh when the key of its inputs is the one of its last
 * success and its output is still the file that it left. Inputs are added
 * to a key as strings, and as files by their identity: path, size, time of
 * change and inode, which costs no reading. The identity of a folder is that
 * of all in it. The file is NAME/state.
 */
struct state {
	char *path;
	struct strv lines; /* "STEP KEY OUTPUT-IDENTITY" */
};

/* A missing or unreadable file is an empty state. */
void state_open(struct state *s, const char *path);
void state_close(struct state *s);
#define _state_ __attribute__((cleanup(state_close)))

/* The identity of a file in a key; one that is not there has one too. */
void state_key_file(struct digest *key, const char *path);
/* The same for all files of a tree. */
int state_key_tree(struct digest *key, const char *root, struct err *e);

int state_fresh(const struct state *s, const char *step,
	const struct digest_hex *key, const char *output);
/* Records a success and saves the file. */
int state_done(struct state *s, const char *step, const struct digest_hex *key,
	const char *output, struct err *e);

#endif
