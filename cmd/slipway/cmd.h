/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands: each is a file of its name with one function. */
#ifndef SLIPWAY_CMD_H
#define SLIPWAY_CMD_H

#include "core/version.h" /* SLIPWAY_VERSION */

/* What a command returns and the process exits with. */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1, /* it was asked properly and did not work */
	EXIT_USAGE = 2,  /* wrong command line or manifest */
};

struct command {
	const char *name;
	const char *help;
	int (*run)(int argc, char **argv);
};

/*
 * argv[0] is the name of the subcommand ("build"); options follow. Each
 * prints its own errors (see ui.h) and returns the exit status.
 */
int cmd_build(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_targets(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_deploy(int argc, char **argv);
int cmd_cache(int argc, char **argv);
/*
 * The compiler driver: argv[0] is "cc" for `slipway cc ...`, or the name
 * the program was called by, without folder: "x86_64-keel-cc".
 */
int cmd_cc(int argc, char **argv);

#endif
