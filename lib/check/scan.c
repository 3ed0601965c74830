/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the system calls in the machine code of a static x86_64 program. */
#include <string.h>

#include "check/check.h"
#include "toolchain/symbols.h"

/* Bytes before the instruction in which its number is looked for. */
enum { WINDOW = 48 };

/*
 * The number is what was put in EAX last: mov $N,%eax (b8 N), mov $N,%rax
 * (48 c7 c0 N) or xor %eax,%eax (31 c0). -1 if nothing of these is near.
 * The code is not taken apart: a number may be missed or be an old one.
 */
static long number_before(const unsigned char *p, size_t at)
{
	size_t low = at > WINDOW ? at - WINDOW : 0, i;
	int32_t n;

	for (i = at; i-- > low;) {
		if (p[i] == 0xb8 && i + 5 <= at) {
			memcpy(&n, p + i + 1, 4);
			if (n >= 0 && n < 1024)
				return n;
		}
		if (i + 7 <= at && p[i] == 0x48 && p[i + 1] == 0xc7 &&
			p[i + 2] == 0xc0) {
			memcpy(&n, p + i + 3, 4);
			if (n >= 0 && n < 1024)
				return n;
		}
		if (i + 2 <= at && p[i] == 0x31 && p[i + 1] == 0xc0)
			return 0;
	}
	return -1;
}

static void scan_segment(const struct elf *f, const Elf64_Phdr *ph,
	const struct symbols *syms, scan_fn *fn, void *arg)
{
	const unsigned char *p = f->data + ph->p_offset;

	for (size_t i = 0; i + 2 <= ph->p_filesz; i++) {
		const struct symbol *sym;

		if (p[i] != 0x0f || p[i + 1] != 0x05)
			continue;
		sym = symbols_find(syms, ph->p_vaddr + i);
		fn(arg, number_before(p, i), sym ? sym->name : "");
	}
}

void scan_calls(const struct elf *f, scan_fn *fn, void *arg)
{
	_symbols_ struct symbols syms = {0};
	Elf64_Phdr ph;

	symbols_read(&syms, f);
	for (size_t i = 0; elf_phdr(f, i, &ph) == 0; i++)
		if (ph.p_type == PT_LOAD && ph.p_flags & PF_X &&
			ph.p_offset <= f->len &&
			ph.p_filesz <= f->len - ph.p_offset)
			scan_segment(f, &ph, &syms, fn, arg);
}
