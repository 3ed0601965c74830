/* SPDX-License-Identifier: Apache-2.0 */
/* What both disk loaders share: the kernel's ELF form and the PVH handover. */
#ifndef BOOT_PVH_H
#define BOOT_PVH_H

#include <stddef.h>
#include <stdint.h>

/* Handover (Xen public/arch-x86/hvm/start_info.h, version 1). */
#define PVH_MAGIC 0x336ec578u

struct pvh_start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t nmodules;
	uint64_t modules_pa;
	uint64_t cmdline_pa;
	uint64_t rsdp_pa;
	uint64_t memmap_pa;
	uint32_t nmemmap;
	uint32_t zero;
};

struct pvh_memmap {
	uint64_t pa;
	uint64_t size;
	uint32_t type; /* E820 numbers */
	uint32_t zero;
};

_Static_assert(sizeof(struct pvh_start_info) == 56, "start info");
_Static_assert(sizeof(struct pvh_memmap) == 24, "memory map entry");

enum { PVH_RAM = 1, PVH_RESERVED, PVH_ACPI, PVH_NVS, PVH_UNUSABLE };

/* ELF64 (System V ABI), as far as loading needs it. */
struct elf_ehdr {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_nhdr {
	uint32_t namesz, descsz, type;
};

enum { ELF_PT_LOAD = 1, ELF_PT_NOTE = 4, ELF_PHNUM_MAX = 32 };

/* The loaded kernel lies in [PVH_LOW, PVH_HIGH). */
#define PVH_LOW  0x100000ull
#define PVH_HIGH 0xc0000000ull

static inline int elf_header_ok(const struct elf_ehdr *h)
{
	return h->ident[0] == 0x7f && h->ident[1] == 'E' &&
	       h->ident[2] == 'L' && h->ident[3] == 'F' && h->ident[4] == 2 &&
	       h->ident[5] == 1 && h->machine == 62 &&
	       h->phentsize == sizeof(struct elf_phdr) && h->phnum > 0 &&
	       h->phnum <= ELF_PHNUM_MAX;
}

/* Of a segment to load: inside the file, inside what can be loaded. */
static inline int elf_segment_ok(const struct elf_phdr *p, uint64_t file_size)
{
	return p->filesz <= p->memsz && p->offset <= file_size &&
	       p->filesz <= file_size - p->offset && p->paddr >= PVH_LOW &&
	       p->paddr < PVH_HIGH && p->memsz <= PVH_HIGH - p->paddr;
}

/* The PVH entry in the bytes of a note segment; 0: none there. */
static inline uint32_t elf_note_pvh(const uint8_t *p, uint32_t size)
{
	uint32_t at = 0;

	while (size - at >= sizeof(struct elf_nhdr)) {
		const struct elf_nhdr *n = (const void *)(p + at);
		uint32_t left = size - at - (uint32_t)sizeof(*n);
		const uint8_t *name = p + at + sizeof(*n);
		uint32_t name_len, desc_len;

		if (n->namesz > left || n->descsz > left)
			return 0;
		name_len = (n->namesz + 3) & ~3u;
		desc_len = (n->descsz + 3) & ~3u;
		if (name_len > left || desc_len > left - name_len)
			return 0;
		if (n->type == 18 && n->namesz == 4 && n->descsz >= 4 &&
			name[0] == 'X' && name[1] == 'e' && name[2] == 'n' &&
			name[3] == 0)
			return *(const uint32_t *)(const void *)(name +
								 name_len);
		at += (uint32_t)sizeof(*n) + name_len + desc_len;
	}
	return 0;
}

#endif
