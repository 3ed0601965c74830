/* SPDX-License-Identifier: Apache-2.0 */
/* VHDX disks ([MS-VHDX]): what is random replaced by what is derived. */
#include "disk/vhdx.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "disk/crc32c.h"
#include "disk/guid.h"

enum {
	/* 2.2.2: two headers of 4 KiB, 2.2.3: two region tables */
	HEADERS = 64 << 10,
	HEADER_STEP = 64 << 10,
	HEADER_SIZE = 4096,
	CHECKSUM = 4,
	SEQUENCE = 8,
	FILE_GUID = 16, /* of the file's and the data's last change */
	DATA_GUID = 32,
	LOG_GUID = 48,
	LOG_LENGTH = 68,
	LOG_OFFSET = 72,
	REGIONS = 192 << 10,
	REGIONS_SIZE = 64 << 10,
	ENTRY_COUNT = 8,
	ENTRIES = 16,
	METADATA_COUNT = 10, /* 2.6.1.1: u16 */
	METADATA_ENTRIES = 32,
	ENTRY_SIZE = 32,
	ENTRY_OFFSET = 16,
	ENTRIES_MAX = 2047,
};

#define METADATA_REGION "8B7CA206-4790-4B9A-B8FE-575F050F886E"
#define PAGE_83_DATA    "BECA12AB-B2E6-4523-93EF-C309E000C746"

static uint64_t get_le(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static void put_le(uint8_t *p, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static int bad(struct err *e, const char *what)
{
	return err_set(e, -EINVAL, "vhdx: %s", what);
}

/* The header with the greater sequence number is the valid one. */
static int read_header(int fd, uint8_t *p, struct err *e)
{
	uint8_t other[HEADER_SIZE];

	if (pread(fd, p, HEADER_SIZE, HEADERS) != HEADER_SIZE ||
		pread(fd, other, HEADER_SIZE, HEADERS + HEADER_STEP) !=
			HEADER_SIZE ||
		memcmp(p, "head", 4) != 0 || memcmp(other, "head", 4) != 0)
		return bad(e, "no header");
	if (get_le(other + SEQUENCE, 8) > get_le(p + SEQUENCE, 8))
		memcpy(p, other, HEADER_SIZE);
	return 0;
}

/* Both headers, numbers 1 and 2. */
static int write_headers(int fd, uint8_t *p, const char *seed, struct err *e)
{
	struct guid file = guid_derive(seed, "vhdx file");
	struct guid data = guid_derive(seed, "vhdx data");
	int r = 0;

	memcpy(p + FILE_GUID, file.b, sizeof(file.b));
	memcpy(p + DATA_GUID, data.b, sizeof(data.b));
	for (uint64_t i = 0; r == 0 && i < 2; i++) {
		put_le(p + SEQUENCE, i + 1, 8);
		put_le(p + CHECKSUM, 0, 4);
		put_le(p + CHECKSUM, ~crc32c(p, HEADER_SIZE), 4);
		r = file_pwrite_all(
			fd, p, HEADER_SIZE, HEADERS + i * HEADER_STEP, e);
	}
	return r;
}

/* An empty log still has the entries of the time before it was emptied. */
static int clear_log(int fd, const uint8_t *header, struct err *e)
{
	static const uint8_t none[16];
	uint64_t at = get_le(header + LOG_OFFSET, 8);
	uint64_t size = get_le(header + LOG_LENGTH, 4);
	uint8_t zeros[HEADER_SIZE] = {0};
	int r = 0;

	if (memcmp(header + LOG_GUID, none, sizeof(none)) != 0)
		return bad(e, "it has a log to be replayed");
	for (uint64_t i = 0; r == 0 && i + sizeof(zeros) <= size;
		i += sizeof(zeros))
		r = file_pwrite_all(fd, zeros, sizeof(zeros), at + i, e);
	return r;
}

/* The entry of a table that begins with this GUID, or NULL. */
static const uint8_t *find_entry(
	const uint8_t *table, size_t first, uint64_t count, const char *guid)
{
	struct guid g = guid_parse(guid);

	for (uint64_t i = 0; i < count && i < ENTRIES_MAX - 1; i++) {
		const uint8_t *p = table + first + i * ENTRY_SIZE;

		if (memcmp(p, g.b, sizeof(g.b)) == 0)
			return p;
	}
	return NULL;
}

static int set_identity(int fd, uint64_t metadata, const char *seed,
	uint8_t *table, struct err *e)
{
	struct guid id = guid_derive(seed, "vhdx");
	const uint8_t *entry;

	if (pread(fd, table, REGIONS_SIZE, (off_t)metadata) != REGIONS_SIZE ||
		memcmp(table, "metadata", 8) != 0)
		return bad(e, "no metadata");
	entry = find_entry(table, METADATA_ENTRIES,
		get_le(table + METADATA_COUNT, 2), PAGE_83_DATA);
	if (!entry)
		return bad(e, "no identity in the metadata");
	return file_pwrite_all(fd, id.b, sizeof(id.b),
		metadata + get_le(entry + ENTRY_OFFSET, 4), e);
}

int vhdx_set_guids(int fd, const char *seed, struct err *e)
{
	_free_ uint8_t *table = xmalloc(REGIONS_SIZE);
	uint8_t header[HEADER_SIZE];
	const uint8_t *entry;
	int r = read_header(fd, header, e);

	if (r == 0)
		r = clear_log(fd, header, e);
	if (r == 0)
		r = write_headers(fd, header, seed, e);
	if (r < 0)
		return r;
	if (pread(fd, table, REGIONS_SIZE, REGIONS) != REGIONS_SIZE ||
		memcmp(table, "regi", 4) != 0)
		return bad(e, "no region table");
	entry = find_entry(table, ENTRIES, get_le(table + ENTRY_COUNT, 4),
		METADATA_REGION);
	if (!entry)
		return bad(e, "no metadata region");
	return set_identity(
		fd, get_le(entry + ENTRY_OFFSET, 8), seed, table, e);
}
