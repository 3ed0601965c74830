/* SPDX-License-Identifier: Apache-2.0 */
/* A program built by its own means: configure, make and their like. */
#ifndef BUILD_COMMANDS_H
#define BUILD_COMMANDS_H

#include "build/build.h"

/*
 * Unpacks the manifest's source package if it names one, runs its commands
 * with CC, AR and so on naming the target's tools, and copies the program
 * that they leave to b->program. The output of a command that fails is in
 * the error.
 */
int commands_build(struct build *b, struct err *e);

/* The folder whose files are the sources of a program that is built in a
 * folder of the user's, as realpath has it; NULL: it is not. Caller frees. */
char *commands_root(const struct build *b);

#endif
