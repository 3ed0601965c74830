/* SPDX-License-Identifier: Apache-2.0 */
/* UEFI loader: takes the kernel from its own image and enters it by PVH. */
#include "pvh.h"
#include "uefi.h"

/*
 * All that must survive lies in one block of pages below 4 GiB, apart from
 * where the kernel goes: this struct, then the memory map of the firmware,
 * then the bytes of the kernel's segments. The firmware may use the
 * kernel's place until boot services end, so descend() copies last.
 */
enum { COPIES_MAX = 16, MEMMAP_MAX = 512, CODE_MAX = 256 };

struct copy {
	uint32_t to, from, n, nzero;
};

struct descent { /* offsets are known to uefi.S */
	uint32_t entry, info, ncopies, zero;
	uint64_t gdt[4];
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} gdt_pointer;
	uint8_t pad[6];
	struct copy copies[COPIES_MAX];
};

_Static_assert(__builtin_offsetof(struct descent, gdt) == 16, "gdt");
_Static_assert(__builtin_offsetof(struct descent, gdt_pointer) == 48, "gdtr");
_Static_assert(__builtin_offsetof(struct descent, copies) == 64, "copies");

struct block {
	uint8_t stack[256]; /* below the descent: descend() pushes there */
	struct descent d;
	uint8_t code[CODE_MAX];
	struct pvh_start_info info;
	struct pvh_memmap memmap[MEMMAP_MAX];
};

struct kernel {
	const uint8_t *file;
	uint64_t size;
	const struct elf_phdr *phdr;
	unsigned nphdr;
	uint32_t entry;
	uint64_t low, high; /* where it goes */
	uint64_t nbytes;    /* of all segments in the file */
};

extern const uint8_t image_base[], descend_code[], descend_code_end[];
extern const struct {
	uint32_t size, rva, file_size, file_offset;
} __attribute__((packed)) kernel_section;

_Noreturn void descend(struct descent *d, void *code);
uint64_t EFIAPI efi_main(void *image, struct efi_system_table *st);

static const struct efi_guid loaded_image_guid = {0x5b1b31a1, 0x9562, 0x11d2,
	{0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};
static const struct efi_guid acpi1_guid = {0xeb9d2d30, 0x2d88, 0x11d3,
	{0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};
static const struct efi_guid acpi2_guid = {0x8868e871, 0xe4f1, 0x11d3,
	{0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81}};

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);

void *memcpy(void *to, const void *from, size_t n)
{
	void *start = to;

	__asm__ volatile("rep movsb"
			 : "+D"(to), "+S"(from), "+c"(n)
			 :
			 : "memory");
	return start;
}

void *memset(void *to, int c, size_t n)
{
	void *start = to;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(c) : "memory");
	return start;
}

static void serial_put(struct efi_system_table *st, char c)
{
	uint8_t status;
	unsigned tries = 65536;

	(void)st;
	do
		__asm__ volatile("inb %w1, %0" : "=a"(status) : "d"(0x3fd));
	while (!(status & 0x20) && --tries);
	__asm__ volatile("outb %0, %w1" : : "a"(c), "d"(0x3f8));
}

static void console_put(struct efi_system_table *st, char c)
{
	const uint16_t wide[2] = {(uint8_t)c, 0};

	if (st->con_out)
		st->con_out->output(st->con_out, wide);
}

/* First all to COM1, then to the console: that may be COM1 as well. */
static uint64_t fail(struct efi_system_table *st, const char *why)
{
	void (*const put[])(struct efi_system_table *, char) = {
		serial_put, console_put};

	for (int i = 0; i < 2; i++) {
		for (const char *s = "slipway: "; *s; s++)
			put[i](st, *s);
		for (const char *s = why; *s; s++)
			put[i](st, *s);
		put[i](st, '\r');
		put[i](st, '\n');
	}
	return EFI_ERROR | 1; /* EFI_LOAD_ERROR */
}

static int guid_equal(const struct efi_guid *a, const struct efi_guid *b)
{
	const uint64_t *x = (const void *)a, *y = (const void *)b;

	return x[0] == y[0] && x[1] == y[1];
}

static uint64_t find_rsdp(const struct efi_system_table *st)
{
	uint64_t found = 0;

	for (uint64_t i = 0; i < st->ntables; i++) {
		const struct efi_table *t = &st->tables[i];

		if (guid_equal(&t->guid, &acpi2_guid))
			return (uint64_t)t->table;
		if (guid_equal(&t->guid, &acpi1_guid))
			found = (uint64_t)t->table;
	}
	return found;
}

/* What is wrong with the kernel, or NULL. */
static const char *read_kernel(struct kernel *k)
{
	const struct elf_ehdr *h = (const void *)k->file;

	if (k->size < sizeof(*h) || !elf_header_ok(h) || h->phoff > k->size ||
		h->phnum * sizeof(struct elf_phdr) > k->size - h->phoff)
		return "the kernel is not an ELF file for x86-64";
	k->phdr = (const void *)(k->file + h->phoff);
	k->nphdr = h->phnum;
	k->low = PVH_HIGH;
	for (unsigned i = 0; i < k->nphdr; i++) {
		const struct elf_phdr *p = &k->phdr[i];

		if (p->type == ELF_PT_NOTE && !k->entry &&
			p->offset <= k->size &&
			p->filesz <= k->size - p->offset)
			k->entry = elf_note_pvh(
				k->file + p->offset, (uint32_t)p->filesz);
		if (p->type != ELF_PT_LOAD || p->memsz == 0)
			continue;
		if (!elf_segment_ok(p, k->size))
			return "the kernel has a bad segment";
		if (p->paddr < k->low)
			k->low = p->paddr;
		if (p->paddr + p->memsz > k->high)
			k->high = p->paddr + p->memsz;
		k->nbytes += p->filesz;
	}
	if (k->low >= k->high || !k->entry)
		return "the kernel has no PVH entry";
	return NULL;
}

static uint32_t memory_type(uint32_t efi_type)
{
	switch (efi_type) {
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_BOOT_CODE:
	case EFI_BOOT_DATA:
	case EFI_CONVENTIONAL:
		return PVH_RAM;
	case EFI_UNUSABLE:
		return PVH_UNUSABLE;
	case EFI_ACPI_RECLAIM:
		return PVH_ACPI;
	case EFI_ACPI_NVS:
		return PVH_NVS;
	default:
		return PVH_RESERVED;
	}
}

/* Sorted by address, neighbours of one type merged; 0 if it does not fit. */
static uint32_t convert_map(const uint8_t *map, uint64_t size, uint64_t step,
	struct pvh_memmap *out)
{
	uint32_t n = 0, merged = 0;

	for (uint64_t at = 0; at + step <= size; at += step) {
		const struct efi_descriptor *d = (const void *)(map + at);
		struct pvh_memmap e = {
			d->pa, d->npages * EFI_PAGE, memory_type(d->type), 0};
		uint32_t i;

		if (n == MEMMAP_MAX)
			return 0;
		for (i = n++; i > 0 && out[i - 1].pa > e.pa; i--)
			out[i] = out[i - 1];
		out[i] = e;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct pvh_memmap *last = &out[merged - 1];

		if (merged && last->type == out[i].type &&
			last->pa + last->size == out[i].pa)
			last->size += out[i].size;
		else
			out[merged++] = out[i];
	}
	return merged;
}

static int is_memory(
	const struct pvh_memmap *map, uint32_t n, uint64_t low, uint64_t high)
{
	for (uint32_t i = 0; i < n; i++)
		if (map[i].type == PVH_RAM && map[i].pa <= low &&
			high <= map[i].pa + map[i].size)
			return 1;
	return 0;
}

/*
 * Pages that the kernel will not be copied over; 0: none. Below 1 GiB if
 * there are any: a kernel maps little when it reads the start info.
 */
static uint64_t allocate_apart(
	struct efi_boot_services *boot, uint64_t npages, const struct kernel *k)
{
	uint64_t limit = 0x3fffffff;

	for (int tries = 0; tries < 8; tries++) {
		uint64_t pa = limit;

		if (boot->allocate_pages(
			    EFI_MAX_ADDRESS, EFI_LOADER_DATA, npages, &pa)) {
			if (limit == UINT32_MAX)
				return 0;
			limit = UINT32_MAX;
			continue;
		}
		if (pa >= k->high || pa + npages * EFI_PAGE <= k->low)
			return pa;
	}
	return 0;
}

/* The segments go to `at`; the list of copies says where from and to. */
static const char *pack_kernel(
	const struct kernel *k, struct descent *d, uint8_t *at)
{
	for (unsigned i = 0; i < k->nphdr; i++) {
		const struct elf_phdr *p = &k->phdr[i];

		if (p->type != ELF_PT_LOAD || p->memsz == 0)
			continue;
		if (d->ncopies == COPIES_MAX)
			return "the kernel has too many segments";
		d->copies[d->ncopies++] = (struct copy){(uint32_t)p->paddr,
			(uint32_t)(uint64_t)at, (uint32_t)p->filesz,
			(uint32_t)(p->memsz - p->filesz)};
		memcpy(at, k->file + p->offset, p->filesz);
		at += p->filesz;
	}
	return NULL;
}

static void fill_descent(struct block *b, const struct kernel *k)
{
	struct descent *d = &b->d;

	d->entry = k->entry;
	d->info = (uint32_t)(uint64_t)&b->info;
	d->gdt[1] = 0x00cf9a000000ffff; /* code, 32 bits, flat */
	d->gdt[2] = 0x00cf92000000ffff; /* data, flat */
	d->gdt_pointer.limit = sizeof(d->gdt) - 1;
	d->gdt_pointer.base = (uint64_t)d->gdt;
	memcpy(b->code, descend_code,
		(uint64_t)(descend_code_end - descend_code));
}

/* Ends boot services; the map must be the newest, so this may take two. */
static const char *leave_firmware(void *image, struct efi_boot_services *boot,
	struct block *b, const struct kernel *k, uint8_t *map, uint64_t room)
{
	for (int tries = 0; tries < 8; tries++) {
		uint64_t size = room, key = 0, step = 0;
		uint32_t version;

		if (boot->get_memory_map(&size, map, &key, &step, &version))
			return "the firmware gives no memory map";
		b->info.nmemmap = convert_map(map, size, step, b->memmap);
		if (!b->info.nmemmap)
			return "the firmware's memory map is too long";
		if (!is_memory(b->memmap, b->info.nmemmap, k->low, k->high))
			return "the kernel's place in memory is taken";
		if (!boot->exit_boot_services(image, key))
			return NULL;
	}
	return "the firmware does not end its boot services";
}

uint64_t EFIAPI efi_main(void *image, struct efi_system_table *st)
{
	struct efi_boot_services *boot = st->boot;
	struct efi_loaded_image *self;
	struct kernel k = {0};
	const char *wrong;
	uint64_t npages, map_room, pa;
	struct block *b;
	uint8_t *map;

	if (boot->handle_protocol(image, &loaded_image_guid, (void **)&self))
		return fail(st, "the firmware does not show this image");
	if (self->base != image_base || kernel_section.rva > self->size ||
		kernel_section.size > self->size - kernel_section.rva)
		return fail(st, "this image is damaged");
	k.file = self->base + kernel_section.rva;
	k.size = kernel_section.size;
	wrong = read_kernel(&k);
	if (wrong)
		return fail(st, wrong);

	map_room = MEMMAP_MAX * 64ul;
	npages = (sizeof(*b) + map_room + k.nbytes + EFI_PAGE - 1) / EFI_PAGE;
	pa = allocate_apart(boot, npages, &k);
	if (!pa)
		return fail(st, "not enough memory below 4 GiB");
	b = (struct block *)pa;
	memset(b, 0, sizeof(*b));
	map = (uint8_t *)(b + 1);
	fill_descent(b, &k);
	wrong = pack_kernel(&k, &b->d, map + map_room);
	if (wrong)
		return fail(st, wrong);
	b->info.magic = PVH_MAGIC;
	b->info.version = 1;
	b->info.rsdp_pa = find_rsdp(st);
	b->info.memmap_pa = (uint64_t)b->memmap;
	wrong = leave_firmware(image, boot, b, &k, map, map_room);
	if (wrong)
		return fail(st, wrong);
	descend(&b->d, b->code);
}
