/* SPDX-License-Identifier: Apache-2.0 */
/* A command line of gcc, taken apart as far as a driver around it must. */
#ifndef TOOLCHAIN_ARGS_H
#define TOOLCHAIN_ARGS_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

enum cc_kind {
	CC_OPTION, /* text, and its separate argument if it has one */
	CC_INPUT,  /* a file; "-" is standard input */
	CC_LIB,    /* -lNAME; text is NAME */
	CC_LIBDIR, /* -LDIR; text is DIR */
};

struct cc_item {
	enum cc_kind kind;
	char *text;
	char *value; /* separate argument, or NULL */
	char *lang;  /* of an input after -x, else NULL */
	int source;  /* an input that is compiled */
};

enum cc_mode {
	CC_MODE_INFO,    /* only questions, or nothing to do: gcc answers */
	CC_MODE_COMPILE, /* ends before the link */
	CC_MODE_PARTIAL, /* -r */
	CC_MODE_LINK,
};

struct cc_args {
	struct cc_item *items;
	size_t n;
	enum cc_mode mode;
	char *output;  /* of -o, or NULL */
	char *dumpdir; /* of -dumpdir, or NULL */
	int lto;
	int dry_run; /* -### */
	int nostdinc, nostdlib, nostartfiles, nodefaultlibs;
	int script; /* the link has a script of its own */
	size_t ninputs, nsources;
};

/*
 * Takes argv[1...] apart; @FILE is read as gcc does. Options that choose
 * another kind of executable (-static, -pie, -no-pie, ...) are left out,
 * since a target has one kind. -EINVAL with a message for what no target
 * can do.
 */
int cc_args_parse(
	struct cc_args *a, int argc, char *const *argv, struct err *e);
void cc_args_free(struct cc_args *a);
#define _cc_args_ __attribute__((cleanup(cc_args_free)))

/* Appends an item as gcc takes it. */
void cc_item_add(struct strv *to, const struct cc_item *item);

#endif
