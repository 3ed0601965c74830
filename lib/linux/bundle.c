/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a Linux kernel and its initramfs into one ELF file. */
#include "linux/bundle.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"
#include "disk/pvh.h"

enum {
	PAGE = 4096,
	LARGE_PAGE = 2 << 20,
	PHDRS_MAX = 16,
	STUB_MAX = 1024,
	/* As targets/linux/arch/x86_64/stub.S has them. */
	STUB_ENTRY = 0,
	STUB_MODULE = 8,
	STUB_CMDLINE = 40,
	STUB_CODE = 64, /* mov $IMMEDIATE, %ecx */
	STUB_BASE = STUB_CODE + 1
};

/* The vmlinux, and its headers as they become. */
struct source {
	struct elf elf;
	struct pvh_info info;
	Elf64_Ehdr h;
	Elf64_Phdr ph[PHDRS_MAX];
};

static uint64_t align_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) & ~(to - 1);
}

static void put_le(uint8_t *p, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_le64(const uint8_t *p)
{
	uint64_t v = 0;

	for (unsigned i = 8; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

static int source_open(struct source *s, const char *path, struct err *e)
{
	int r = elf_open(&s->elf, path, e);

	if (r < 0)
		return r;
	r = pvh_parse(s->elf.data, s->elf.len, &s->info, e);
	if (r < 0)
		return err_wrap(e, "%s: not a kernel", path);
	s->h = s->elf.eh;
	if (s->h.e_phnum >= PHDRS_MAX)
		return err_set(e, -EINVAL, "%s: %u program headers", path,
			s->h.e_phnum);
	for (size_t i = 0; i < s->h.e_phnum; i++)
		elf_phdr(&s->elf, i, &s->ph[i]);
	return 0;
}

/* What ends in zeros need not be in a file. */
static uint64_t without_zeros(const uint8_t *p, uint64_t n)
{
	while (n && p[n - 1] == 0)
		n--;
	return n;
}

/* Our segment: the filled stub, the command line, the initramfs. */
static int make_payload(const struct linux_bundle *b, const struct source *s,
	struct buf *out, struct err *e)
{
	uint64_t base = align_up(s->info.high, LARGE_PAGE);
	_buf_ struct buf stub = {0};
	uint64_t initramfs, cmdline;
	int r = file_read(b->stub, STUB_MAX, &stub, e);
	uint8_t *p;

	if (r < 0)
		return r;
	if (stub.len < STUB_BASE + 4)
		return err_set(e, -EINVAL, "%s: not a stub", b->stub);
	cmdline = stub.len;
	initramfs = align_up(cmdline + strlen(b->cmdline) + 1, PAGE);
	p = (uint8_t *)stub.data;
	put_le(p + STUB_ENTRY, s->info.entry, 4);
	put_le(p + STUB_MODULE, base + initramfs, 8);
	put_le(p + STUB_MODULE + 8, b->initramfs_len, 8);
	put_le(p + STUB_CMDLINE, base + cmdline, 8);
	put_le(p + STUB_BASE, base, 4);
	buf_add(out, stub.data, stub.len);
	buf_adds(out, b->cmdline);
	buf_add_zero(out, initramfs - out->len);
	buf_add(out, b->initramfs, b->initramfs_len);
	return 0;
}

static void add_segment(
	struct buf *out, Elf64_Phdr *ph, const void *p, uint64_t n)
{
	buf_add_zero(out, align_up(out->len, PAGE) - out->len);
	ph->p_offset = out->len;
	ph->p_filesz = n;
	ph->p_align = PAGE;
	buf_add(out, p, n);
}

/* The place in the result of `n` bytes of a segment; 0: they are in none. */
static uint64_t moved(
	const struct source *s, const Elf64_Phdr *old, uint64_t at, uint64_t n)
{
	for (unsigned i = 0; i < s->h.e_phnum; i++)
		if (old[i].p_type == PT_LOAD && at >= old[i].p_offset &&
			at - old[i].p_offset + n <= s->ph[i].p_filesz)
			return at - old[i].p_offset + s->ph[i].p_offset;
	return 0;
}

/* Notes lie in segments; the one of the entry becomes ours. */
static int move_notes(
	struct source *s, const Elf64_Phdr *old, struct buf *out, struct err *e)
{
	uint64_t entry = align_up(s->info.high, LARGE_PAGE) + STUB_CODE;
	uint64_t at = moved(s, old, s->info.entry_at, 4);
	int there = at != 0;

	for (unsigned i = 0; i < s->h.e_phnum; i++) {
		if (old[i].p_type != PT_NOTE)
			continue;
		s->ph[i].p_offset =
			moved(s, old, old[i].p_offset, old[i].p_filesz);
		there &= s->ph[i].p_offset != 0;
	}
	if (!there)
		return err_set(e, -EINVAL, "a note is in no segment");
	put_le((uint8_t *)out->data + at, entry, 4);
	return 0;
}

static int assemble(const struct linux_bundle *b, struct source *s,
	struct buf *out, struct err *e)
{
	uint64_t base = align_up(s->info.high, LARGE_PAGE);
	Elf64_Phdr old[PHDRS_MAX];
	_buf_ struct buf payload = {0};
	unsigned n = s->h.e_phnum;
	int r = make_payload(b, s, &payload, e);

	memcpy(old, s->ph, sizeof(old));
	buf_add_zero(out, sizeof(s->h) + (n + 1) * sizeof(*old));
	for (unsigned i = 0; r == 0 && i < n; i++) {
		const uint8_t *p = s->elf.data + old[i].p_offset;

		if (old[i].p_type == PT_LOAD)
			add_segment(out, &s->ph[i], p,
				without_zeros(p, old[i].p_filesz));
	}
	if (r == 0)
		r = move_notes(s, old, out, e);
	if (r < 0)
		return r;
	s->ph[n] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W | PF_X,
		.p_vaddr = base,
		.p_paddr = base,
		.p_memsz = payload.len,
	};
	add_segment(out, &s->ph[n], payload.data, payload.len);
	s->h.e_phnum = (Elf64_Half)(n + 1);
	s->h.e_phoff = sizeof(s->h);
	s->h.e_shoff = 0;
	s->h.e_shnum = s->h.e_shstrndx = 0;
	memcpy(out->data, &s->h, sizeof(s->h));
	memcpy(out->data + sizeof(s->h), s->ph, (n + 1) * sizeof(*old));
	return 0;
}

int linux_bundle_write(
	const struct linux_bundle *b, const char *path, struct err *e)
{
	struct source s = {0};
	_buf_ struct buf out = {0};
	int r = source_open(&s, b->vmlinux, e);

	if (r == 0)
		r = assemble(b, &s, &out, e);
	elf_close(&s.elf);
	return r < 0 ? r : file_put(path, out.data, out.len, 0755, e);
}

int linux_bundle_find(const struct elf *f, uint64_t *at, uint64_t *len)
{
	struct pvh_info info;
	struct err e = {0};
	const uint8_t *stub;
	Elf64_Phdr ph;

	if (f->nphdrs == 0 || pvh_parse(f->data, f->len, &info, &e) < 0 ||
		elf_phdr(f, f->nphdrs - 1, &ph) < 0 || ph.p_type != PT_LOAD ||
		ph.p_filesz < STUB_BASE + 4 ||
		info.entry != ph.p_paddr + STUB_CODE)
		return -ENOENT;
	stub = f->data + ph.p_offset;
	*at = get_le64(stub + STUB_MODULE) - ph.p_paddr;
	*len = get_le64(stub + STUB_MODULE + 8);
	if (*at > ph.p_filesz || *len > ph.p_filesz - *at)
		return -ENOENT;
	*at += ph.p_offset;
	return 0;
}
