/* SPDX-License-Identifier: Apache-2.0 */
/* What loaders hand over: PVH start info, Linux boot parameters. */
#include "arch/x86_64/start.h"
#include "kern/boot.h"

/* xen/include/public/arch-x86/hvm/start_info.h */
#define PVH_MAGIC 0x336ec578u

struct pvh_start_info {
	uint32_t magic, version, flags, nmodules;
	uint64_t modules_pa, cmdline_pa, rsdp_pa;
	uint64_t memmap_pa; /* from version 1 on */
	uint32_t nmemmap, reserved;
};

struct pvh_memmap {
	uint64_t pa, size;
	uint32_t type, reserved;
};

/* Linux Documentation/x86/zero-page.rst */
struct e820_entry {
	uint64_t pa, size;
	uint32_t type;
} __attribute__((packed));

enum {
	ZERO_PAGE_RSDP = 0x070,
	ZERO_PAGE_NE820 = 0x1e8,
	ZERO_PAGE_CMDLINE = 0x228,
	ZERO_PAGE_E820 = 0x2d0,
	ZERO_PAGE_E820_MAX = 128,
};

_Static_assert(sizeof(struct pvh_start_info) == 56, "start_info.h");
_Static_assert(sizeof(struct pvh_memmap) == 24, "start_info.h");
_Static_assert(sizeof(struct e820_entry) == 20, "zero-page.rst");

/* Keeps boot_info.mem sorted; what overlaps an earlier region is cut off
 * its start. Beyond BOOT_MEM_MAX regions are not used. */
static void mem_add(uint64_t pa, uint64_t size, uint32_t type)
{
	struct boot_mem *m = boot_info.mem;
	unsigned i = boot_info.nmem, j;

	if (!size || i == BOOT_MEM_MAX || pa + size < pa)
		return;
	while (i && m[i - 1].pa > pa)
		i--;
	for (j = boot_info.nmem++; j > i; j--)
		m[j] = m[j - 1];
	m[i] = (struct boot_mem){pa, size, type};
}

static void mem_cut_overlaps(void)
{
	struct boot_mem *m = boot_info.mem;
	uint64_t end = 0;

	for (unsigned i = 0; i < boot_info.nmem; i++) {
		uint64_t cut = m[i].pa < end ? end - m[i].pa : 0;

		cut = MIN(cut, m[i].size);
		m[i].pa += cut;
		m[i].size -= cut;
		end = MAX(end, m[i].pa + m[i].size);
	}
}

static void read_pvh(const struct pvh_start_info *s, uint64_t *cmdline_pa)
{
	const struct pvh_memmap *m = (const void *)s->memmap_pa;

	*cmdline_pa = s->cmdline_pa;
	boot_info.rsdp_pa = s->rsdp_pa;
	if (s->version < 1)
		return;
	for (unsigned i = 0; i < s->nmemmap; i++)
		mem_add(m[i].pa, m[i].size, m[i].type);
}

static void read_zero_page(const char *z, uint64_t *cmdline_pa)
{
	const struct e820_entry *m = (const void *)(z + ZERO_PAGE_E820);
	unsigned n = (uint8_t)z[ZERO_PAGE_NE820];

	*cmdline_pa = *(const uint32_t *)(z + ZERO_PAGE_CMDLINE);
	boot_info.rsdp_pa = *(const uint64_t *)(z + ZERO_PAGE_RSDP);
	for (unsigned i = 0; i < MIN(n, ZERO_PAGE_E820_MAX); i++)
		mem_add(m[i].pa, m[i].size, m[i].type);
}

void handover_read(uint64_t info_pa, uint64_t *cmdline_pa)
{
	if (*(const uint32_t *)info_pa == PVH_MAGIC)
		read_pvh((const void *)info_pa, cmdline_pa);
	else
		read_zero_page((const void *)info_pa, cmdline_pa);
	mem_cut_overlaps();
}
