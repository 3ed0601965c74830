/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's configuration device by its I/O ports. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>

#include "init.h"

enum {
	SELECTOR = 0x510,
	DATA = 0x511,
	KEY_SIGNATURE = 0x0000,
	KEY_DIRECTORY = 0x0019,
	FILES_MAX = 4096
};

struct entry {
	uint8_t size[4]; /* big endian, as all here */
	uint8_t key[2];
	uint8_t reserved[2];
	char name[56];
};

static void read_data(void *p, size_t n)
{
	insb(DATA, p, n);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static int is_there(void)
{
	char signature[4];

	if (ioperm(SELECTOR, 2, 1) < 0)
		return 0;
	outw(KEY_SIGNATURE, SELECTOR);
	read_data(signature, sizeof(signature));
	return !memcmp(signature, "QEMU", 4);
}

void *fw_cfg_file(const char *name, size_t *len)
{
	uint8_t count[4] = {0};
	struct entry f = {0};
	char *p;

	if (!is_there())
		return NULL;
	outw(KEY_DIRECTORY, SELECTOR);
	read_data(count, sizeof(count));
	for (uint32_t i = 0; i < be32(count) && i < FILES_MAX; i++) {
		read_data(&f, sizeof(f));
		if (strncmp(f.name, name, sizeof(f.name)) != 0)
			continue;
		*len = be32(f.size);
		p = *len <= RECORD_MAX ? malloc(*len + 1) : NULL;
		if (!p)
			die("boot record of %zu bytes", *len);
		outw((unsigned short)(f.key[0] << 8 | f.key[1]), SELECTOR);
		read_data(p, *len);
		return p;
	}
	return NULL;
}
