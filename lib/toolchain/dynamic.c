/* SPDX-License-Identifier: Apache-2.0 */
/* The dynamic section: strings, interpreter, symbols of others. */
#include "toolchain/dynamic.h"

#include <limits.h>
#include <string.h>

#include "core/mem.h"

static int in_file(const struct elf *f, const Elf64_Phdr *ph)
{
	return ph->p_offset <= f->len && ph->p_filesz <= f->len - ph->p_offset;
}

static const unsigned char *at_address(
	const struct elf *f, uint64_t va, size_t *left)
{
	Elf64_Phdr ph;

	for (size_t i = 0; i < f->nphdrs; i++) {
		if (elf_phdr(f, i, &ph) < 0 || ph.p_type != PT_LOAD ||
			va < ph.p_vaddr || va - ph.p_vaddr >= ph.p_filesz)
			continue;
		if (!in_file(f, &ph))
			return NULL;
		*left = (size_t)(ph.p_filesz - (va - ph.p_vaddr));
		return f->data + ph.p_offset + (va - ph.p_vaddr);
	}
	return NULL;
}

int dynamic_open(const struct elf *f, struct dynamic *d)
{
	Elf64_Phdr ph;
	Elf64_Dyn dyn;

	*d = (struct dynamic){0};
	for (size_t i = 0; i < f->nphdrs; i++) {
		if (elf_phdr(f, i, &ph) < 0 || ph.p_type != PT_DYNAMIC ||
			!in_file(f, &ph))
			continue;
		d->entries = f->data + ph.p_offset;
		d->n = ph.p_filesz / sizeof(dyn);
	}
	for (size_t i = 0; i < d->n; i++) {
		memcpy(&dyn, d->entries + i * sizeof(dyn), sizeof(dyn));
		if (dyn.d_tag == DT_STRTAB)
			d->strings = (const char *)at_address(
				f, dyn.d_un.d_ptr, &d->nstrings);
	}
	return d->strings != NULL;
}

int dynamic_each(const struct dynamic *d, int64_t tag, dynamic_fn *fn,
	void *arg, struct err *e)
{
	Elf64_Dyn dyn;
	int r = 0;

	if (!d->entries || !d->strings)
		return 0;
	for (size_t i = 0; i < d->n && r == 0; i++) {
		memcpy(&dyn, d->entries + i * sizeof(dyn), sizeof(dyn));
		if (dyn.d_tag == DT_NULL)
			break;
		if (dyn.d_tag != tag || dyn.d_un.d_val >= d->nstrings ||
			!memchr(d->strings + dyn.d_un.d_val, 0,
				d->nstrings - dyn.d_un.d_val))
			continue;
		r = fn(d->strings + dyn.d_un.d_val, arg, e);
	}
	return r;
}

static int take_first(const char *s, void *arg, struct err *e)
{
	(void)e;
	*(const char **)arg = s;
	return 1;
}

const char *dynamic_string(const struct dynamic *d, int64_t tag)
{
	const char *s = NULL;
	struct err ignored;

	dynamic_each(d, tag, take_first, &s, &ignored);
	return s;
}

char *dynamic_interpreter(const struct elf *f)
{
	Elf64_Phdr ph;

	for (size_t i = 0; i < f->nphdrs; i++) {
		if (elf_phdr(f, i, &ph) < 0 || ph.p_type != PT_INTERP ||
			ph.p_filesz >= PATH_MAX || !in_file(f, &ph))
			continue;
		return xstrndup((const char *)f->data + ph.p_offset,
			(size_t)ph.p_filesz);
	}
	return NULL;
}

void dynamic_wanted(const struct elf *f, dynamic_symbol_fn *fn, void *arg)
{
	Elf64_Shdr syms, strings;
	const unsigned char *p;
	const char *names;
	size_t len, names_len;
	Elf64_Sym sym;

	if (elf_find_section(f, ".dynsym", &syms) < 0 ||
		elf_section(f, syms.sh_link, &strings) < 0)
		return;
	p = elf_section_data(f, &syms, &len);
	names = elf_section_data(f, &strings, &names_len);
	for (size_t i = 0; p && names && i + sizeof(sym) <= len;
		i += sizeof(sym)) {
		memcpy(&sym, p + i, sizeof(sym));
		if (sym.st_shndx == SHN_UNDEF)
			fn(elf_string(names, names_len, sym.st_name), arg);
	}
}
