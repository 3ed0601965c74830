/* SPDX-License-Identifier: Apache-2.0 */
/* The boot code, read from the boot folder, with its fields filled in. */
#ifndef DISK_BOOT_H
#define DISK_BOOT_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/* Where the sources (targets/keel/arch/x86_64/boot) keep their fields. */
enum {
	BOOT_MBR_SIZE = 440,
	BOOT_MBR_FIELDS = 424,  /* u16 at +2: sectors; u64 at +8: LBA */
	BOOT_STAGE2_FIELDS = 8, /* u64 LBA of the kernel, u64 its bytes */
	BOOT_STAGE2_MAX = 32768,
	BOOT_UEFI_MAX = 65536,
};

/* Whole sectors; sizes and marks are checked. */
struct boot_code {
	struct buf mbr, stage2, uefi;
};

int boot_read(const char *dir, struct boot_code *b, struct err *e);
void boot_free(struct boot_code *b);
#define _boot_ __attribute__((cleanup(boot_free)))

/* Stage 2 is at `lba`, the kernel right after it. */
void boot_patch_bios(struct boot_code *b, uint64_t lba, uint64_t kernel_size);
/* The kernel is appended to the loader. */
void boot_patch_uefi(struct boot_code *b, uint64_t kernel_size);

#endif
