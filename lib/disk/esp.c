/* SPDX-License-Identifier: Apache-2.0 */
/* The EFI system partition: which FAT, and the two programs that make it. */
#include "disk/esp.h"

#include <errno.h>
#include <inttypes.h>

#include "core/buf.h"
#include "core/proc.h"
#include "disk/gpt.h"

/*
 * The count of clusters alone decides the kind of a FAT: below 4085 it is
 * FAT12, below 65525 FAT16. We stay 16 away from the limits, since not all
 * readers agree on them.
 */
enum {
	FAT12_MAX = 4084 - 16,
	FAT16_MIN = 4085 + 16,
	FAT16_MAX = 65524 - 16,
	FAT32_MIN = 65525 + 16,
	FAT32_MAX = 0x0fffff00,
	CLUSTER_MAX = 64,  /* sectors: 32 KiB */
	ROOT_SECTORS = 32, /* 512 entries */
	SPARE = 8,
};

static uint64_t ceil_div(uint64_t a, uint64_t b)
{
	return (a + b - 1) / b;
}

/* Sectors of a volume with so many clusters. */
static uint64_t volume_sectors(
	unsigned bits, unsigned cluster_sectors, uint64_t clusters)
{
	uint64_t fat = ceil_div((clusters + 2) * bits, 8 * GPT_SECTOR);
	uint64_t fixed = bits == 32 ? 32 : 1 + ROOT_SECTORS;

	return fixed + 2 * fat + clusters * cluster_sectors + SPARE;
}

static int try_form(unsigned bits, unsigned cluster_sectors, uint64_t size,
	struct esp_form *out)
{
	/* the file, EFI, BOOT, and the root folder of FAT32 */
	uint64_t clusters =
		ceil_div(size, (uint64_t)cluster_sectors * GPT_SECTOR) + 3;
	uint64_t min = bits == 12 ? 1 : bits == 16 ? FAT16_MIN : FAT32_MIN;
	uint64_t max = bits == 12   ? FAT12_MAX
		       : bits == 16 ? FAT16_MAX
				    : FAT32_MAX;

	if (clusters > max)
		return 0;
	if (clusters < min)
		clusters = min;
	out->fat_bits = bits;
	out->cluster_sectors = cluster_sectors;
	out->min_sectors = volume_sectors(bits, cluster_sectors, clusters);
	return 1;
}

int esp_plan(enum disk_esp kind, uint64_t file_size, struct esp_form *out,
	struct err *e)
{
	unsigned n;

	if (kind == DISK_ESP_FAT32) {
		for (n = 1; n <= CLUSTER_MAX; n *= 2)
			if (try_form(32, n, file_size, out))
				return 0;
	} else {
		for (n = 1; n <= 8; n *= 2)
			if (try_form(12, n, file_size, out))
				return 0;
		for (n = 1; n <= CLUSTER_MAX; n *= 2)
			if (try_form(16, n, file_size, out))
				return 0;
	}
	return err_set(e, -EFBIG,
		"a kernel of %" PRIu64 " bytes does not fit a FAT", file_size);
}

/* A FAT knows 1980 to 2107. */
static uint64_t fat_time(uint64_t epoch)
{
	const uint64_t min = 315532800, max = 4354819198;

	return epoch < min ? min : epoch > max ? max : epoch;
}

static int run(const struct esp_spec *s, struct strv *argv, struct err *e)
{
	_strv_ struct strv env = {0};
	_buf_ struct buf text = {0};
	struct proc p = PROC_INIT(argv->v);

	/* mtools writes local times, and "now" unless it is told */
	strv_add(&env, "TZ=UTC");
	strv_add(&env, "LC_ALL=C");
	strv_add(&env, "MTOOLSRC=/dev/null");
	strv_addf(&env, "SOURCE_DATE_EPOCH=%" PRIu64, fat_time(s->epoch));
	p.cwd = s->dir;
	p.env = env.v;
	p.out = &text;
	p.err = &text;
	return proc_check(&p, e);
}

int esp_make(const struct esp_spec *s, struct err *e)
{
	_strv_ struct strv mkfs = {0}, copy = {0};
	int r;

	strv_add(&mkfs, "mkfs.vfat");
	strv_add(&mkfs, "--invariant");
	strv_addf(&mkfs, "-F%u", s->form.fat_bits);
	strv_addf(&mkfs, "-s%u", s->form.cluster_sectors);
	strv_addf(&mkfs, "-h%" PRIu64, s->first_lba);
	strv_addf(&mkfs, "-i%08" PRIx32, s->volume_id);
	strv_add(&mkfs, "-nSLIPWAY");
	strv_add(&mkfs, "-S512");
	strv_add(&mkfs, "-a"); /* no alignment of tables: smallest */
	strv_add(&mkfs, "-g255/63");
	strv_add(&mkfs, "-C");
	strv_add(&mkfs, "esp.img");
	strv_addf(&mkfs, "%" PRIu64, s->nsectors / 2);
	r = run(s, &mkfs, e);
	if (r < 0)
		return r;
	strv_add(&copy, "mcopy");
	strv_add(&copy, "-s");
	strv_add(&copy, "-i");
	strv_add(&copy, "esp.img");
	strv_add(&copy, "EFI");
	strv_add(&copy, "::");
	return run(s, &copy, e);
}
