/* SPDX-License-Identifier: Apache-2.0 */
/* --json of a build: what happens, a JSON object a line on stdout. */
#ifndef SLIPWAY_EVENT_H
#define SLIPWAY_EVENT_H

#include <jansson.h>

#include "core/err.h"
#include "manifest/diag.h"

/*
 * The objects are described in slipway-build(1); each has "event". Before
 * event_start the functions below do nothing and return 0.
 */
void event_start(void);
int event_on(void);

/* Takes the reference to `members`, which may be NULL. */
int event_add(const char *name, json_t *members);
/* "begin" or "end" of a step; seconds < 0: not told. */
int event_step(const char *name, const char *step, double seconds);
/* "note", "warning" or "error" with a message alone. */
int event_message(const char *name, const char *text);
int event_diag(const struct diag *d);
/* An error; a position at the beginning of its message is told apart. */
int event_error(const struct err *e);

#endif
