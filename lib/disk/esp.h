/* SPDX-License-Identifier: Apache-2.0 */
/* The EFI system partition: a FAT with one file, by mkfs.vfat and mcopy. */
#ifndef DISK_ESP_H
#define DISK_ESP_H

#include <stdint.h>

#include "core/err.h"
#include "disk/disk.h"

/* The form of a FAT that holds one file of `file_size` bytes. */
struct esp_form {
	unsigned fat_bits; /* 12, 16, 32 */
	unsigned cluster_sectors;
	uint64_t min_sectors; /* the partition may be a little larger */
};

/* -EFBIG if no FAT of the kind can hold it. */
int esp_plan(enum disk_esp kind, uint64_t file_size, struct esp_form *out,
	struct err *e);

struct esp_spec {
	struct esp_form form;
	uint64_t nsectors;  /* of the partition, at least form.min_sectors */
	uint64_t first_lba; /* "hidden sectors" */
	uint32_t volume_id;
	uint64_t epoch;
	const char *dir; /* holds EFI/BOOT/BOOTX64.EFI; esp.img goes here */
};

/* Makes dir/esp.img. */
int esp_make(const struct esp_spec *s, struct err *e);

#endif
