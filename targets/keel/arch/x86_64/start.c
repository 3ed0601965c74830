/* SPDX-License-Identifier: Apache-2.0 */
/* From the loader's world to keel's: memory, addresses, relocation. */
#include "arch/x86_64/start.h"
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "arch/x86_64/paging.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/main.h"
#include "kern/string.h"
#include "mm/page.h"
#include "plat/fwcfg.h"
#include "plat/power.h"

#include <linux/elf.h>

/*
 * Everything here runs at physical addresses, before the relocation: no
 * pointer that is initialised data may be followed, and what is stored for
 * later is an address of the new world.
 */

/* Linked at the addresses that they are loaded at. */
extern const Elf64_Rela keel_rela_start[], keel_rela_end[];
extern const uint64_t keel_relr_start[], keel_relr_end[];
extern const char keel_record[], keel_record_end[];

enum { CMDLINE_MAX = 65536, MIB = 1 << 20 };
#define R_X86_64_RELATIVE 8 /* psABI, 4.4.1 */

uint64_t arch_direct_base;
#pragma weak boot_keep_initrd
struct boot_info boot_info;

/* All memory up to `end` is needed even before the program starts. */
static noreturn void memory_short(uint64_t end)
{
	uint64_t given = 0;

	for (unsigned i = 0; i < boot_info.nmem; i++)
		if (boot_info.mem[i].type == 1)
			given = boot_info.mem[i].pa + boot_info.mem[i].size;
	kmsg("not enough memory: %lu MiB given, %lu MiB needed\n",
		(given + MIB - 1) / MIB, (end + MIB - 1) / MIB + 1);
	power_reset();
}

void *boot_early_alloc(uint64_t size)
{
	uint64_t pa = boot_info.image_end_pa;
	uint64_t end = pa + ALIGN_UP(size, PAGE_SIZE);
	const struct boot_mem *m = boot_info.mem;
	unsigned i = 0;

	while (i < boot_info.nmem &&
		(m[i].type != 1 || m[i].pa > pa || m[i].pa + m[i].size <= pa))
		i++;
	if (i == boot_info.nmem || m[i].pa + m[i].size < end)
		memory_short(end);
	boot_info.image_end_pa = end;
	if (size <= PAGE_SIZE)
		memset((void *)pa, 0, PAGE_SIZE);
	return (void *)pa;
}

/* Copies the command line to memory that stays; NULL: there is none. */
static char *keep_cmdline(uint64_t pa)
{
	size_t n = pa ? strnlen((const char *)pa, CMDLINE_MAX - 1) : 0;
	char *p;

	if (!n)
		return NULL;
	p = boot_early_alloc(n + 1);
	memcpy(p, (const char *)pa, n);
	p[n] = 0;
	return p;
}

/* The record from fw_cfg, if the host gives one: its size, else 0. */
static long keep_record(void **p)
{
	uint16_t key;
	long n = fwcfg_find(RECORD_FW_CFG, &key);

	if (n <= 0)
		return 0;
	n = MIN(n, (long)RECORD_MAX); /* its header says more: damaged */
	*p = boot_early_alloc(n);
	return fwcfg_read(key, (uint64_t)*p, n) ? 0 : n;
}

/* The record's bytes all count: the seed is among them. */
static void gather_entropy(const void *record, long size)
{
	const uint64_t *words = record;
	bool ok;

	for (long i = 0; i < size / 8; i++)
		boot_random_add(words[i]);

	for (int i = 0; i < 8; i++) {
		uint64_t v = arch_random(&ok);

		if (ok)
			boot_random_add(v);
		boot_random_add(arch_cycles());
		port_in8(0x61); /* leaves the machine: takes its time */
	}
}

/* The 4 KiB mappings of the image and of what follows it. */
static void map_image(uint64_t *pml4, uint64_t va, uint64_t pa, uint64_t end)
{
	for (; pa < end; pa += PAGE_SIZE, va += PAGE_SIZE) {
		uint64_t *t = pml4;

		for (int shift = 39; shift > 12; shift -= 9) {
			uint64_t *e = &t[va >> shift & 511];

			if (!*e)
				*e = (uint64_t)boot_early_alloc(PAGE_SIZE) |
				     PTE_P | PTE_W;
			t = (uint64_t *)(*e & 0x000ffffffffff000);
		}
		t[va >> 12 & 511] = pa | PTE_P | PTE_W;
	}
}

static void relocate(uint64_t slide)
{
	const Elf64_Rela *r;
	const uint64_t *p;
	uint64_t *where = (uint64_t *)keel_text_start;

	for (r = keel_rela_start; r < keel_rela_end; r++)
		if (ELF64_R_TYPE(r->r_info) == R_X86_64_RELATIVE)
			*(uint64_t *)r->r_offset = r->r_addend + slide;
	for (p = keel_relr_start; p < keel_relr_end; p++) {
		if (!(*p & 1)) {
			where = (uint64_t *)*p;
			*where++ += slide;
			continue;
		}
		for (uint64_t bits = *p >> 1, i = 0; bits; bits >>= 1, i++)
			if (bits & 1)
				where[i] += slide;
		where += 63;
	}
}

/* An empty PT_TLS or PT_GNU_EH_FRAME would mislead the C library. */
static void drop_empty_phdrs(void)
{
	Elf64_Ehdr *eh = (Elf64_Ehdr *)keel_text_start;
	Elf64_Phdr *ph = (Elf64_Phdr *)(keel_text_start + eh->e_phoff);

	for (int i = 0; i < eh->e_phnum; i++)
		if (!ph[i].p_memsz)
			ph[i].p_type = PT_NULL;
}

void boot_early(uint64_t info_pa)
{
	uint64_t image = (uint64_t)keel_text_start;
	uint64_t image_end = (uint64_t)keel_image_end;
	uint64_t *pml4 = (uint64_t *)image_end;
	static const char none[] = "";
	uint64_t cmdline_pa, slide;
	char *cmdline;
	void *record;
	long record_size;

	image_unpack();
	boot_info.start_cycles = arch_cycles();
	boot_info.image_pa = image;
	boot_info.image_end_pa = image_end + BOOT_STACK_TOP;
	handover_read(info_pa, &cmdline_pa);
	cmdline = keep_cmdline(cmdline_pa);
	if (boot_keep_initrd)
		boot_keep_initrd(info_pa);
	record_size = keep_record(&record);
	if (!record_size)
		record = NULL;
	gather_entropy(record, record_size);

	/* 28 bits of choice well inside the low half; 8 in the high. */
	boot_info.image_va = 0x550000000000 + (boot_random() & 0xfffffff000);
	arch_direct_base = (0x1ffff00 + 1 + boot_random() % 250) << 39;
	slide = boot_info.image_va - image;
	map_image(pml4, boot_info.image_va, image, image_end);
	pml4[arch_direct_base >> 39 & 511] = pml4[0] | PTE_NX;

	boot_info.cmdline = cmdline ? cmdline + arch_direct_base : none + slide;
	if (record)
		record_init((char *)record + arch_direct_base, record_size);
	else
		record_init(keel_record + slide, keel_record_end - keel_record);
	drop_empty_phdrs();
	relocate(slide);
	boot_jump((uint64_t)kern_main + slide,
		image_end + BOOT_STACK_TOP + arch_direct_base);
}
