/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands print: errors, steps and commands, all on stderr. */
#ifndef SLIPWAY_UI_H
#define SLIPWAY_UI_H

#include "core/err.h"
#include "manifest/diag.h"

enum ui_level {
	UI_QUIET,   /* -q: errors and warnings */
	UI_NORMAL,  /* and steps */
	UI_VERBOSE, /* -v: and every command, pasteable */
};

/* Connects the library's log; main calls it once. */
void ui_start(void);
/* The last steps' times; main calls it when the command is done. */
void ui_finish(void);
void ui_set_level(enum ui_level level);
/* From now on all is told as events (event.h) in place of text. */
void ui_set_events(void);
/* The last event of a command that tells events. */
void ui_end(int status);
enum ui_level ui_level(void);

/* "slipway: MESSAGE". */
void ui_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Prints *e ("slipway: ..." or, with a position, as it is): EXIT_FAILED. */
int ui_fail(const struct err *e);
/* Prints all; EXIT_USAGE if there is an error among them, else EXIT_OK. */
int ui_diags(const struct diags *d);

#endif
