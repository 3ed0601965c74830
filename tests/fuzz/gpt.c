/* SPDX-License-Identifier: Apache-2.0 */
/* keel's GPT reader on arbitrary disks (libFuzzer). */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "drivers/block.h"
#include "drivers/gpt.h"
#include "kern/log.h"
#include "mm/kmalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- what the reader needs of keel --------------------------------------- */
void *kmalloc(size_t size)
{
	return malloc(size);
}

void kfree(void *p)
{
	free(p);
}

void klog(const char *fmt, ...)
{
	(void)fmt;
}

/* --- the disk ------------------------------------------------------------ */
static uint8_t *disk;
static uint64_t nfound, ends[512], starts[512];

static int disk_rw(struct block_device *d, bool write, uint64_t sector,
	void *buf, size_t nsectors)
{
	if (write || sector > d->nsectors || nsectors > d->nsectors - sector)
		abort();
	memcpy(buf, disk + sector * 512, nsectors * 512);
	return 0;
}

/* What keel relies on: inside of the disk, apart from each other, and never
 * over the headers. */
static void found(struct block_device *d, const struct gpt_partition *p)
{
	uint64_t end = p->first + p->nsectors;

	if (!p->nsectors || p->first < 2 || end < p->first ||
		end > d->nsectors || !p->number || nfound == 512)
		abort();
	for (uint64_t i = 0; i < nfound; i++) {
		if (p->first < ends[i] && starts[i] < end)
			abort();
	}
	starts[nfound] = p->first;
	ends[nfound++] = end;
}

/* Right checksums, so that the fuzzer gets past them. */
static void seal(uint8_t *h, size_t nsectors)
{
	uint64_t table;
	uint32_t n, each, len, crc;

	memcpy(&table, h + 72, 8);
	memcpy(&n, h + 80, 4);
	memcpy(&each, h + 84, 4);
	memcpy(&len, h + 12, 4);
	if (table < nsectors && each && n <= (nsectors - table) * 512 / each) {
		crc = crc32(0, disk + table * 512, n * each);
		memcpy(h + 88, &crc, 4);
	}
	if (len >= 92 && len <= 512) {
		memset(h + 16, 0, 4);
		crc = crc32(0, h, len);
		memcpy(h + 16, &crc, 4);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct block_device d = {.name = "vda", .rw = disk_rw};
	size_t nsectors;

	if (size < 1)
		return 0;
	nsectors = 1 + (size - 1 + 511) / 512;
	disk = calloc(nsectors, 512);
	memcpy(disk + 512, data + 1, size - 1);
	if (nsectors > 2 && data[0] & 1)
		seal(disk + 512, nsectors);
	if (nsectors > 2 && data[0] & 2)
		seal(disk + (nsectors - 1) * 512, nsectors);
	d.nsectors = nsectors;
	nfound = 0;
	gpt_read(&d, found);
	free(disk);
	return 0;
}
