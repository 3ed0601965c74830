/* SPDX-License-Identifier: Apache-2.0 */
/* Whose each byte of a disk and of a root filesystem is. */
#include "inspect/disksize.h"

#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "disk/boot.h"
#include "disk/erofs.h"
#include "disk/fat.h"

enum { BLOCK = 4096, SUPER = 1024 };

struct place {
	struct spans *spans;
	const uint8_t *p; /* the image; its first byte is at `at` */
	uint64_t at, size;
	const char *prefix;
};

static uint64_t get_le(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

/* A file's content, and what its last block has left. */
static int add_content(const struct erofs_file *f, void *arg, struct err *e)
{
	struct place *w = arg;
	uint64_t at;

	(void)e;
	if (!f->body)
		return 0;
	at = w->at + (uint64_t)(f->body - w->p);
	spans_add(w->spans, at, f->body_len, "%s%s", w->prefix, f->path);
	if (f->body_len % BLOCK)
		spans_add(w->spans, at + f->body_len,
			BLOCK - f->body_len % BLOCK, "%spadding", w->prefix);
	if (f->tail_len)
		spans_add(w->spans, w->at + (uint64_t)(f->tail - w->p),
			f->tail_len, "%s%s", w->prefix, f->path);
	return 0;
}

void rootfs_spans(struct spans *s, const uint8_t *p, uint64_t at, uint64_t size,
	const char *prefix)
{
	struct place w = {s, p, at, size, prefix};
	struct err ignored;
	uint64_t used;

	spans_add(s, at, size, "%sfree space", prefix);
	if (size < SUPER + 128)
		return;
	used = get_le(p + SUPER + 36, 4) * BLOCK;
	spans_add(s, at, used < size ? used : size, "%sEROFS metadata", prefix);
	erofs_walk(p, size, add_content, &w, &ignored);
}

static void add_cluster(void *arg, const char *path, uint64_t at, uint64_t size)
{
	struct place *w = arg;
	size_t len = path ? strlen(path) : 0;

	if (!len || path[len - 1] == '/')
		spans_add(w->spans, w->at + at, size, "%sFAT", w->prefix);
	else
		spans_add(w->spans, w->at + at, size, "%s%s", w->prefix, path);
}

/* Stage 2, and the kernel that it names. */
static void bios_spans(struct spans *s, const uint8_t *p, uint64_t at,
	uint64_t size, uint64_t disk)
{
	uint64_t lba, kernel;

	if (size < GPT_SECTOR || memcmp(p + at + 4, "SLG2", 4) != 0)
		return;
	lba = get_le(p + at + BOOT_STAGE2_FIELDS, 8);
	kernel = get_le(p + at + BOOT_STAGE2_FIELDS + 8, 8);
	if (lba > disk / GPT_SECTOR || lba * GPT_SECTOR < at ||
		lba * GPT_SECTOR > at + size)
		return;
	spans_add(s, at, lba * GPT_SECTOR - at, "BIOS boot: boot code");
	spans_add(s, lba * GPT_SECTOR, kernel, "BIOS boot: kernel");
}

void disk_spans(
	struct spans *s, const uint8_t *p, uint64_t size, const struct gpt *g)
{
	static const uint8_t erofs[4] = {0xe2, 0xe1, 0xf5, 0xe0};
	struct guid bios = guid_parse(GPT_TYPE_BIOS);
	struct err ignored;

	spans_add(s, 0, BOOT_MBR_SIZE, "boot code");
	spans_add(s, BOOT_MBR_SIZE, GPT_FIRST * GPT_SECTOR - BOOT_MBR_SIZE,
		"partition tables");
	if (size > (GPT_FIRST - 1) * GPT_SECTOR)
		spans_add(s, size - (GPT_FIRST - 1) * GPT_SECTOR,
			(GPT_FIRST - 1) * GPT_SECTOR, "partition tables");
	for (size_t i = 0; i < g->nparts; i++) {
		const struct gpt_part *part = &g->part[i];
		uint64_t at = part->first_lba * GPT_SECTOR;
		uint64_t n = (part->last_lba + 1) * GPT_SECTOR - at;
		char prefix[GPT_NAME + 3] = "";
		struct place w = {s, NULL, at, n, prefix};

		if (at > size || n > size - at)
			continue;
		snprintf(prefix, sizeof(prefix), "%s: ", part->name);
		w.p = p + at;
		spans_add(s, at, n, "%sfree space", prefix);
		if (memcmp(&part->type, &bios, sizeof(bios)) == 0)
			bios_spans(s, p, at, n, size);
		else if (n >= BLOCK && !memcmp(p + at + SUPER, erofs, 4))
			rootfs_spans(s, p + at, at, n, prefix);
		else
			fat_walk(p + at, n, add_cluster, &w, &ignored);
	}
}
