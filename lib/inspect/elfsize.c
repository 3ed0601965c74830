/* SPDX-License-Identifier: Apache-2.0 */
/* Whose each byte of an ELF file is, as far as the file itself tells. */
#include <string.h>

#include "inspect/elfsize.h"
#include "inspect/linuxsize.h"
#include "inspect/spans.h"

/* Names of sections may overlap: together longer than the file. */
enum { NAME_MAX_SHOWN = 80 };

/* Packed data (toolchain/pack.h) has a segment that cannot be written to,
 * behind one that can. */
static const char *segment_name(const Elf64_Phdr *ph, unsigned n)
{
	if (ph->p_flags & PF_X)
		return "code";
	if (n == 2 && !(ph->p_flags & PF_W))
		return "packed data";
	if (n == 1)
		return "constants";
	return ph->p_flags & PF_W ? "data" : "constants";
}

/* Names of sections that are known by another name in a record. */
static const char *section_name(const struct elf *f, const Elf64_Shdr *sh)
{
	const char *name = elf_section_name(f, sh);

	if (!strcmp(name, ".keel.record"))
		return "boot record";
	if (sh->sh_type == SHT_STRTAB && sh->sh_offset > f->eh.e_phoff &&
		!strcmp(name, ".shstrtab"))
		return "headers";
	return *name ? name : "section without a name";
}

/*
 * In a stripped kernel the names for backtraces have no section; they are
 * what follows the boot record in its segment.
 */
static void add_symbols(struct spans *s, const struct elf *f)
{
	Elf64_Shdr record, own;
	Elf64_Phdr ph;

	if (elf_find_section(f, ".keel.record", &record) < 0 ||
		elf_find_section(f, ".keel.symbols", &own) == 0)
		return;
	for (size_t i = 0; elf_phdr(f, i, &ph) == 0; i++) {
		uint64_t end = record.sh_offset + record.sh_size;

		if (ph.p_type != PT_LOAD || end < ph.p_offset ||
			end >= ph.p_offset + ph.p_filesz)
			continue;
		spans_add(s, end, ph.p_offset + ph.p_filesz - end, "symbols");
		return;
	}
}

static json_t *from_file(const struct elf *f)
{
	_spans_ struct spans s = {0};
	unsigned n = 0;
	Elf64_Phdr ph;
	Elf64_Shdr sh;

	for (size_t i = 0; elf_phdr(f, i, &ph) == 0; i++)
		if (ph.p_type == PT_LOAD)
			spans_add(&s, ph.p_offset, ph.p_filesz, "%s",
				segment_name(&ph, n++));
	add_symbols(&s, f);
	linux_add_spans(&s, f);
	for (size_t i = 1; elf_section(f, i, &sh) == 0; i++)
		if (sh.sh_type != SHT_NOBITS && sh.sh_type != SHT_NULL)
			spans_add(&s, sh.sh_offset, sh.sh_size, "%.*s",
				NAME_MAX_SHOWN, section_name(f, &sh));
	spans_add(&s, 0, sizeof(f->eh), "headers");
	spans_add(&s, f->eh.e_phoff, f->nphdrs * sizeof(ph), "headers");
	if (f->eh.e_shoff)
		spans_add(&s, f->eh.e_shoff, f->nsections * sizeof(sh),
			"headers");
	return spans_components(&s, f->len, "padding");
}

void elf_set_components(json_t *o, const struct elf *f, json_t *record)
{
	json_t *list = json_object_get(record, "components");

	if (list)
		json_object_set(o, "components", list);
	else
		json_object_set_new(o, "components", from_file(f));
	json_object_set_new(o, "components_from",
		json_string(
			list ? "record of the link" : "segments and sections"));
}
