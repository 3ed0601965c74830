/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a description (lib/inspect) as text for people, on stdout. */
#ifndef SLIPWAY_SHOW_H
#define SLIPWAY_SHOW_H

#include <jansson.h>
#include <stdint.h>

/* A member; "" and 0 if it is not there. */
const char *show_text(const json_t *o, const char *key);
uint64_t show_number(const json_t *o, const char *key);
/* "1.9 MiB"; four may be used at once. */
const char *show_size(uint64_t n);

/* Control characters of a file must not reach the terminal. */
void show_safe(const char *s);
/* A line with a label, unless the text is empty. */
void show_row(const char *label, const char *text);

/* "components": a line each, at most `most`, and the sum. */
void show_components(const json_t *list, size_t most);
/* What explain_why and explain_calls answer. */
void show_chain(const json_t *why);
void show_calls(const json_t *list);

#endif
