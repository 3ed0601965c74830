/* SPDX-License-Identifier: Apache-2.0 */
/* The boot code: reads and checks it, fills in its fields. */
#include "disk/boot.h"

#include <errno.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"
#include "disk/gpt.h"

enum { /* of uefi.bin, see uefi.S */
	UEFI_DATA_SIZE = 0x60,
	UEFI_IMAGE_SIZE = 0x90,
	UEFI_KERNEL_VSIZE = 0x150,
	UEFI_KERNEL_FSIZE = 0x158,
	UEFI_PAGE = 4096,
};

static void put_le(struct buf *b, size_t at, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		b->data[at + i] = (char)(v >> (8 * i));
}

static int read_one(const char *dir, const char *name, size_t max,
	struct buf *out, struct err *e)
{
	_free_ char *path = path_join(dir, name);

	return file_read(path, max, out, e);
}

int boot_read(const char *dir, struct boot_code *b, struct err *e)
{
	_boot_ struct boot_code got = {0};
	int r;

	r = read_one(dir, "mbr.bin", BOOT_MBR_SIZE, &got.mbr, e);
	if (r < 0)
		return r;
	r = read_one(dir, "stage2.bin", BOOT_STAGE2_MAX, &got.stage2, e);
	if (r < 0)
		return r;
	r = read_one(dir, "uefi.bin", BOOT_UEFI_MAX, &got.uefi, e);
	if (r < 0)
		return r;
	if (got.mbr.len != BOOT_MBR_SIZE || got.stage2.len < GPT_SECTOR ||
		got.stage2.len % GPT_SECTOR ||
		memcmp(got.stage2.data + 4, "SLG2", 4) != 0 ||
		got.uefi.len < UEFI_PAGE || got.uefi.len % UEFI_PAGE ||
		memcmp(got.uefi.data + 0x40, "PE\0\0d\x86", 6) != 0)
		return err_set(e, -EINVAL, "%s: damaged boot code", dir);
	*b = got;
	memset(&got, 0, sizeof(got)); /* it is the caller's now */
	return 0;
}

void boot_free(struct boot_code *b)
{
	buf_free(&b->mbr);
	buf_free(&b->stage2);
	buf_free(&b->uefi);
}

void boot_patch_bios(struct boot_code *b, uint64_t lba, uint64_t kernel_size)
{
	uint64_t nsectors = b->stage2.len / GPT_SECTOR;

	put_le(&b->mbr, BOOT_MBR_FIELDS + 2, nsectors, 2);
	put_le(&b->mbr, BOOT_MBR_FIELDS + 8, lba, 8);
	put_le(&b->stage2, BOOT_STAGE2_FIELDS, lba + nsectors, 8);
	put_le(&b->stage2, BOOT_STAGE2_FIELDS + 8, kernel_size, 8);
}

void boot_patch_uefi(struct boot_code *b, uint64_t kernel_size)
{
	uint64_t on_disk = (kernel_size + GPT_SECTOR - 1) & ~511ull;
	uint64_t in_memory = (kernel_size + UEFI_PAGE - 1) & ~4095ull;

	put_le(&b->uefi, UEFI_DATA_SIZE, on_disk, 4);
	put_le(&b->uefi, UEFI_IMAGE_SIZE, b->uefi.len + in_memory, 4);
	put_le(&b->uefi, UEFI_KERNEL_VSIZE, kernel_size, 4);
	put_le(&b->uefi, UEFI_KERNEL_FSIZE, on_disk, 4);
}
