/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that a kernel can be started by PVH from our disk. */
#include "disk/pvh.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"

/* As in the loaders (targets/keel/arch/x86_64/boot). */
#define LOW  0x100000ull
#define HIGH 0xc0000000ull
enum { PHNUM_MAX = 32, LOAD_MAX = 16, NOTE_MAX = 4096, XEN_PHYS32_ENTRY = 18 };

static int in_file(uint64_t off, uint64_t n, uint64_t size)
{
	return off <= size && n <= size - off;
}

/* The entry in a note segment and where it is, 0 if there is none. */
static uint32_t note_entry(const uint8_t *p, uint64_t size, uint64_t *where)
{
	uint64_t at = 0;

	while (size - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr n;
		uint64_t name = at + sizeof(n), desc, next;
		uint32_t entry;

		memcpy(&n, p + at, sizeof(n));
		desc = name + ((n.n_namesz + 3ull) & ~3ull);
		next = desc + ((n.n_descsz + 3ull) & ~3ull);
		if (next > size)
			return 0;
		if (n.n_type == XEN_PHYS32_ENTRY && n.n_namesz == 4 &&
			n.n_descsz >= 4 && memcmp(p + name, "Xen", 4) == 0) {
			memcpy(&entry, p + desc, 4);
			*where = desc;
			return entry;
		}
		at = next;
	}
	return 0;
}

static int check_load(const Elf64_Phdr *ph, uint64_t file_size,
	struct pvh_info *info, struct err *e)
{
	if (ph->p_filesz > ph->p_memsz ||
		!in_file(ph->p_offset, ph->p_filesz, file_size))
		return err_set(e, -EINVAL, "a segment is outside the file");
	if (ph->p_paddr < LOW || ph->p_paddr >= HIGH ||
		ph->p_memsz > HIGH - ph->p_paddr)
		return err_set(
			e, -EINVAL, "a segment is not between 1 MiB and 3 GiB");
	if (!info->high || ph->p_paddr < info->low)
		info->low = ph->p_paddr;
	if (ph->p_paddr + ph->p_memsz > info->high)
		info->high = ph->p_paddr + ph->p_memsz;
	return 0;
}

int pvh_parse(const uint8_t *p, size_t len, struct pvh_info *out, struct err *e)
{
	struct pvh_info info = {0};
	Elf64_Ehdr h;
	unsigned nload = 0;
	int r;

	if (len < sizeof(h) || memcmp(p, ELFMAG, SELFMAG) != 0)
		return err_set(e, -EINVAL, "not an ELF file");
	memcpy(&h, p, sizeof(h));
	if (h.e_ident[EI_CLASS] != ELFCLASS64 ||
		h.e_ident[EI_DATA] != ELFDATA2LSB || h.e_machine != EM_X86_64)
		return err_set(e, -EINVAL, "not an ELF file for x86-64");
	if (h.e_phentsize != sizeof(Elf64_Phdr) || h.e_phnum == 0 ||
		h.e_phnum > PHNUM_MAX ||
		!in_file(h.e_phoff, h.e_phnum * sizeof(Elf64_Phdr), len))
		return err_set(e, -EINVAL, "bad ELF program headers");
	for (unsigned i = 0; i < h.e_phnum; i++) {
		Elf64_Phdr ph;

		memcpy(&ph, p + h.e_phoff + i * sizeof(ph), sizeof(ph));
		if (ph.p_type == PT_NOTE && !info.entry &&
			ph.p_filesz <= NOTE_MAX &&
			in_file(ph.p_offset, ph.p_filesz, len)) {
			info.entry = note_entry(
				p + ph.p_offset, ph.p_filesz, &info.entry_at);
			info.entry_at += ph.p_offset;
		}
		if (ph.p_type != PT_LOAD || ph.p_memsz == 0)
			continue;
		if (++nload > LOAD_MAX)
			return err_set(
				e, -EINVAL, "more than %d segments", LOAD_MAX);
		r = check_load(&ph, len, &info, e);
		if (r < 0)
			return r;
	}
	if (!info.entry)
		return err_set(
			e, -EINVAL, "no PVH entry (ELF note \"Xen\", type 18)");
	if (info.entry < info.low || info.entry >= info.high)
		return err_set(e, -EINVAL,
			"the PVH entry 0x%x is outside the segments",
			info.entry);
	*out = info;
	return 0;
}

int pvh_read(
	const char *path, uint64_t *size, struct pvh_info *out, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, "open %s", path);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return err_set(e, -EINVAL, "%s: not a kernel", path);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_errno(e, "read %s", path);
	r = pvh_parse(p, (size_t)st.st_size, out, e);
	munmap(p, (size_t)st.st_size);
	if (r < 0)
		return err_wrap(e, "%s: not a kernel", path);
	if (size)
		*size = (uint64_t)st.st_size;
	return 0;
}
