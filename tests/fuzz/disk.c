/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of what reads disks: GPT, kernels, EROFS, slipway inspect. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "disk/erofs.h"
#include "disk/gpt.h"
#include "disk/pvh.h"
#include "inspect/inspect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Checksums made right, or nothing behind them would be reached. */
static void seal(uint8_t *p)
{
	uint32_t crc = (uint32_t)crc32(0, p + 1024, 16384);

	memcpy(p + 512 + 88, &crc, 4);
	memset(p + 512 + 16, 0, 4);
	crc = (uint32_t)crc32(0, p + 512, 92);
	memcpy(p + 512 + 16, &crc, 4);
}

static void read_gpt(uint8_t *p, size_t size)
{
	static struct gpt g;
	uint64_t last;
	struct err e;

	if (size < GPT_FIRST * GPT_SECTOR)
		return;
	memcpy(&last, p + 512 + 32, 8);
	if (p[0] & 1)
		seal(p);
	if (gpt_parse(p, size, (last + 1) * GPT_SECTOR, &g, &e) < 0)
		return;
	for (size_t i = 0; i < g.nparts; i++)
		if (g.part[i].first_lba > g.part[i].last_lba ||
			g.part[i].last_lba > last)
			abort();
}

static int visit(const struct erofs_file *f, void *arg, struct err *e)
{
	unsigned *sum = arg;

	(void)e;
	*sum += (unsigned)strlen(f->path);
	for (size_t i = 0; i < f->link_len; i++)
		*sum += (unsigned char)f->link[i];
	for (size_t i = 0; f->body && i < f->body_len; i += 512)
		*sum += f->body[i];
	for (size_t i = 0; f->body && i < f->tail_len; i++)
		*sum += f->tail[i];
	/* a folder may hold itself: end some time */
	return ++*sum > 1000000 ? -1 : 0;
}

static void show(json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);

	free(text);
	json_decref(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* an allocation of its own: the sanitizer sees its end */
	uint8_t *p = malloc(size ? size : 1);
	struct pvh_info info;
	unsigned sum = 0;
	struct err e;

	if (!p)
		return 0;
	if (size)
		memcpy(p, data, size);
	if (pvh_parse(p, size, &info, &e) == 0 && info.low >= info.high)
		abort();
	erofs_walk(p, size, visit, &sum, &e);
	if (size >= 64 && memcmp(p, "\177ELF", 4) == 0)
		show(inspect_elf(
			"f", p, size, INSPECT_SIZE | INSPECT_DIGESTS, &e));
	if (size >= 1024 && memcmp(p + 512, "EFI PART", 8) == 0)
		show(inspect_disk(
			"f", p, size, INSPECT_FILES | INSPECT_DIGESTS, &e));
	read_gpt(p, size);
	free(p);
	return 0;
}
