/* SPDX-License-Identifier: Apache-2.0 */
/* A PVH kernel that says what the loader handed over, and powers off. */
#include <stdint.h>

#include "pvh.h"

_Noreturn void probe_main(const struct pvh_start_info *info);

/* Three megabytes that are not in the file, data far from the start. */
static uint8_t zeros[3 << 20];
static volatile uint32_t marked[40000] = {
	[0] = 0x11223344, [39999] = 0x55667788};
static const uint64_t no_idt = 0;
static const uint8_t odd[] = "odd length";

static inline void out8(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static void put(const char *s)
{
	while (*s)
		out8(0x3f8, (uint8_t)*s++);
}

static void put_hex(const char *name, uint64_t v)
{
	int shift = 60;

	put(name);
	while (shift > 0 && !(v >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		out8(0x3f8, (uint8_t) "0123456789abcdef"[(v >> shift) & 15]);
}

static int rsdp_ok(uint64_t pa)
{
	const uint8_t *p = (const uint8_t *)(uint32_t)pa;
	uint8_t sum = 0;

	if (pa == 0 || pa > UINT32_MAX)
		return 0;
	for (unsigned i = 0; i < 20; i++)
		sum = (uint8_t)(sum + p[i]);
	return sum == 0 && p[0] == 'R' && p[1] == 'S' && p[2] == 'D';
}

static void put_memory(const struct pvh_start_info *info)
{
	const struct pvh_memmap *m = (const void *)(uint32_t)info->memmap_pa;
	uint64_t ram = 0, last = 0;
	int sorted = 1;

	for (uint32_t i = 0; i < info->nmemmap; i++) {
		if (m[i].type == PVH_RAM)
			ram += m[i].size;
		if (m[i].pa < last)
			sorted = 0;
		last = m[i].pa + m[i].size;
	}
	put_hex(" entries=0x", info->nmemmap);
	put_hex(" ram_mib=0x", ram >> 20);
	put(sorted ? " sorted" : " UNSORTED");
}

_Noreturn void probe_main(const struct pvh_start_info *info)
{
	uint32_t sum = 0, cr0, flags;

	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("pushfl; popl %0" : "=r"(flags));
	put("probe:");
	put(info->magic == PVH_MAGIC && info->version == 1 ? " info"
							   : " NO-INFO");
	put((uint32_t)info < 1u << 30 && info->memmap_pa < 1u << 30 ? " low"
								    : " HIGH");
	put_memory(info);
	put(rsdp_ok(info->rsdp_pa) ? " rsdp" : " NO-RSDP");
	for (uint32_t i = 0; i < sizeof(zeros) / 4; i++)
		sum |= ((const volatile uint32_t *)(const void *)zeros)[i];
	put(sum ? " DIRTY-BSS" : " bss");
	put(marked[0] == 0x11223344 && marked[39999] == 0x55667788 &&
				odd[9] == 'h'
			? " data"
			: " BAD-DATA");
	put(cr0 == 0x11 && !(flags & 0x200) ? " state" : " BAD-STATE");
	put("\n");
	__asm__ volatile("outw %w0, %w1" : : "a"(0x2000), "d"(0x604));
	for (;;) /* microvm: a triple fault */
		__asm__ volatile("lidt %0; int3" : : "m"(no_idt));
}
