/* SPDX-License-Identifier: Apache-2.0 */
/* The start of the machine: constants of entry.S, steps of start.c. */
#ifndef ARCH_X86_64_START_H
#define ARCH_X86_64_START_H

#define BOOT_BASE      0x1001e0 /* 1 MiB, the ELF headers, the note */
#define BOOT_CS64      0x08
#define BOOT_DS        0x10
#define BOOT_CS32      0x18
#define BOOT_STACK     0x3000 /* after the image and three tables */
#define BOOT_STACK_TOP 0x5000

#define PTE_P  (1 << 0)
#define PTE_W  (1 << 1)
#define PTE_PS (1 << 7)
#define PTE_NX (1UL << 63)

#define CR0_PE         (1 << 0)
#define CR0_MP         (1 << 1)
#define CR0_ET         (1 << 4)
#define CR0_NE         (1 << 5)
#define CR0_WP         (1 << 16)
#define CR0_PG         (1 << 31)
#define CR4_PAE        (1 << 5)
#define CR4_OSFXSR     (1 << 9)
#define CR4_OSXMMEXCPT (1 << 10)
#define CR4_FSGSBASE   (1 << 16)
#define CR4_OSXSAVE    (1 << 18)
#define MSR_EFER       0xc0000080
#define EFER_LME       (1 << 8)
#define EFER_NXE       (1 << 11)
#define MSR_FS_BASE    0xc0000100
#define MSR_GS_BASE    0xc0000101

#ifndef __ASSEMBLER__
#include "kern/types.h"

/*
 * Called by entry.S at physical addresses, identity-mapped, on the boot
 * stack: reads what the loader gave, takes memory after the image for the
 * record, draws the addresses, makes the page tables of paging.h, relocates
 * the image and goes on in kern_main at its new address.
 */
noreturn void boot_early(uint64_t info_pa);

/* Unpacks initialised data, if the file has it so. unpack.c. */
void image_unpack(void);

noreturn void boot_jump(uint64_t target, uint64_t stack);

/* Fills boot_info from a hvm_start_info or boot_params; the command line
 * stays where the loader put it (*cmdline_pa, 0: none). handover.c. */
void handover_read(uint64_t info_pa, uint64_t *cmdline_pa);

/* Memory after the image, zeroed if `size` is up to a page; only before
 * kern_main. */
void *boot_early_alloc(uint64_t size);

/* Copies an initrd that is urunit's configuration (kern/cmdline.h) to
 * boot_initrd_pa; in programs that can use it. initrd.c. */
void boot_keep_initrd(uint64_t info_pa);

/* GDT, TSS, IDT, GS base, SSE and AVX of this CPU. cpu.c, trap.c. */
void cpu_init(void);
void trap_init(void);
/* Maps guarded stacks, needs page_alloc: the kernel stack's top, to go on
 * with by boot_jump; the boot stack's pages become the IST stacks. */
uint64_t cpu_map_stacks(void);

#endif
#endif
