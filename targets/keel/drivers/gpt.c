/* SPDX-License-Identifier: Apache-2.0 */
/* GUID partition tables (UEFI 2.10, 5.3). */
#include "drivers/gpt.h"

#include <asm/errno.h>

#include "drivers/block.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

#define SIGNATURE 0x5452415020494645ull /* "EFI PART" */

struct gpt_header { /* 5.3.2 */
	uint64_t signature;
	uint32_t revision, header_size, header_crc, zero;
	uint64_t my_lba, other_lba, first_usable, last_usable;
	uint8_t disk_guid[16];
	uint64_t table_lba;
	uint32_t nentries, entry_size, table_crc;
} __attribute__((packed));
_Static_assert(sizeof(struct gpt_header) == 92, "UEFI 2.10, 5.3.2");

struct gpt_entry { /* 5.3.3 */
	uint8_t type[16], guid[16];
	uint64_t first, last, attributes;
	uint16_t name[36];
};
_Static_assert(sizeof(struct gpt_entry) == 128, "UEFI 2.10, 5.3.3");

enum { ENTRY_MIN = 128, ENTRY_MAX = 4096, TABLE_MAX = 65536 };

/* The CRC of IEEE 802.3, four bits at a time; start with 0. */
static uint32_t crc32(uint32_t crc, const uint8_t *p, size_t n)
{
	static const uint32_t nibble[16] = {
		0x00000000,
		0x1db71064,
		0x3b6e20c8,
		0x26d930ac,
		0x76dc4190,
		0x6b6b51f4,
		0x4db26158,
		0x5005713c,
		0xedb88320,
		0xf00f9344,
		0xd6d6a3e8,
		0xcb61b38c,
		0x9b64c2b0,
		0x86d3d2d4,
		0xa00ae278,
		0xbdbdf21c,
	};

	crc = ~crc;
	for (; n; n--, p++) {
		crc ^= *p;
		crc = crc >> 4 ^ nibble[crc & 15];
		crc = crc >> 4 ^ nibble[crc & 15];
	}
	return ~crc;
}

/* NULL, or what is wrong with a header read from sector `lba`. */
static const char *check_header(
	const uint8_t *sector, uint64_t lba, uint64_t nsectors)
{
	static const uint8_t zero[4];
	struct gpt_header h;
	uint64_t table_sectors;
	uint32_t crc;

	memcpy(&h, sector, sizeof(h));
	if (h.revision >> 16 != 1)
		return "unknown revision";
	if (h.header_size < sizeof(h) || h.header_size > SECTOR_SIZE)
		return "bad header size";
	crc = crc32(0, sector, offsetof(struct gpt_header, header_crc));
	crc = crc32(crc, zero, sizeof(zero));
	crc = crc32(crc, sector + offsetof(struct gpt_header, zero),
		h.header_size - offsetof(struct gpt_header, zero));
	if (crc != h.header_crc)
		return "bad header checksum";
	if (h.my_lba != lba)
		return "header in the wrong place";
	if (h.entry_size < ENTRY_MIN || h.entry_size > ENTRY_MAX ||
		(h.entry_size & (h.entry_size - 1)))
		return "bad entry size";
	if (h.nentries == 0 || h.nentries > TABLE_MAX / h.entry_size)
		return "bad number of entries";
	/* Sectors 0 and 1 are never usable, nor is a backup header's. */
	if (h.first_usable < 2 || h.first_usable > h.last_usable ||
		h.last_usable >= (lba > 1 ? lba : nsectors))
		return "bad usable range";
	table_sectors =
		((uint64_t)h.nentries * h.entry_size + SECTOR_SIZE - 1) /
		SECTOR_SIZE;
	if (h.table_lba < 2 || h.table_lba >= nsectors ||
		table_sectors > nsectors - h.table_lba)
		return "table outside of the disk";
	if (h.table_lba <= h.last_usable &&
		h.table_lba + table_sectors > h.first_usable)
		return "table inside of the usable range";
	return NULL;
}

static bool entry_used(const struct gpt_entry *e)
{
	static const uint8_t unused[16];

	return memcmp(e->type, unused, sizeof(unused)) != 0;
}

static struct gpt_entry entry_at(
	const struct gpt_header *h, const uint8_t *table, unsigned i)
{
	struct gpt_entry e;

	memcpy(&e, table + (size_t)i * h->entry_size, sizeof(e));
	return e;
}

static const char *check_entries(
	const struct gpt_header *h, const uint8_t *table)
{
	unsigned i, k;

	for (i = 0; i < h->nentries; i++) {
		struct gpt_entry e = entry_at(h, table, i);

		if (!entry_used(&e))
			continue;
		if (e.first > e.last || e.first < h->first_usable ||
			e.last > h->last_usable)
			return "partition outside of the usable range";
		for (k = 0; k < i; k++) {
			struct gpt_entry o = entry_at(h, table, k);

			if (entry_used(&o) && e.first <= o.last &&
				o.first <= e.last)
				return "partitions overlap";
		}
	}
	return NULL;
}

/* One copy of the table. 0 and *h, *table (to be freed), or -errno. */
static int read_copy(struct block_device *d, uint64_t lba, struct gpt_header *h,
	uint8_t **table)
{
	uint8_t sector[SECTOR_SIZE];
	const char *wrong;
	size_t bytes, room;
	int err;

	err = d->rw(d, false, lba, sector, 1);
	if (err)
		return err;
	memcpy(h, sector, sizeof(*h));
	if (h->signature != SIGNATURE)
		return -ENOENT;
	wrong = check_header(sector, lba, d->nsectors);
	if (wrong)
		goto bad;
	bytes = (size_t)h->nentries * h->entry_size;
	room = ALIGN_UP(bytes, (size_t)SECTOR_SIZE);
	*table = kmalloc(room);
	if (!*table)
		return -ENOMEM;
	err = d->rw(d, false, h->table_lba, *table, room / SECTOR_SIZE);
	if (err) {
		kfree(*table);
		return err;
	}
	wrong = "bad table checksum";
	if (crc32(0, *table, bytes) == h->table_crc)
		wrong = check_entries(h, *table);
	if (!wrong)
		return 0;
	kfree(*table);
bad:
	klog("%s: partition table at sector %lu: %s\n", d->name,
		(unsigned long)lba, wrong);
	return -EINVAL;
}

int gpt_read(struct block_device *d,
	void (*found)(struct block_device *d, const struct gpt_partition *p))
{
	struct gpt_header h;
	uint8_t *table;
	unsigned i;
	int n = 0, err, err2;

	if (d->nsectors < 4)
		return -ENOENT;
	err = read_copy(d, 1, &h, &table);
	if (err == -EINVAL || err == -EIO || err == -ENOENT) {
		err2 = read_copy(d, d->nsectors - 1, &h, &table);
		if (err2)
			return err == -ENOENT ? err2 : err;
	} else if (err) {
		return err;
	}
	for (i = 0; i < h.nentries; i++) {
		struct gpt_entry e = entry_at(&h, table, i);
		struct gpt_partition p = {
			.number = i + 1,
			.first = e.first,
			.nsectors = e.last - e.first + 1,
		};

		if (!entry_used(&e))
			continue;
		memcpy(p.type, e.type, sizeof(p.type));
		found(d, &p);
		n++;
	}
	kfree(table);
	return n;
}
