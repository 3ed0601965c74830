/* SPDX-License-Identifier: Apache-2.0 */
/* An initial RAM disk that is a configuration in text: kept before memory is
 * given out. */
#include "arch/x86_64/start.h"
#include "kern/boot.h"
#include "kern/string.h"

/* xen/include/public/arch-x86/hvm/start_info.h, and Linux zero-page.rst */
enum {
	PVH_MAGIC_BYTE = 0x78, /* of 0x336ec578; boot_params begin with zeros */
	PVH_NMODULES = 12,
	PVH_MODULES = 16,
	ZERO_PAGE_RAMDISK = 0x218,
	ZERO_PAGE_RAMDISK_SIZE = 0x21c,
	INITRD_MAX = 1 << 20,
};

uint64_t boot_initrd_pa, boot_initrd_size;

void boot_keep_initrd(uint64_t info_pa)
{
	const uint8_t *info = (const uint8_t *)info_pa;
	uint64_t pa, size;

	if (*info == PVH_MAGIC_BYTE) {
		const uint64_t *module =
			*(const uint64_t *const *)(info + PVH_MODULES);

		if (!*(const uint32_t *)(info + PVH_NMODULES))
			return;
		pa = module[0];
		size = module[1];
	} else {
		pa = *(const uint32_t *)(info + ZERO_PAGE_RAMDISK);
		size = *(const uint32_t *)(info + ZERO_PAGE_RAMDISK_SIZE);
	}
	/* Any other one is none of ours, whatever it holds. */
	if (size < 4 || size > INITRD_MAX ||
		memcmp((void *)pa, "UES\n", 4) != 0)
		return;
	boot_initrd_pa = (uint64_t)boot_early_alloc(size);
	boot_initrd_size = size;
	memmove((void *)boot_initrd_pa, (void *)pa, size);
}
