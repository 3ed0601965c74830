/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 2: loads the kernel from the BIOS disk and enters it by PVH. */
#include "pvh.h"

/*
 * Runs in 32-bit protected mode without paging, at 0x8000 to 0xffff, and
 * calls the BIOS through real mode. Sectors go through a buffer in low
 * memory, because INT 13h reaches no higher.
 */
struct bios_regs {
	uint32_t eax, ebx, ecx, edx, esi, edi;
	uint32_t flags; /* after the call */
};

struct disk_packet {
	uint8_t size, zero;
	uint16_t nsectors;
	uint16_t offset, segment;
	uint64_t lba;
};

struct e820 {
	uint64_t pa, size;
	uint32_t type, attributes;
};

struct fields {
	uint64_t kernel_lba, kernel_size;
} __attribute__((packed));

extern const struct fields stage2_fields;

void bios_call(unsigned vector, struct bios_regs *r);
_Noreturn void enter_kernel(uint32_t entry, const struct pvh_start_info *info);
_Noreturn void stage2_main(uint32_t boot_drive);

enum {
	SECTOR = 512,
	BUFFER = 0x10000,     /* where INT 13h reads to */
	BUFFER_SECTORS = 127, /* the most that every BIOS takes at once */
	MEMMAP_MAX = 128,
	NOTE_MAX = 4096,
	CARRY = 1,
};

static uint32_t drive;
static uint64_t buffered_lba;
static uint32_t buffered; /* sectors in the buffer, from buffered_lba */
static struct pvh_start_info info;
static struct pvh_memmap memmap[MEMMAP_MAX];
static struct elf_phdr phdr[ELF_PHNUM_MAX];
static uint8_t note[NOTE_MAX] __attribute__((aligned(8)));

static inline void out8(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static void put_char(char c)
{
	struct bios_regs r = {.eax = 0x0e00 | (uint8_t)c, .ebx = 7};
	unsigned tries = 65536;

	bios_call(0x10, &r);
	while (!(in8(0x3fd) & 0x20) && --tries)
		;
	out8(0x3f8, (uint8_t)c);
}

static void put_text(const char *s)
{
	while (*s)
		put_char(*s++);
}

static _Noreturn void stop(void)
{
	put_text("\r\n");
	for (;;)
		__asm__ volatile("cli; hlt");
}

static _Noreturn void fail(const char *why)
{
	put_text("slipway: ");
	put_text(why);
	stop();
}

static _Noreturn void fail_memory(uint32_t end)
{
	uint32_t kib = end / 1024 + 1;
	char text[12], *at = text + sizeof(text);

	*--at = 0;
	do
		*--at = (char)('0' + kib % 10);
	while (kib /= 10);
	put_text("slipway: not enough memory for the kernel: it needs ");
	put_text(at);
	put_text(" KiB");
	stop();
}

static void copy(uint32_t to, uint32_t from, uint32_t n)
{
	uint32_t words = n / 4, rest = n % 4;

	__asm__ volatile("rep movsl\n\tmovl %3, %%ecx\n\trep movsb"
			 : "+D"(to), "+S"(from), "+c"(words)
			 : "r"(rest)
			 : "memory");
}

static void clear(uint32_t to, uint32_t n)
{
	uint32_t words = n / 4, rest = n % 4;

	__asm__ volatile("rep stosl\n\tmovl %2, %%ecx\n\trep stosb"
			 : "+D"(to), "+c"(words)
			 : "r"(rest), "a"(0)
			 : "memory");
}

static void fill_buffer(uint64_t lba, uint32_t nsectors)
{
	struct disk_packet packet = {.size = sizeof(packet),
		.nsectors = (uint16_t)nsectors,
		.segment = BUFFER >> 4,
		.lba = lba};
	struct bios_regs r = {
		.eax = 0x4200, .edx = drive, .esi = (uint32_t)&packet};

	bios_call(0x13, &r);
	if (r.flags & CARRY)
		fail("cannot read the kernel from the disk");
	buffered_lba = lba;
	buffered = nsectors;
}

/* Bytes of the kernel file to memory. */
static void read_kernel(uint32_t offset, uint32_t n, uint32_t to)
{
	uint32_t end =
		((uint32_t)stage2_fields.kernel_size + SECTOR - 1) / SECTOR;

	while (n) {
		uint32_t sector = offset / SECTOR;
		uint64_t lba = stage2_fields.kernel_lba + sector;
		uint32_t skip, part;

		if (lba < buffered_lba || lba >= buffered_lba + buffered) {
			uint32_t want = end - sector;

			fill_buffer(lba,
				want < BUFFER_SECTORS ? want : BUFFER_SECTORS);
		}
		skip = (uint32_t)(lba - buffered_lba) * SECTOR +
		       offset % SECTOR;
		part = buffered * SECTOR - skip;
		if (part > n)
			part = n;
		copy(to, BUFFER + skip, part);
		offset += part;
		to += part;
		n -= part;
	}
}

static void read_memory_map(void)
{
	struct e820 e;
	struct bios_regs r = {0};
	unsigned n = 0;

	do {
		e.attributes = 1;
		r.eax = 0xe820;
		r.ecx = sizeof(e);
		r.edx = 0x534d4150; /* "SMAP" */
		r.edi = (uint32_t)&e;
		bios_call(0x15, &r);
		if (r.flags & CARRY || r.eax != 0x534d4150)
			break;
		if (e.size == 0 || !(e.attributes & 1))
			continue;
		memmap[n].pa = e.pa;
		memmap[n].size = e.size;
		memmap[n].type = e.type;
		n++;
	} while (r.ebx && n < MEMMAP_MAX);
	if (n == 0)
		fail("the BIOS gives no memory map (INT 15h, E820)");
	info.memmap_pa = (uint32_t)memmap;
	info.nmemmap = n;
}

static int is_memory(uint64_t pa, uint64_t size)
{
	for (unsigned i = 0; i < info.nmemmap; i++)
		if (memmap[i].type == PVH_RAM && memmap[i].pa <= pa &&
			pa + size <= memmap[i].pa + memmap[i].size)
			return 1;
	return 0;
}

/* ACPI 6.5, 5.2.5.1: in the first KiB of the EBDA or 0xe0000..0xfffff. */
static uint32_t find_rsdp_in(uint32_t from, uint32_t to)
{
	for (uint32_t at = from; at < to; at += 16) {
		const volatile uint32_t *p = (const volatile uint32_t *)at;
		uint8_t sum = 0;

		if (p[0] != 0x20445352 || p[1] != 0x20525450)
			continue; /* "RSD PTR " */
		for (unsigned i = 0; i < 20; i++)
			sum += ((const volatile uint8_t *)p)[i];
		if (sum == 0)
			return at;
	}
	return 0;
}

static uint32_t find_rsdp(void)
{
	const volatile uint16_t *segment = (const volatile uint16_t *)0x40e;
	uint32_t ebda = (uint32_t)*segment << 4, at = 0;

	if (ebda >= 0x80000 && ebda < 0xa0000)
		at = find_rsdp_in(ebda, ebda + 1024);
	return at ? at : find_rsdp_in(0xe0000, 0x100000);
}

/* With the A20 line off, 1 MiB further is the same byte. */
static void check_a20(void)
{
	volatile uint32_t *low = (volatile uint32_t *)0x7c00;
	volatile uint32_t *high = (volatile uint32_t *)0x107c00;

	*high = 0x51a20a20;
	*low = 0;
	if (*high == 0)
		fail("the A20 line cannot be enabled");
}

static uint32_t load_kernel(void)
{
	uint64_t size = stage2_fields.kernel_size;
	struct elf_ehdr h = {0};
	uint32_t entry = 0;

	if (size < sizeof(h) || size > UINT32_MAX)
		fail("no kernel on the disk");
	read_kernel(0, sizeof(h), (uint32_t)&h);
	if (!elf_header_ok(&h) || h.phoff > size ||
		(uint64_t)h.phnum * sizeof(phdr[0]) > size - h.phoff)
		fail("the kernel is not an ELF file for x86-64");
	read_kernel(
		(uint32_t)h.phoff, h.phnum * sizeof(phdr[0]), (uint32_t)phdr);
	for (unsigned i = 0; i < h.phnum; i++) {
		const struct elf_phdr *p = &phdr[i];
		uint32_t pa = (uint32_t)p->paddr;

		if (p->type == ELF_PT_NOTE && !entry && p->filesz <= NOTE_MAX &&
			p->offset <= size && p->filesz <= size - p->offset) {
			read_kernel((uint32_t)p->offset, (uint32_t)p->filesz,
				(uint32_t)note);
			entry = elf_note_pvh(note, (uint32_t)p->filesz);
		}
		if (p->type != ELF_PT_LOAD || p->memsz == 0)
			continue;
		if (!elf_segment_ok(p, size))
			fail("the kernel has a bad segment");
		if (!is_memory(p->paddr, p->memsz))
			fail_memory(pa + (uint32_t)p->memsz);
		read_kernel((uint32_t)p->offset, (uint32_t)p->filesz, pa);
		clear(pa + (uint32_t)p->filesz,
			(uint32_t)(p->memsz - p->filesz));
	}
	if (!entry)
		fail("the kernel has no PVH entry");
	return entry;
}

_Noreturn void stage2_main(uint32_t boot_drive)
{
	uint32_t entry;

	drive = boot_drive;
	check_a20();
	read_memory_map();
	entry = load_kernel();
	info.magic = PVH_MAGIC;
	info.version = 1;
	info.rsdp_pa = find_rsdp();
	enter_kernel(entry, &info);
}
