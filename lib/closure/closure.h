/* SPDX-License-Identifier: Apache-2.0 */
/* What programs of an unpacked system need, without running them. */
#ifndef CLOSURE_CLOSURE_H
#define CLOSURE_CLOSURE_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

/* Where files are taken from, and for what. */
struct closure_spec {
	const char *root;       /* folder that is "/" to its programs */
	const char *what;       /* the same for people: "the packages" */
	unsigned machine;       /* EM_X86_64: what runs them */
	const struct strv *env; /* of the program: PATH, LD_LIBRARY_PATH */
	/* A file of this machine that the root will have in place of the
	 * tree's /etc/nsswitch.conf; NULL: the tree's, if it has one. */
	const char *nsswitch;
	const char *made; /* folder for files that have to be made; or NULL */
};

/* One inode of the root; neither from nor link: a folder. */
struct closure_file {
	char *path;    /* in the guest, no link on the way to it */
	char *from;    /* a file of this machine */
	char *link;    /* what a symbolic link contains */
	unsigned mode; /* as in the tree, without set-user-ID and -group-ID */
	char *reason;  /* "library: needed by /bin/x (DT_NEEDED libc.so.6)" */
};

/* What a program asks for and the tree does not have. */
struct closure_missing {
	const char *kind; /* "program", "library", "file", "locale", ... */
	char *name;       /* "libfoo.so.1" */
	char *text;       /* one sentence, without a period */
	int optional;     /* programs do without */
};

/* The set of files, each with the first reason for it. */
struct closure;
struct closure *closure_new(const struct closure_spec *spec);
void closure_free(struct closure *c);

/*
 * Each adds a path of the tree, links on the way to it included, and what it
 * needs as far as the path itself tells; what is not there is noted as
 * missing. Errors are those of reading.
 */
/* The program that starts; `from` is it on this machine, where the tree does
 * not have it, and may be NULL. */
int closure_add_program(
	struct closure *c, const char *path, const char *from, struct err *e);
/* A file, or a folder with all in it. */
int closure_add_path(struct closure *c, const char *path, struct err *e);
int closure_add_locale(struct closure *c, const char *name, struct err *e);
/* A zone of tzdata, or "all". */
int closure_add_zone(struct closure *c, const char *name, struct err *e);
/*
 * All that the files so far need in turn: interpreters, libraries, and what
 * the C library opens when it is asked to. Last.
 */
int closure_finish(struct closure *c, struct err *e);

/* Results, in the order of their paths and of their discovery. */
const struct closure_file *closure_files(struct closure *c, size_t *n);
const struct closure_missing *closure_missed(
	const struct closure *c, size_t *n);

#endif
