/* SPDX-License-Identifier: Apache-2.0 */
/* Page tables of x86_64: what boot.S hands over, and what becomes of it. */
#ifndef ARCH_X86_64_PAGING_H
#define ARCH_X86_64_PAGING_H

#include "kern/types.h"

/*
 * Handover. boot.S enters C with EFER.NXE and CR0.WP set and CR3 at tables
 * (outside of what boot_info gives as free: below image_end_pa) that hold
 *  - in slot 0 of the top level the identity map: gone after paging_init;
 *  - the image at boot_info.image_va by 4 KiB pages, linear from image_pa;
 *    the rights may be loose, paging_init sets them from the symbols below;
 *  - the direct map of the first GiB at arch_direct_base by 2 MiB pages,
 *    no-execute. arch_direct_base is a multiple of 512 GiB (one slot of
 *    the top level) in the high half, else any: boot.S may draw it. The
 *    lower tables may be those of the identity map (NX in the top entry).
 * More of the direct map is made when page.c first needs that memory, so
 * firmware tables beyond the first GiB are read through arch_map_device.
 *
 * Order: page_init(), paging_init(), vma_init(); all before threads, and
 * page_init before anything that allocates.
 *
 * keel.ld defines these, page-aligned and in this order. Relocated constants
 * (.data.rel.ro, .got) belong to rodata: they are relocated by then.
 *   keel_text_start .. keel_text_end      read, execute
 *   keel_text_end .. keel_data_start      read
 *   keel_data_start .. keel_image_end     read, write (data, bss)
 */
extern char keel_text_start[], keel_text_end[], keel_data_start[],
	keel_image_end[];

/* Sets the image's rights, also in the direct map; ends the identity map. */
void paging_init(void);

/*
 * Where to go on after a fault at `rip` in code that expects faults (an
 * entry of `.keel.extable`: two 32-bit self-relative addresses, the
 * faulting instruction and its fix-up), or 0. keel.ld puts the section
 * between keel_extable_start and keel_extable_end, in rodata, with KEEP.
 */
uint64_t extable_find(uint64_t rip);

#endif
