/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a stripped kernel as short as its segments. */
#include "toolchain/shrink.h"

#include <errno.h>
#include <string.h>

#include "toolchain/elf.h"

/* Null, the section that is kept, names. */
static void add_table(struct buf *file, Elf64_Ehdr *eh, const char *keep,
	const Elf64_Shdr *section)
{
	static const char strtab[] = ".shstrtab";
	Elf64_Shdr sh[3] = {
		{0}, *section, {.sh_type = SHT_STRTAB, .sh_addralign = 1}};

	sh[1].sh_name = 1;
	sh[2].sh_name = (Elf64_Word)(1 + strlen(keep) + 1);
	sh[2].sh_offset = file->len;
	buf_add_zero(file, 1);
	buf_add(file, keep, strlen(keep) + 1);
	buf_add(file, strtab, sizeof(strtab));
	sh[2].sh_size = file->len - sh[2].sh_offset;
	buf_add_zero(file, -file->len & 7);
	eh->e_shoff = file->len;
	eh->e_shnum = 3;
	eh->e_shstrndx = 2;
	buf_add(file, sh, sizeof(sh));
}

int shrink_sections(struct buf *file, const char *keep, struct err *e)
{
	_elf_ struct elf f = {0};
	Elf64_Shdr section;
	Elf64_Ehdr eh;
	uint64_t end = sizeof(eh);
	int found, r;

	r = elf_init(&f, file->data, file->len, "kernel", e);
	if (r < 0)
		return r;
	eh = f.eh;
	for (size_t i = 0; i < f.nphdrs; i++) {
		Elf64_Phdr ph;

		r = elf_phdr(&f, i, &ph);
		if (r < 0 || ph.p_offset > file->len ||
			ph.p_filesz > file->len - ph.p_offset)
			return err_set(e, -EINVAL, "kernel: bad segment");
		if (ph.p_offset + ph.p_filesz > end)
			end = ph.p_offset + ph.p_filesz;
	}
	found = elf_find_section(&f, keep, &section) == 0;
	file->len = end;
	eh.e_shoff = eh.e_shnum = eh.e_shstrndx = 0;
	if (found)
		add_table(file, &eh, keep, &section);
	memcpy(file->data, &eh, sizeof(eh));
	return 0;
}
