/* SPDX-License-Identifier: Apache-2.0 */
/* Does a kernel fit into the memory that its machine would have? */
#include "vm/fit.h"

#include <errno.h>

#include "toolchain/elf.h"

#define MIB (1ULL << 20)

/* What a kernel needs behind its image before it can say anything: early
 * page tables, its first stack. */
#define EARLY_BYTES (256ULL << 10)

int vm_kernel_fits(const char *kernel, uint64_t memory, struct err *e)
{
	_elf_ struct elf f = {0};
	struct err ignored = {0};
	uint64_t end = 0;
	Elf64_Phdr ph;

	/* A file that is no kernel is QEMU's to refuse. */
	if (elf_open(&f, kernel, &ignored) < 0)
		return 0;
	for (size_t i = 0; i < f.nphdrs && elf_phdr(&f, i, &ph) == 0; i++) {
		if (ph.p_type == PT_LOAD && ph.p_memsz < UINT64_MAX / 2 &&
			ph.p_paddr < UINT64_MAX / 2 &&
			ph.p_paddr + ph.p_memsz > end)
			end = ph.p_paddr + ph.p_memsz;
	}
	if (!end || end + EARLY_BYTES <= memory)
		return 0;
	return err_set(e, -ENOMEM,
		"not enough memory: %ju MiB given, %ju MiB needed",
		(uintmax_t)(memory / MIB),
		(uintmax_t)((end + EARLY_BYTES + MIB - 1) / MIB));
}
