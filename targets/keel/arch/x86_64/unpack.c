/* SPDX-License-Identifier: Apache-2.0 */
/* The initialised data of a kernel file that holds it packed. */
#include "arch/x86_64/paging.h"
#include "arch/x86_64/start.h"
#include "kern/lz4.h"

#include <linux/elf.h>

extern char keel_pack_start[];

/*
 * In such a file (lib/toolchain/pack.h) the segment of the constants
 * reserves the place of all data, and that of the data is an LZ4 block
 * behind the image. The headers, which the C library shows the program,
 * are made what keel.ld says.
 */
void image_unpack(void)
{
	const Elf64_Ehdr *eh = (const Elf64_Ehdr *)keel_text_start;
	Elf64_Phdr *data = (Elf64_Phdr *)(keel_text_start + eh->e_phoff) + 3;
	Elf64_Phdr *constants = data - 1;

	if (data->p_vaddr == (uint64_t)keel_data_start)
		return;
	lz4_unpack((const uint8_t *)data->p_vaddr, data->p_filesz,
		keel_pack_start);
	constants->p_flags = PF_R;
	constants->p_filesz = constants->p_memsz =
		(uint64_t)keel_data_start - constants->p_vaddr;
	data->p_flags = PF_R | PF_W;
	data->p_vaddr = data->p_paddr = (uint64_t)keel_data_start;
	data->p_memsz = keel_image_end - keel_data_start;
}
