/* SPDX-License-Identifier: Apache-2.0 */
/* GUID partition tables: both headers, entries, protective MBR. */
#include "disk/gpt.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "core/file.h"
#include "core/mem.h"

enum {
	HEADER_SIZE = 92,
	TABLE_SIZE = GPT_ENTRIES * GPT_ENTRY_SIZE,
	TABLE_SECTORS = TABLE_SIZE / 512,
};

static const uint8_t magic[8] = {'E', 'F', 'I', ' ', 'P', 'A', 'R', 'T'};

static void put_le(uint8_t *p, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_le(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static uint32_t checksum(const uint8_t *p, size_t n)
{
	return (uint32_t)crc32(0, p, (uInt)n);
}

static void fill_entries(const struct gpt *g, uint8_t *table)
{
	for (size_t i = 0; i < g->nparts; i++) {
		const struct gpt_part *part = &g->part[i];
		uint8_t *at = table + i * GPT_ENTRY_SIZE;

		memcpy(at, part->type.b, 16);
		memcpy(at + 16, part->guid.b, 16);
		put_le(at + 32, part->first_lba, 8);
		put_le(at + 40, part->last_lba, 8);
		for (size_t c = 0; c < GPT_NAME && part->name[c]; c++)
			at[56 + 2 * c] = (uint8_t)part->name[c];
	}
}

static void fill_header(const struct gpt *g, const uint8_t *table,
	uint64_t my_lba, uint64_t other_lba, uint64_t table_lba, uint8_t *h)
{
	memset(h, 0, GPT_SECTOR);
	memcpy(h, magic, sizeof(magic));
	put_le(h + 8, 0x00010000, 4);
	put_le(h + 12, HEADER_SIZE, 4);
	put_le(h + 24, my_lba, 8);
	put_le(h + 32, other_lba, 8);
	put_le(h + 40, GPT_FIRST, 8);
	put_le(h + 48, g->nsectors - GPT_LAST_GAP, 8);
	memcpy(h + 56, g->guid.b, 16);
	put_le(h + 72, table_lba, 8);
	put_le(h + 80, GPT_ENTRIES, 4);
	put_le(h + 84, GPT_ENTRY_SIZE, 4);
	put_le(h + 88, checksum(table, TABLE_SIZE), 4);
	put_le(h + 16, checksum(h, HEADER_SIZE), 4);
}

/* The one partition of the protective MBR and the signature. */
static void fill_mbr(const struct gpt *g, uint8_t *p)
{
	static const uint8_t entry[12] = {
		0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0};
	uint64_t rest = g->nsectors - 1;

	memcpy(p + 446, entry, sizeof(entry));
	put_le(p + 458, rest < UINT32_MAX ? rest : UINT32_MAX, 4);
	p[510] = 0x55;
	p[511] = 0xaa;
}

int gpt_write(const struct gpt *g, int fd, struct err *e)
{
	_free_ uint8_t *table = xcalloc(1, TABLE_SIZE);
	uint8_t sector[GPT_SECTOR] = {0};
	uint64_t end = g->nsectors;
	int r;

	fill_entries(g, table);
	fill_mbr(g, sector);
	r = file_pwrite_all(fd, sector + 440, GPT_SECTOR - 440, 440, e);
	if (r < 0)
		return r;
	fill_header(g, table, 1, end - 1, 2, sector);
	r = file_pwrite_all(fd, sector, GPT_SECTOR, GPT_SECTOR, e);
	if (r < 0)
		return r;
	r = file_pwrite_all(fd, table, TABLE_SIZE, 2 * GPT_SECTOR, e);
	if (r < 0)
		return r;
	r = file_pwrite_all(fd, table, TABLE_SIZE,
		(end - 1 - TABLE_SECTORS) * GPT_SECTOR, e);
	if (r < 0)
		return r;
	fill_header(g, table, end - 1, 1, end - 1 - TABLE_SECTORS, sector);
	return file_pwrite_all(
		fd, sector, GPT_SECTOR, (end - 1) * GPT_SECTOR, e);
}

static int check_header(uint8_t *h, uint64_t nsectors, struct err *e)
{
	uint32_t sum = (uint32_t)get_le(h + 16, 4);
	uint64_t first = get_le(h + 40, 8), last = get_le(h + 48, 8);

	if (get_le(h + 8, 4) != 0x00010000 || get_le(h + 12, 4) != HEADER_SIZE)
		return err_set(e, -EINVAL, "GPT: unknown header version");
	memset(h + 16, 0, 4);
	if (checksum(h, HEADER_SIZE) != sum)
		return err_set(e, -EINVAL, "GPT: wrong header checksum");
	if (get_le(h + 24, 8) != 1 || get_le(h + 72, 8) != 2 ||
		get_le(h + 80, 4) != GPT_ENTRIES ||
		get_le(h + 84, 4) != GPT_ENTRY_SIZE)
		return err_set(e, -EINVAL, "GPT: unsupported layout");
	if (get_le(h + 32, 8) != nsectors - 1)
		return err_set(e, -EINVAL,
			"GPT: the backup is not at the end of the disk");
	if (first < GPT_FIRST || last >= nsectors || first > last)
		return err_set(e, -EINVAL, "GPT: wrong usable range");
	return 0;
}

static int check_parts(const struct gpt *g, const uint8_t *h, struct err *e)
{
	uint64_t first = get_le(h + 40, 8), last = get_le(h + 48, 8);

	for (size_t i = 0; i < g->nparts; i++) {
		const struct gpt_part *p = &g->part[i];

		if (p->first_lba < first || p->last_lba > last ||
			p->first_lba > p->last_lba)
			return err_set(e, -EINVAL,
				"GPT: partition %zu is outside the disk",
				i + 1);
		for (size_t k = 0; k < i; k++)
			if (p->first_lba <= g->part[k].last_lba &&
				g->part[k].first_lba <= p->last_lba)
				return err_set(e, -EINVAL,
					"GPT: partitions %zu and %zu overlap",
					k + 1, i + 1);
	}
	return 0;
}

static void read_entry(const uint8_t *at, struct gpt_part *p)
{
	memcpy(p->type.b, at, 16);
	memcpy(p->guid.b, at + 16, 16);
	p->first_lba = get_le(at + 32, 8);
	p->last_lba = get_le(at + 40, 8);
	for (size_t c = 0; c < GPT_NAME; c++) {
		uint64_t unit = get_le(at + 56 + 2 * c, 2);

		p->name[c] = unit == 0                    ? 0
			     : unit < 0x20 || unit > 0x7e ? '?'
							  : (char)unit;
		if (unit == 0)
			break;
	}
}

int gpt_parse(const uint8_t *p, size_t len, uint64_t size, struct gpt *g,
	struct err *e)
{
	static const uint8_t unused[16];
	_free_ struct gpt *got = xcalloc(1, sizeof(*got));
	uint8_t h[GPT_SECTOR];
	const uint8_t *table = p + 2 * GPT_SECTOR;
	int r;

	if (len < GPT_FIRST * GPT_SECTOR || size < 68 * GPT_SECTOR ||
		memcmp(p + GPT_SECTOR, magic, sizeof(magic)) != 0)
		return err_set(e, -ENOENT, "no GUID partition table");
	got->nsectors = size / GPT_SECTOR;
	memcpy(h, p + GPT_SECTOR, sizeof(h));
	r = check_header(h, got->nsectors, e);
	if (r < 0)
		return r;
	if (get_le(h + 88, 4) != checksum(table, TABLE_SIZE))
		return err_set(e, -EINVAL, "GPT: wrong checksum of entries");
	memcpy(got->guid.b, h + 56, 16);
	for (size_t i = 0; i < GPT_ENTRIES; i++)
		if (memcmp(table + i * GPT_ENTRY_SIZE, unused, 16) != 0)
			read_entry(table + i * GPT_ENTRY_SIZE,
				&got->part[got->nparts++]);
	r = check_parts(got, h, e);
	if (r < 0)
		return r;
	*g = *got;
	return 0;
}

int gpt_read(int fd, uint64_t size, struct gpt *g, struct err *e)
{
	_free_ uint8_t *p = xcalloc(GPT_FIRST, GPT_SECTOR);
	size_t want = GPT_FIRST * GPT_SECTOR, have = 0;

	while (have < want) {
		ssize_t n = pread(fd, p + have, want - have, (off_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "read");
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return gpt_parse(p, have, size, g, e);
}
