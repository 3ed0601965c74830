/* SPDX-License-Identifier: Apache-2.0 */
/* YAML 1.2 in block style, a line at a time. */
#ifndef DEPLOY_YAML_H
#define DEPLOY_YAML_H

#include <stdint.h>

#include "core/buf.h"

/*
 * Keys are literals of ours, plain; strings are always quoted as in JSON,
 * which YAML includes, so that "on", "1e3" and "null" stay strings. Nested
 * blocks are opened and closed in pairs:
 *   yaml_open(y, "key")   key:
 *   yaml_item(y)          - (the next line is its first)
 */
struct yaml {
	struct buf *out;
	unsigned depth;
	int dash; /* the next line begins an item */
};

void yaml_open(struct yaml *y, const char *key);
void yaml_item(struct yaml *y);
void yaml_close(struct yaml *y);

void yaml_string(struct yaml *y, const char *key, const char *value);
void yaml_number(struct yaml *y, const char *key, uint64_t value);
/* A value of ours that needs no quotes: true, 10s, NAME. */
void yaml_plain(struct yaml *y, const char *key, const char *value);
/* An item that is a string; the same in one line for a list. */
void yaml_item_string(struct yaml *y, const char *value);
void yaml_list(struct yaml *y, const char *key, const struct strv *v);
void yaml_comment(struct yaml *y, const char *text);
/* A new document of the same stream. */
void yaml_document(struct yaml *y);

#endif
