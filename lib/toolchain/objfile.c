/* SPDX-License-Identifier: Apache-2.0 */
/* Writes small ELF64 objects: sections of given bytes, for the linker. */
#include "toolchain/objfile.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/mem.h"

static void pad_to(struct buf *b, size_t align)
{
	if (align > 1 && b->len % align)
		buf_add_zero(b, align - b->len % align);
}

static void add_section(
	struct buf *b, Elf64_Shdr *sh, const struct objfile_section *s)
{
	pad_to(b, s->align);
	sh->sh_type = s->type;
	sh->sh_flags = s->flags;
	sh->sh_addralign = s->align ? s->align : 1;
	sh->sh_offset = b->len;
	sh->sh_size = s->len;
	buf_add(b, s->data, s->len);
}

/* Section 0 is null, then the given ones, .note.GNU-stack, names. */
static void build(struct buf *b, const struct objfile_section *s, size_t n)
{
	const struct objfile_section stack = {
		".note.GNU-stack", SHT_PROGBITS, 0, 1, "", 0};
	struct objfile_section strings = {".shstrtab", SHT_STRTAB, 0, 1, 0, 0};
	_buf_ struct buf names = {0};
	_free_ Elf64_Shdr *sh = xcalloc(n + 3, sizeof(*sh));
	Elf64_Ehdr eh = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			ELFDATA2LSB, EV_CURRENT},
		.e_type = ET_REL,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = (Elf64_Half)(n + 3),
		.e_shstrndx = (Elf64_Half)(n + 2),
	};
	size_t i;

	buf_add_zero(b, sizeof(eh));
	buf_add_zero(&names, 1);
	for (i = 1; i < n + 3; i++) {
		const struct objfile_section *one = i <= n       ? &s[i - 1]
						    : i == n + 1 ? &stack
								 : &strings;

		sh[i].sh_name = (Elf64_Word)names.len;
		buf_add(&names, one->name, strlen(one->name) + 1);
		if (one == &strings) {
			strings.data = names.data;
			strings.len = names.len;
		}
		add_section(b, &sh[i], one);
	}
	pad_to(b, 8);
	eh.e_shoff = b->len;
	memcpy(b->data, &eh, sizeof(eh));
	buf_add(b, sh, (n + 3) * sizeof(*sh));
}

int objfile_write(const char *path, const struct objfile_section *s, size_t n,
	struct err *e)
{
	_buf_ struct buf b = {0};
	_close_ int fd = -1;

	build(&b, s, n);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_errno(e, "open %s", path);
	return file_write_all(fd, b.data, b.len, e);
}
