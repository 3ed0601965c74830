/* SPDX-License-Identifier: Apache-2.0 */
/* keel's partition tables: good ones, damaged ones, hostile ones. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/gpt.h"
#include "keel-fake.h"

enum { NSECTORS = 200, ENTRIES = 128, TABLE_SECTORS = 32 };

static uint8_t disk[NSECTORS][512];
static struct gpt_partition found[ENTRIES];
static unsigned nfound;
static uint64_t bad_sector; /* reading it fails */

static int disk_rw(struct block_device *d, bool write, uint64_t sector,
	void *buf, size_t nsectors)
{
	CHECK(!write && sector <= d->nsectors &&
		nsectors <= d->nsectors - sector);
	if (bad_sector && sector <= bad_sector &&
		bad_sector < sector + nsectors)
		return -EIO;
	memcpy(buf, disk[sector], nsectors * 512);
	return 0;
}

static struct block_device dev = {
	.name = "vda", .nsectors = NSECTORS, .rw = disk_rw};

static void on_found(struct block_device *d, const struct gpt_partition *p)
{
	CHECK(d == &dev && nfound < ENTRIES);
	found[nfound++] = *p;
}

static int read_table(void)
{
	nfound = 0;
	return gpt_read(&dev, on_found);
}

static uint32_t crc32(const uint8_t *p, size_t n)
{
	uint32_t crc = ~0u;

	for (; n; n--, p++) {
		crc ^= *p;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void put(void *at, uint64_t v, size_t n)
{
	memcpy(at, &v, n);
}

static uint8_t *table_of(uint64_t lba)
{
	return lba == 1 ? disk[2] : disk[NSECTORS - 1 - TABLE_SECTORS];
}

static void seal(uint64_t lba)
{
	uint8_t *h = disk[lba];

	put(h + 88, crc32(table_of(lba), ENTRIES * 128), 4);
	put(h + 16, 0, 4);
	put(h + 16, crc32(h, 92), 4);
}

static void header(uint64_t lba)
{
	uint8_t *h = disk[lba];

	memcpy(h, "EFI PART", 8);
	put(h + 8, 0x10000, 4);
	put(h + 12, 92, 4);
	put(h + 24, lba, 8);
	put(h + 32, NSECTORS - lba, 8);
	put(h + 40, 34, 8);
	put(h + 48, NSECTORS - 34, 8);
	put(h + 72, lba == 1 ? 2 : NSECTORS - 1 - TABLE_SECTORS, 8);
	put(h + 80, ENTRIES, 4);
	put(h + 84, 128, 4);
	seal(lba);
}

static void entry(unsigned i, uint64_t first, uint64_t last)
{
	uint64_t copies[] = {1, NSECTORS - 1};

	for (unsigned c = 0; c < 2; c++) {
		uint8_t *e = table_of(copies[c]) + i * 128;

		memset(e, 0x11 + i, 16);
		put(e + 32, first, 8);
		put(e + 40, last, 8);
		seal(copies[c]);
	}
}

/* Two partitions: number 1 over 40..59, number 5 over 60..60. */
static void good(void)
{
	memset(disk, 0, sizeof(disk));
	bad_sector = 0;
	header(1);
	header(NSECTORS - 1);
	entry(0, 40, 59);
	entry(4, 60, 60);
}

static void expect_good(void)
{
	CHECK(read_table() == 2 && nfound == 2);
	CHECK(found[0].number == 1 && found[0].first == 40 &&
		found[0].nsectors == 20 && found[0].type[3] == 0x11);
	CHECK(found[1].number == 5 && found[1].first == 60 &&
		found[1].nsectors == 1 && found[1].type[15] == 0x15);
}

static void reads_a_table(void)
{
	good();
	expect_good();
}

static void no_table(void)
{
	memset(disk, 0, sizeof(disk));
	CHECK(read_table() == -ENOENT);
	dev.nsectors = 3;
	CHECK(read_table() == -ENOENT);
	dev.nsectors = 0;
	CHECK(read_table() == -ENOENT);
	dev.nsectors = NSECTORS;
}

static void one_bit_of_the_header(void)
{
	for (unsigned bit = 0; bit < 92 * 8; bit++) {
		good();
		memset(disk[NSECTORS - 1], 0, 512);
		disk[1][bit / 8] ^= 1 << bit % 8;
		CHECK(read_table() == (bit < 64 ? -ENOENT : -EINVAL));
		CHECK(nfound == 0);
	}
}

static void one_bit_of_the_table(void)
{
	for (unsigned bit = 0; bit < ENTRIES * 128 * 8; bit += 97) {
		good();
		memset(disk[NSECTORS - 1], 0, 512);
		table_of(1)[bit / 8] ^= 1 << bit % 8;
		CHECK(read_table() == -EINVAL && nfound == 0);
	}
}

static void backup(void)
{
	good();
	memset(disk[1], 0, 512);
	expect_good();
	good();
	disk[1][60] ^= 1;
	expect_good();
	good();
	table_of(1)[600] ^= 1;
	expect_good();
	good();
	bad_sector = 1;
	expect_good();
	good();
	memset(disk[NSECTORS - 1], 0, 512);
	bad_sector = 3;
	CHECK(read_table() == -EIO && nfound == 0);
}

/* A header with right checksums and one field that cannot be. */
static void expect_refused(unsigned off, uint64_t value, size_t n)
{
	good();
	memset(disk[NSECTORS - 1], 0, 512);
	put(disk[1] + off, value, n);
	seal(1);
	CHECK(read_table() == -EINVAL && nfound == 0);
}

static void hostile_headers(void)
{
	static const struct {
		unsigned off;
		uint64_t value;
		size_t n;
	} cases[] = {
		{8, 0x20000, 4}, /* revision */
		{12, 91, 4},
		{12, 513, 4},
		{12, 0, 4}, /* header size */
		{12, UINT32_MAX, 4},
		{24, 2, 8},             /* own place */
		{40, NSECTORS - 33, 8}, /* usable range */
		{48, NSECTORS, 8},
		{48, UINT64_MAX, 8},
		{40, 5, 8},
		{40, UINT64_MAX, 8},
		{72, 1, 8},
		{72, 0, 8},
		{72, NSECTORS, 8}, /* table */
		{72, UINT64_MAX, 8},
		{72, NSECTORS - 31, 8},
		{72, 40, 8},
		{80, 0, 4},
		{80, UINT32_MAX, 4},
		{80, 513, 4}, /* entries */
		{80, 0x2000001, 4},
		{84, 0, 4},
		{84, 64, 4},
		{84, 129, 4},
		{84, 192, 4},
		{84, 0x80000000, 4},
		{84, 8192, 4},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_refused(cases[i].off, cases[i].value, cases[i].n);
}

/* The table behind the usable range, which then may begin anywhere: found
 * by the fuzzer with partitions over the headers. */
static void usable_headers(void)
{
	static const uint64_t first_usable[] = {0, 1, 2};

	for (unsigned i = 0; i < 3; i++) {
		good();
		entry(9, first_usable[i], 5);
		memset(disk[NSECTORS - 1], 0, 512);
		put(disk[1] + 72, NSECTORS - 1 - TABLE_SECTORS, 8);
		put(disk[1] + 40, first_usable[i], 8);
		seal(1);
		CHECK(read_table() == (first_usable[i] < 2 ? -EINVAL : 3));
	}
}

static void hostile_partitions(void)
{
	static const uint64_t ranges[][2] = {{50, 49}, {33, 40}, {100, 170},
		{0, 0}, {0, UINT64_MAX}, {UINT64_MAX, UINT64_MAX}, {59, 59},
		{35, 40}, {41, 42}, {35, 100}, {60, 60}};

	for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		good();
		entry(9, ranges[i][0], ranges[i][1]);
		CHECK(read_table() == -EINVAL && nfound == 0);
	}
	good();
	entry(9, 61, 61);
	CHECK(read_table() == 3);
}

static void short_of_memory(void)
{
	good();
	fake_fail_alloc = 1;
	CHECK(read_table() == -ENOMEM && nfound == 0);
	fake_fail_alloc = 0;
}

int main(void)
{
	static const struct fake_test tests[] = {
		{"reads a table", reads_a_table},
		{"a disk without a table", no_table},
		{"refuses any changed bit of the header",
			one_bit_of_the_header},
		{"refuses any changed bit of the table", one_bit_of_the_table},
		{"takes the backup for a damaged first copy", backup},
		{"refuses headers that cannot be", hostile_headers},
		{"refuses partitions over the headers", usable_headers},
		{"refuses partitions that cannot be", hostile_partitions},
		{"says that memory is short", short_of_memory},
	};

	return fake_run(tests, sizeof(tests) / sizeof(tests[0]));
}
