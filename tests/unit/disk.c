/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/disk: GUIDs, GPT, FAT forms, kernels, EROFS owners. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "core/mem.h"
#include "disk/convert.h"
#include "disk/erofs.h"
#include "disk/esp.h"
#include "disk/gpt.h"
#include "disk/guid.h"
#include "disk/pvh.h"

static void guid_text_is_mixed_endian(void **state)
{
	static const uint8_t esp[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8,
		0xd2, 0x11, 0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};
	struct guid g = guid_parse(GPT_TYPE_ESP);
	char text[GUID_TEXT];

	(void)state;
	assert_memory_equal(g.b, esp, 16);
	guid_format(&g, text);
	assert_string_equal(text, GPT_TYPE_ESP);
}

static void derived_guids_are_version_8(void **state)
{
	struct guid a = guid_derive("seed", "disk");
	struct guid b = guid_derive("seed", "root");
	struct guid c = guid_derive("seedd", "isk");
	struct guid again = guid_derive("seed", "disk");
	char text[GUID_TEXT];

	(void)state;
	guid_format(&a, text);
	assert_int_equal(text[14], '8');
	assert_non_null(strchr("89AB", text[19]));
	assert_memory_equal(&a, &again, sizeof(a));
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_memory_not_equal(&a, &c, sizeof(a));
}

enum { DISK = 4 << 20 };

/* A disk with two partitions in memory; caller frees. */
static uint8_t *sample_disk(struct gpt *g)
{
	uint8_t *p = xcalloc(1, DISK);
	char name[] = "/tmp/gpt-test.XXXXXX";
	int fd = mkstemp(name);
	struct err e;

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(ftruncate(fd, DISK), 0);
	memset(g, 0, sizeof(*g));
	g->nsectors = DISK / GPT_SECTOR;
	g->guid = guid_derive("x", "disk");
	g->nparts = 2;
	for (size_t i = 0; i < 2; i++) {
		g->part[i].type = guid_parse(GPT_TYPE_LINUX);
		g->part[i].guid = guid_derive("x", i ? "b" : "a");
		g->part[i].first_lba = 2048 * (i + 1);
		g->part[i].last_lba = 2048 * (i + 2) - 1;
		snprintf(g->part[i].name, sizeof(g->part[i].name), "%s",
			i ? "second" : "first");
	}
	assert_int_equal(gpt_write(g, fd, &e), 0);
	assert_int_equal(pread(fd, p, DISK, 0), DISK);
	close(fd);
	return p;
}

static void gpt_reads_what_it_wrote(void **state)
{
	struct gpt *g = xcalloc(2, sizeof(*g));
	uint8_t *p = sample_disk(g);
	struct err e;

	(void)state;
	assert_int_equal(gpt_parse(p, DISK, DISK, &g[1], &e), 0);
	assert_memory_equal(&g[0], &g[1], sizeof(*g));
	assert_int_equal(p[510], 0x55);
	assert_int_equal(p[450], 0xee);
	assert_int_equal(p[446], 0);
	/* the backup is the same but for its own places and checksum */
	assert_memory_equal(p + 1024, p + (DISK - 33 * 512), 16384);
	assert_memory_equal(p + DISK - 512, "EFI PART", 8);
	free(p);
	free(g);
}

/* Sets the header's checksum, so that other checks are reached. */
static void seal(uint8_t *p)
{
	uint32_t crc;

	memset(p + 512 + 16, 0, 4);
	crc = (uint32_t)crc32(0, p + 1024, 16384);
	memcpy(p + 512 + 88, &crc, 4);
	crc = (uint32_t)crc32(0, p + 512, 92);
	memcpy(p + 512 + 16, &crc, 4);
}

static void gpt_refuses_damage(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		int sealed;
		int code;
		const char *message;
	} cases[] = {
		{512, 'X', 0, -ENOENT, "no GUID partition table"},
		{512 + 56, 1, 0, -EINVAL, "wrong header checksum"},
		{1024 + 57, 1, 0, -EINVAL, "wrong checksum of entries"},
		{512 + 10, 9, 1, -EINVAL, "unknown header version"},
		{512 + 24, 2, 1, -EINVAL, "unsupported layout"},
		{512 + 80, 127, 1, -EINVAL, "unsupported layout"},
		{512 + 32, 0, 1, -EINVAL, "backup is not at the end"},
		{512 + 40, 1, 1, -EINVAL, "wrong usable range"},
		{1024 + 46, 1, 1, -EINVAL, "partition 1 is outside"},
		{1024 + 33, 0xff, 1, -EINVAL, "partition 1 is outside"},
		{1024 + 32, 1, 1, -EINVAL, NULL},
		{1024 + 41, 0x10, 1, -EINVAL, "1 and 2 overlap"},
	};
	struct gpt *g = xcalloc(1, sizeof(*g));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *p = sample_disk(g);
		struct err e = {0};
		int r;

		p[cases[i].at] = cases[i].value;
		if (cases[i].sealed)
			seal(p);
		r = gpt_parse(p, DISK, DISK, g, &e);
		if (cases[i].message) {
			assert_int_equal(r, cases[i].code);
			assert_non_null(strstr(e.msg, cases[i].message));
		} else {
			assert_int_equal(r, 0);
		}
		free(p);
	}
	free(g);
}

static void gpt_refuses_a_truncated_disk(void **state)
{
	struct gpt *g = xcalloc(1, sizeof(*g));
	uint8_t *p = sample_disk(g);
	struct err e;

	(void)state;
	assert_int_equal(gpt_parse(p, 34 * 512 - 1, DISK, g, &e), -ENOENT);
	assert_int_equal(gpt_parse(p, DISK, DISK - 512, g, &e), -EINVAL);
	assert_int_equal(gpt_parse(p, DISK, 0, g, &e), -ENOENT);
	free(p);
	free(g);
}

static void fat_kinds_keep_to_their_limits(void **state)
{
	struct esp_form f;
	struct err e;

	(void)state;
	assert_int_equal(esp_plan(DISK_ESP_SMALL, 40000, &f, &e), 0);
	assert_int_equal(f.fat_bits, 12);
	assert_true(f.min_sectors < 200);
	for (uint64_t size = 1 << 20; size < 4ull << 30; size *= 2) {
		uint64_t clusters;

		if (esp_plan(DISK_ESP_SMALL, size, &f, &e) < 0)
			break;
		clusters = f.min_sectors / f.cluster_sectors;
		assert_true(f.min_sectors * 512 > size);
		assert_true(clusters < (f.fat_bits == 12 ? 4085u : 65525u) +
					       100u / f.cluster_sectors);
	}
	assert_int_equal(esp_plan(DISK_ESP_SMALL, 3ull << 30, &f, &e), -EFBIG);
	assert_int_equal(esp_plan(DISK_ESP_FAT32, 40000, &f, &e), 0);
	assert_int_equal(f.fat_bits, 32);
	assert_true(f.min_sectors > 65525 && f.min_sectors < 70000);
}

/* A kernel with one segment and a note; parts are changed by the tests. */
struct kernel {
	Elf64_Ehdr eh;
	Elf64_Phdr load, note;
	uint32_t n[3];
	char name[4];
	uint32_t entry;
};

static struct kernel sample_kernel(void)
{
	struct kernel k = {.name = "Xen", .n = {4, 4, 18}, .entry = 0x100010};

	memcpy(k.eh.e_ident, ELFMAG, SELFMAG);
	k.eh.e_ident[EI_CLASS] = ELFCLASS64;
	k.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	k.eh.e_machine = EM_X86_64;
	k.eh.e_phentsize = sizeof(Elf64_Phdr);
	k.eh.e_phnum = 2;
	k.eh.e_phoff = offsetof(struct kernel, load);
	k.load = (Elf64_Phdr){.p_type = PT_LOAD,
		.p_paddr = 0x100000,
		.p_filesz = sizeof(k),
		.p_memsz = 8192};
	k.note = (Elf64_Phdr){.p_type = PT_NOTE,
		.p_offset = offsetof(struct kernel, n),
		.p_filesz = 20,
		.p_memsz = 20};
	return k;
}

static void kernel_with_a_note_is_taken(void **state)
{
	struct kernel k = sample_kernel();
	struct pvh_info info;
	struct err e;

	(void)state;
	assert_int_equal(pvh_parse((uint8_t *)&k, sizeof(k), &info, &e), 0);
	assert_int_equal(info.entry, 0x100010);
	assert_int_equal(info.low, 0x100000);
	assert_int_equal(info.high, 0x102000);
}

static void refuse_kernel(
	const struct kernel *k, size_t len, const char *message)
{
	uint8_t *copy = xmalloc(len ? len : 1);
	struct pvh_info info;
	struct err e = {0};

	memcpy(copy, k, len);
	assert_int_equal(pvh_parse(copy, len, &info, &e), -EINVAL);
	if (!strstr(e.msg, message))
		fail_msg("\"%s\" is not in \"%s\"", message, e.msg);
	free(copy);
}

static void bad_kernels_are_refused(void **state)
{
	struct kernel k = sample_kernel();

	(void)state;
	refuse_kernel(&k, 0, "not an ELF file");
	refuse_kernel(&k, 63, "not an ELF file");
	refuse_kernel(&k, 100, "bad ELF program headers");
	refuse_kernel(&k, sizeof(k) - 1, "outside the file");
	k.eh.e_machine = EM_AARCH64;
	refuse_kernel(&k, sizeof(k), "not an ELF file for x86-64");
	k = sample_kernel();
	k.eh.e_phoff = UINT64_MAX - 8;
	refuse_kernel(&k, sizeof(k), "bad ELF program headers");
	k = sample_kernel();
	k.load.p_offset = UINT64_MAX;
	refuse_kernel(&k, sizeof(k), "outside the file");
	k = sample_kernel();
	k.load.p_paddr = 0x8000;
	refuse_kernel(&k, sizeof(k), "between 1 MiB and 3 GiB");
	k = sample_kernel();
	k.load.p_memsz = UINT64_MAX;
	refuse_kernel(&k, sizeof(k), "between 1 MiB and 3 GiB");
	k = sample_kernel();
	k.n[2] = 17;
	refuse_kernel(&k, sizeof(k), "no PVH entry");
	k = sample_kernel();
	k.n[0] = 0xfffffffe;
	refuse_kernel(&k, sizeof(k), "no PVH entry");
	k = sample_kernel();
	k.entry = 0x500000;
	refuse_kernel(&k, sizeof(k), "outside the segments");
}

static void damaged_erofs_is_refused(void **state)
{
	struct erofs_owner root = {"", 0755, 0, 0, 0};
	uint8_t *p = xcalloc(2, 4096);
	struct err e;
	unsigned seed = 1;

	(void)state;
	assert_int_equal(erofs_set_owners(p, 8192, &root, 1, &e), -EINVAL);
	memcpy(p + 1024, "\xe2\xe1\xf5\xe0", 4);
	p[1024 + 12] = 12;
	p[1024 + 14] = 36;
	/* bytes at random: never a read outside (ASan looks) */
	for (int i = 0; i < 20000; i++) {
		for (size_t at = 1152; at < 8192; at += 61)
			p[at] = (uint8_t)rand_r(&seed);
		p[1152] = (uint8_t)(rand_r(&seed) & 5);
		p[1152 + 2] = p[1152 + 3] = 0;
		p[1152 + 10] = p[1152 + 11] = 0;
		p[1024 + 40] = (uint8_t)(rand_r(&seed) & 1);
		erofs_set_owners(p, 8192, &root, 1, &e);
	}
	free(p);
}

static void formats_are_known_by_name(void **state)
{
	struct err e;

	(void)state;
	assert_true(disk_format_known("qcow2"));
	assert_false(disk_format_known("qcow3"));
	assert_false(disk_format_known(""));
	assert_int_equal(disk_convert("a", "x", 0, "b", &e), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guid_text_is_mixed_endian),
		cmocka_unit_test(derived_guids_are_version_8),
		cmocka_unit_test(gpt_reads_what_it_wrote),
		cmocka_unit_test(gpt_refuses_damage),
		cmocka_unit_test(gpt_refuses_a_truncated_disk),
		cmocka_unit_test(fat_kinds_keep_to_their_limits),
		cmocka_unit_test(kernel_with_a_note_is_taken),
		cmocka_unit_test(bad_kernels_are_refused),
		cmocka_unit_test(damaged_erofs_is_refused),
		cmocka_unit_test(formats_are_known_by_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
