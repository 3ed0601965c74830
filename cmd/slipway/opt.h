/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a subcommand: one table that parses and that prints the help. */
#ifndef SLIPWAY_OPT_H
#define SLIPWAY_OPT_H

/* A table ends with all zero. */
struct opt {
	int key;          /* the short option's letter; from 256: long only */
	const char *name; /* "output" for --output; NULL: short only */
	const char *arg;  /* "PATH" or "a|b" in the help; NULL: takes none */
	const char *help; /* one line; NULL: not in the help */
};

struct opts {
	const char *usage; /* "slipway build [OPTION]... [DIR|MANIFEST]" */
	const char *about; /* one or more lines */
	const struct opt *table;
};

enum {
	OPT_END = -1,  /* operands begin at argv[optind] */
	OPT_HELP = -2, /* the help was printed: return EXIT_OK */
	OPT_BAD = -3,  /* an error was printed: return EXIT_USAGE */
};

/*
 * The next option's key, its argument in `optarg`; parsing stops at the
 * first operand. -h and --help are known to every command.
 */
int opt_next(const struct opts *o, int argc, char **argv);
/* From now on opt_next calls fn in place of parsing, and says OPT_HELP. */
void opt_intercept(void (*fn)(const struct opts *o));
/* The exit status for OPT_HELP and OPT_BAD. */
int opt_status(int key);
/* An error about the command line, and where help is: EXIT_USAGE. */
int opt_error(const struct opts *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
