/* SPDX-License-Identifier: Apache-2.0 */
/* Why files are in a root filesystem: a list that images of ours have. */
#ifndef INSPECT_REASONS_H
#define INSPECT_REASONS_H

#include <jansson.h>
#include <stddef.h>

/* Where it is in an image, and its name in the folder of a build. */
#define REASONS_IMAGE_PATH "slipway/files.json"
#define REASONS_FILE       "files.json"

/* Objects with the strings "path" and "reason", and "tree": true where it is
 * that of all below; of one path the last counts. NULL if it is not that. */
json_t *reasons_parse(const void *text, size_t len);
/* Of the file beside `path`, where a build leaves it; NULL: there is none. */
json_t *reasons_beside(const char *path);
/* Gives each of the files (objects with a "path", with or without a slash in
 * front) its reason as "origin". */
void reasons_tell(const json_t *reasons, json_t *files);

#endif
