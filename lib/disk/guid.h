/* SPDX-License-Identifier: Apache-2.0 */
/* GUIDs as GPT stores them: the first three fields little endian. */
#ifndef DISK_GUID_H
#define DISK_GUID_H

#include <stdint.h>

struct guid {
	uint8_t b[16]; /* as on the disk */
};

#define GUID_TEXT 37

/* Version 8 (RFC 9562) from SHA-256 of the seed and a role's name. */
struct guid guid_derive(const char *seed, const char *role);
/* From "C12A7328-F81F-..."; the text is a constant of the program. */
struct guid guid_parse(const char *text);
void guid_format(const struct guid *g, char out[GUID_TEXT]);

#endif
