/* SPDX-License-Identifier: Apache-2.0 */
/* The argument of --output: PATH, or KEY=VALUE pairs with commas between. */
#ifndef SLIPWAY_OUTPUT_H
#define SLIPWAY_OUTPUT_H

#include "build/build.h"
#include "opt.h"

/* Fills *o. 0, or EXIT_USAGE after an error was printed. */
int output_parse(struct output *o, const char *arg, const struct opts *opts);
void output_free(struct output *o);
/* The argument that says the same, for `dest`; caller frees. */
char *output_spec(const struct output *o, const char *dest);
/* For --runner: sets *runner, or EXIT_USAGE. */
int output_runner(
	enum output_runner *runner, const char *value, const struct opts *opts);

#endif
