/* SPDX-License-Identifier: Apache-2.0 */
/* GUID partition tables (UEFI 2.10, chapter 5): written and read. */
#ifndef DISK_GPT_H
#define DISK_GPT_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "disk/guid.h"

#define GPT_SECTOR 512ul /* bytes; the type of what it is multiplied with */
enum {
	GPT_ENTRIES = 128,
	GPT_ENTRY_SIZE = 128,
	GPT_FIRST = 34,    /* first usable sector: 2 + 128 * 128 / 512 */
	GPT_LAST_GAP = 34, /* last usable: size - GPT_LAST_GAP */
	GPT_NAME = 36,
};

#define GPT_TYPE_ESP   "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
#define GPT_TYPE_BIOS  "21686148-6449-6E6F-744E-656564454649"
#define GPT_TYPE_LINUX "0FC63DAF-8483-4772-8E79-3D69D8477DE4"

struct gpt_part {
	struct guid type, guid;
	uint64_t first_lba, last_lba; /* inclusive */
	char name[GPT_NAME + 1];      /* ASCII; others read as '?' */
};

struct gpt {
	struct guid guid;
	uint64_t nsectors; /* of the disk */
	struct gpt_part part[GPT_ENTRIES];
	size_t nparts;
};

/* Writes both tables and the protective MBR's partition and signature;
 * bytes 0..439 of the disk stay as they are. */
int gpt_write(const struct gpt *g, int fd, struct err *e);

/*
 * Reads and checks the primary table of a file of `size` bytes: signature,
 * both checksums, sizes, partitions inside the disk and apart from each
 * other. -ENOENT if there is no GPT at all, -EINVAL if it is damaged.
 */
int gpt_read(int fd, uint64_t size, struct gpt *g, struct err *e);
/* The same from the first GPT_FIRST sectors in memory. */
int gpt_parse(const uint8_t *p, size_t len, uint64_t size, struct gpt *g,
	struct err *e);

#endif
