/* SPDX-License-Identifier: Apache-2.0 */
/* The bootable disk: GPT, BIOS boot partition, ESP, root partition. */
#ifndef DISK_DISK_H
#define DISK_DISK_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * What is on the disk, in this order (sectors of 512 bytes):
 *   0        boot code (mbr.bin), protective MBR
 *   1..33    GPT header and entries
 *   34..     BIOS boot partition: stage2.bin, then the kernel as it is.
 *            It starts at 2048 instead when it does not end before that.
 *   ..       EFI system partition: FAT with \EFI\BOOT\BOOTX64.EFI, which
 *            is uefi.bin with the kernel appended
 *   ..       root partition: the EROFS image, if there is one
 *   last 33  backup entries and header
 * Partitions start at multiples of 2048 sectors, the size is a multiple of
 * 1 MiB. The kernel is a static ELF64 with a PVH note (lib/disk/pvh.h).
 * All GUIDs and the FAT volume ID come from the digest of the contents.
 */
enum disk_esp {
	DISK_ESP_SMALL, /* the smallest FAT12 or FAT16 that holds the file */
	DISK_ESP_FAT32, /* 34 MiB or more, for firmware that insists on it */
	DISK_ESP_NONE,  /* BIOS only */
};

struct disk_spec {
	const char *kernel;   /* path of the kernel, ELF64 */
	const char *rootfs;   /* path of an EROFS image (rootfs.h), or NULL */
	const char *boot_dir; /* DATADIR/boot/ARCH: mbr, stage2 and uefi.bin */
	enum disk_esp esp;
	uint64_t epoch; /* SOURCE_DATE_EPOCH: times in the FAT */
};

enum { DISK_PART_MAX = 3 };

struct disk_part {
	char name[37]; /* "BIOS boot", "EFI system", "root" */
	char type[37]; /* GUIDs as text, upper case */
	char guid[37];
	uint64_t first_lba, last_lba; /* inclusive */
};

struct disk_info {
	uint64_t size;      /* bytes */
	uint64_t allocated; /* bytes: blocks the file really has */
	char guid[37];
	struct disk_part part[DISK_PART_MAX];
	size_t nparts;
};

/* Writes the raw image to `path`, whole or not at all. `out` may be NULL. */
int disk_write(const struct disk_spec *s, const char *path,
	struct disk_info *out, struct err *e);

#endif
