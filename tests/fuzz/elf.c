/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of the ELF reader and of the note that a program carries. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "toolchain/elf.h"
#include "toolchain/note.h"
#include "toolchain/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads every byte that is handed out, so that the sanitizers look. */
static unsigned sum(const void *p, size_t len)
{
	const unsigned char *c = p;
	unsigned s = 0;

	while (c && len--)
		s += *c++;
	return s;
}

static void read_note(const struct elf *f)
{
	struct note note = {0};
	struct err e;
	size_t len, i;

	if (note_read(f, "fuzz", &note, &e) == 0) {
		for (i = 0; i < note.objects.n + 2; i++) {
			const void *p = note_object(f, i, &len);

			if (p)
				sum(p, len);
		}
	} else if (!memchr(e.msg, 0, sizeof(e.msg))) {
		abort();
	}
	note_free(&note);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symbols syms = {0};
	struct buf table = {0};
	struct note note = {0};
	Elf64_Shdr sh;
	Elf64_Phdr ph;
	struct elf f;
	struct err e;
	uint64_t value;
	size_t i, len;

	if (note_parse((const char *)data, size, &note, &e) == 0)
		note_free(&note);
	if (elf_init(&f, data, size, "fuzz", &e) < 0)
		return 0;
	for (i = 0; i < 1000 && elf_section(&f, i, &sh) == 0; i++) {
		sum(elf_section_name(&f, &sh), 1);
		len = 0;
		sum(elf_section_data(&f, &sh, &len), len);
	}
	for (i = 0; i < 1000 && elf_phdr(&f, i, &ph) == 0; i++)
		;
	elf_find_section(&f, ".text", &sh);
	symbols_read(&syms, &f);
	symbols_find(&syms, 0x100000);
	symbols_value(&f, "main", &value);
	symbols_table(&syms, 0x100000, 0x200000, &table);
	read_note(&f);
	symbols_free(&syms);
	buf_free(&table);
	return 0;
}
