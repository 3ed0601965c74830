/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of ELF64 files, little endian. Trusts nothing in the file. */
#ifndef TOOLCHAIN_ELF_H
#define TOOLCHAIN_ELF_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * A view of a file in memory. Every offset and size that the file gives is
 * checked against its length when it is used; tables may be unaligned.
 */
struct elf {
	const unsigned char *data; /* not owned unless elf_open made it */
	size_t len;
	int mapped;
	Elf64_Ehdr eh;
	size_t nsections; /* as far as the file has them, e_shnum extended */
	size_t nphdrs;
	const char *names; /* section names; names_len bytes */
	size_t names_len;
};

/* Checks the header and the tables' places. `what` names it in errors. */
int elf_init(struct elf *f, const void *data, size_t len, const char *what,
	struct err *e);
/* Maps a file; elf_close unmaps. */
int elf_open(struct elf *f, const char *path, struct err *e);
void elf_close(struct elf *f);
#define _elf_ __attribute__((cleanup(elf_close)))

/* Copies entry i; -EINVAL if there is none. */
int elf_section(const struct elf *f, size_t i, Elf64_Shdr *out);
int elf_phdr(const struct elf *f, size_t i, Elf64_Phdr *out);
/* The string at `off` of a string table; "" if it does not end inside. */
const char *elf_string(const char *table, size_t len, size_t off);
/* The name, always terminated inside the file; "" if it is broken. */
const char *elf_section_name(const struct elf *f, const Elf64_Shdr *s);
/* The bytes of a section, NULL if they are not all in the file (or NOBITS). */
const void *elf_section_data(
	const struct elf *f, const Elf64_Shdr *s, size_t *len);
/* First section of this name; -ENOENT. */
int elf_find_section(const struct elf *f, const char *name, Elf64_Shdr *out);

/*
 * Walks the symbol table (SHT_SYMTAB). Start with all zero; returns 1 and
 * fills sym and name, or 0 at the end.
 */
struct elf_symbols {
	const unsigned char *syms;
	size_t n, i;
	const char *names;
	size_t names_len;
	int started;
};
int elf_next_symbol(const struct elf *f, struct elf_symbols *it, Elf64_Sym *sym,
	const char **name);

/* Description of the note `name`/`type` in a section, or NULL. */
const void *elf_find_note(const struct elf *f, const char *section,
	const char *name, uint32_t type, size_t *len);

#endif
