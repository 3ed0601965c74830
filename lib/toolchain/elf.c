/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of ELF64 files, little endian. Trusts nothing in the file. */
#include "toolchain/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"

/* True if [off, off + n * size) is inside the file. */
static int inside(const struct elf *f, uint64_t off, uint64_t n, uint64_t size)
{
	uint64_t all;

	if (__builtin_mul_overflow(n, size, &all))
		return 0;
	return off <= f->len && all <= f->len - off;
}

static int bad(struct err *e, const char *what, const char *why)
{
	return err_set(e, -EINVAL, "%s: %s", what, why);
}

/* The number of sections and the index of their names may not fit in the
 * header; then section 0 has them. */
static int read_counts(
	struct elf *f, size_t *names, const char *what, struct err *e)
{
	Elf64_Shdr first;

	f->nphdrs = f->eh.e_phnum;
	f->nsections = f->eh.e_shnum;
	*names = f->eh.e_shstrndx;
	if (!f->eh.e_shoff) {
		f->nsections = 0;
		return 0;
	}
	if (f->eh.e_shentsize != sizeof(Elf64_Shdr) ||
		!inside(f, f->eh.e_shoff, 1, sizeof(first)))
		return bad(e, what, "broken section table");
	memcpy(&first, f->data + f->eh.e_shoff, sizeof(first));
	if (!f->nsections)
		f->nsections = first.sh_size;
	if (*names == SHN_XINDEX)
		*names = first.sh_link;
	if (f->eh.e_phnum == PN_XNUM)
		f->nphdrs = first.sh_info;
	if (!inside(f, f->eh.e_shoff, f->nsections, sizeof(first)))
		return bad(e, what, "section table is not in the file");
	return 0;
}

int elf_init(struct elf *f, const void *data, size_t len, const char *what,
	struct err *e)
{
	struct elf out = {.data = data, .len = len};
	Elf64_Shdr sh;
	size_t names;
	int r;

	if (len < sizeof(out.eh) || memcmp(data, ELFMAG, SELFMAG) != 0)
		return bad(e, what, "not an ELF file");
	memcpy(&out.eh, data, sizeof(out.eh));
	if (out.eh.e_ident[EI_CLASS] != ELFCLASS64 ||
		out.eh.e_ident[EI_DATA] != ELFDATA2LSB)
		return bad(e, what, "not a 64-bit little-endian ELF file");
	r = read_counts(&out, &names, what, e);
	if (r < 0)
		return r;
	if (out.nphdrs && (out.eh.e_phentsize != sizeof(Elf64_Phdr) ||
				  !inside(&out, out.eh.e_phoff, out.nphdrs,
					  sizeof(Elf64_Phdr))))
		return bad(e, what, "program headers are not in the file");
	if (elf_section(&out, names, &sh) == 0)
		out.names = elf_section_data(&out, &sh, &out.names_len);
	*f = out;
	return 0;
}

int elf_open(struct elf *f, const char *path, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;
	int r;

	if (fd < 0)
		return err_errno(e, "open %s", path);
	if (fstat(fd, &st) < 0)
		return err_errno(e, "stat %s", path);
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(Elf64_Ehdr))
		return bad(e, path, "not an ELF file");
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_errno(e, "map %s", path);
	r = elf_init(f, p, (size_t)st.st_size, path, e);
	if (r < 0)
		munmap(p, (size_t)st.st_size);
	else
		f->mapped = 1;
	return r;
}

void elf_close(struct elf *f)
{
	/* munmap takes the address as it came from mmap. */
	if (f->mapped)
		munmap((void *)(uintptr_t)f->data, f->len);
	*f = (struct elf){0};
}

int elf_section(const struct elf *f, size_t i, Elf64_Shdr *out)
{
	if (i >= f->nsections)
		return -EINVAL;
	memcpy(out, f->data + f->eh.e_shoff + i * sizeof(*out), sizeof(*out));
	return 0;
}

int elf_phdr(const struct elf *f, size_t i, Elf64_Phdr *out)
{
	if (i >= f->nphdrs)
		return -EINVAL;
	memcpy(out, f->data + f->eh.e_phoff + i * sizeof(*out), sizeof(*out));
	return 0;
}

const char *elf_string(const char *table, size_t len, size_t off)
{
	if (!table || off >= len || !memchr(table + off, 0, len - off))
		return "";
	return table + off;
}

const char *elf_section_name(const struct elf *f, const Elf64_Shdr *s)
{
	return elf_string(f->names, f->names_len, s->sh_name);
}

const void *elf_section_data(
	const struct elf *f, const Elf64_Shdr *s, size_t *len)
{
	if (s->sh_type == SHT_NOBITS || s->sh_type == SHT_NULL ||
		!inside(f, s->sh_offset, 1, s->sh_size))
		return NULL;
	*len = s->sh_size;
	return f->data + s->sh_offset;
}

int elf_find_section(const struct elf *f, const char *name, Elf64_Shdr *out)
{
	Elf64_Shdr s;
	size_t i;

	for (i = 1; elf_section(f, i, &s) == 0; i++) {
		if (!strcmp(elf_section_name(f, &s), name)) {
			*out = s;
			return 0;
		}
	}
	return -ENOENT;
}

static void start_symbols(const struct elf *f, struct elf_symbols *it)
{
	Elf64_Shdr s, strings;
	size_t i, len;

	it->started = 1;
	for (i = 1; elf_section(f, i, &s) == 0; i++) {
		if (s.sh_type != SHT_SYMTAB ||
			s.sh_entsize != sizeof(Elf64_Sym))
			continue;
		it->syms = elf_section_data(f, &s, &len);
		if (it->syms)
			it->n = len / sizeof(Elf64_Sym);
		if (elf_section(f, s.sh_link, &strings) == 0)
			it->names =
				elf_section_data(f, &strings, &it->names_len);
		return;
	}
}

int elf_next_symbol(const struct elf *f, struct elf_symbols *it, Elf64_Sym *sym,
	const char **name)
{
	if (!it->started)
		start_symbols(f, it);
	if (it->i >= it->n)
		return 0;
	memcpy(sym, it->syms + it->i++ * sizeof(*sym), sizeof(*sym));
	*name = elf_string(it->names, it->names_len, sym->st_name);
	return 1;
}

static size_t round4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

const void *elf_find_note(const struct elf *f, const char *section,
	const char *name, uint32_t type, size_t *len)
{
	const unsigned char *p;
	Elf64_Shdr s;
	Elf64_Nhdr nh;
	size_t left, nlen = strlen(name) + 1;

	if (elf_find_section(f, section, &s) < 0)
		return NULL;
	p = elf_section_data(f, &s, &left);
	while (p && left >= sizeof(nh)) {
		memcpy(&nh, p, sizeof(nh));
		p += sizeof(nh);
		left -= sizeof(nh);
		if (nh.n_namesz > left || round4(nh.n_namesz) > left ||
			nh.n_descsz > left - round4(nh.n_namesz))
			return NULL;
		if (nh.n_type == type && nh.n_namesz == nlen &&
			!memcmp(p, name, nlen)) {
			*len = nh.n_descsz;
			return p + round4(nh.n_namesz);
		}
		p += round4(nh.n_namesz);
		left -= round4(nh.n_namesz);
		if (round4(nh.n_descsz) > left)
			return NULL;
		p += round4(nh.n_descsz);
		left -= round4(nh.n_descsz);
	}
	return NULL;
}
