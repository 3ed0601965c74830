/* SPDX-License-Identifier: Apache-2.0 */
/* The references of a kernel that was linked with --emit-relocs. */
#include "toolchain/relocs.h"

#include <string.h>

/* Where a relocation leads; 0 if it is not known. */
static uint64_t reloc_target(const Elf64_Sym *sym, const Elf64_Rela *rela)
{
	uint64_t target = sym->st_value;

	if (sym->st_shndx == SHN_UNDEF || sym->st_shndx == SHN_ABS)
		return 0;
	if (ELF64_ST_TYPE(sym->st_info) != STT_SECTION)
		return target;
	target += (uint64_t)rela->r_addend;
	switch (ELF64_R_TYPE(rela->r_info)) {
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
	case R_X86_64_GOTPCREL:
	case R_X86_64_GOTPCRELX:
	case R_X86_64_REX_GOTPCRELX:
		target += 4; /* relative to the end of the field */
		break;
	}
	return target;
}

static void read_section(
	const struct elf *f, const Elf64_Shdr *sh, relocs_fn *fn, void *arg)
{
	const unsigned char *rela, *syms;
	const char *names = NULL;
	Elf64_Shdr symtab, target, strings;
	size_t len, syms_len, names_len = 0, i;

	if (elf_section(f, sh->sh_link, &symtab) < 0 ||
		elf_section(f, sh->sh_info, &target) < 0 ||
		!(target.sh_flags & SHF_ALLOC))
		return;
	rela = elf_section_data(f, sh, &len);
	syms = elf_section_data(f, &symtab, &syms_len);
	if (elf_section(f, symtab.sh_link, &strings) == 0)
		names = elf_section_data(f, &strings, &names_len);
	if (!rela || !syms)
		return;
	for (i = 0; i + sizeof(Elf64_Rela) <= len; i += sizeof(Elf64_Rela)) {
		Elf64_Rela r;
		Elf64_Sym sym;
		uint64_t to;
		size_t off;

		memcpy(&r, rela + i, sizeof(r));
		off = ELF64_R_SYM(r.r_info) * sizeof(sym);
		if (off + sizeof(sym) > syms_len)
			continue;
		memcpy(&sym, syms + off, sizeof(sym));
		to = reloc_target(&sym, &r);
		if (to)
			fn(arg, r.r_offset, to,
				elf_string(names, names_len, sym.st_name));
	}
}

void relocs_each(const struct elf *f, relocs_fn *fn, void *arg)
{
	Elf64_Shdr sh;
	size_t i;

	for (i = 1; elf_section(f, i, &sh) == 0; i++)
		if (sh.sh_type == SHT_RELA &&
			sh.sh_entsize == sizeof(Elf64_Rela))
			read_section(f, &sh, fn, arg);
}
