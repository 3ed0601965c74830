/* SPDX-License-Identifier: Apache-2.0 */
/* What a shell can offer for a command line that is being typed. */
#ifndef SLIPWAY_COMPLETE_H
#define SLIPWAY_COMPLETE_H

#include <stddef.h>

#include "cmd.h"

/*
 * argv: the words after "slipway", the last as far as it was typed. Prints
 * "WORD<tab>MEANING" lines and, if names of files fit as well, ":files".
 *
 * Nothing is listed here: options, their values and operands come from the
 * command's own table and usage (see opt.h). A value or operand that is
 * spelled in small letters, "kvm|tcg|auto", is offered as it is.
 */
int complete(const struct command *list, size_t n, int argc, char **argv);

#endif
