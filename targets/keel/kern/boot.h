/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot code found: memory, image, command line, boot record. */
#ifndef KERN_BOOT_H
#define KERN_BOOT_H

#include "abi/record.h"
#include "kern/types.h"

enum { BOOT_MEM_MAX = 64 };

struct boot_mem {
	uint64_t pa, size;
	uint32_t type; /* 1: usable memory; else E820 numbers */
};

struct boot_info {
	struct boot_mem mem[BOOT_MEM_MAX]; /* sorted, no overlaps */
	unsigned nmem;
	uint64_t image_pa, image_end_pa; /* image, then early page tables */
	uint64_t image_va;               /* where the image runs */
	uint64_t rsdp_pa;                /* 0: none given */
	uint64_t start_cycles;           /* arch_cycles() of the start */
	const char *cmdline;             /* "" if none */
};
extern struct boot_info boot_info;

/* A text that came as an initrd (kern/cmdline.h); size 0: none. In programs
 * that refer to it. */
extern uint64_t boot_initrd_pa, boot_initrd_size;

/* Value of KEY=VALUE on the command line, the nth (from 0) such; the
 * length up to the next space, or -ENOENT. */
int boot_option(const char *key, unsigned nth, const char **value);

/* The record (fw_cfg first, else built in), checked; walks its items. */
const struct record_header *boot_record(void);
const struct record_item *record_next(const struct record_item *after,
	uint32_t type); /* after NULL: the first; NULL: no more */
static inline const void *record_data(const struct record_item *i)
{
	return i + 1;
}
uint64_t record_flags(void);

/*
 * Random numbers of the boot: a keyed hash over all entropy that is there
 * at the start (RDSEED, RDRAND, RECORD_SEED, jitter). For layout, AT_RANDOM
 * and to seed drivers/random.c; what one number is tells nothing of others.
 */
uint64_t boot_random(void);
void boot_random_add(uint64_t v);

#endif
