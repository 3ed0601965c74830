/* SPDX-License-Identifier: Apache-2.0 */
/* keel's block driver against disks that work, fail, and lie. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/virtq.h"
#include "keel-fake.h"

#define F_SIZE_MAX (1ull << 1)
#define F_SEG_MAX  (1ull << 2)
#define F_RO       (1ull << 5)
#define F_BLK_SIZE (1ull << 6)
#define F_FLUSH    (1ull << 9)
#define MODERN     (VIRTIO_F_VERSION_1 | VIRTIO_F_EVENT_IDX)

enum { NSECTORS = 8192, QUEUE = 64 };

extern const struct virtio_driver virtio_blk_driver;

static struct fake_device dev;
static uint8_t disk[NSECTORS * 512];
static unsigned flushes, requests, most_in_flight;
static uint64_t bad_sector;

static void put(unsigned off, uint64_t v, size_t n)
{
	memcpy(dev.config + off, &v, n);
}

/* What a disk does with one request; the status byte is the last. */
static uint32_t serve(int head)
{
	struct fake_piece p[QUEUE];
	unsigned n = fake_pieces(&dev, 0, head, p), i;
	uint32_t type, written = 0;
	uint64_t sector;

	CHECK(n >= 2 && p[0].len == 16 && !p[0].in);
	CHECK(p[n - 1].len == 1 && p[n - 1].in);
	memcpy(&type, p[0].data, 4);
	memcpy(&sector, p[0].data + 8, 8);
	requests++;
	if (type == 4) {
		CHECK(n == 2);
		flushes++;
	}
	*p[n - 1].data = 0;
	for (i = 1; i < n - 1; i++) {
		uint64_t at = sector * 512 + written;

		CHECK(type <= 1 && p[i].in == (type == 0));
		CHECK(at + p[i].len <= sizeof(disk));
		if (type == 0)
			memcpy(p[i].data, disk + at, p[i].len);
		else
			memcpy(disk + at, p[i].data, p[i].len);
		written += p[i].len;
	}
	CHECK(written % 512 == 0);
	if (bad_sector && sector <= bad_sector &&
		bad_sector < sector + written / 512)
		*p[n - 1].data = 1;
	return type == 0 ? written + 1 : 1;
}

/* Serves all that waits, the last request first. */
static void work(void)
{
	int heads[QUEUE];
	unsigned n = 0;
	bool wanted = false;

	CHECK(dev.q[0].notified);
	while (n < QUEUE && (heads[n] = fake_next(&dev, 0)) >= 0)
		n++;
	CHECK(n);
	most_in_flight = n > most_in_flight ? n : most_in_flight;
	while (n) {
		uint32_t len = serve(heads[--n]);

		wanted |= fake_done(&dev, 0, heads[n], len);
	}
	CHECK(wanted);
	dev.v.interrupt(&dev.v);
}

static struct block_device *last(void)
{
	struct block_device *d = block_first();

	while (d->next)
		d = d->next;
	return d;
}

/* A disk on the driver; none of its sectors is a partition table. */
static struct block_device *disk_new(uint64_t features)
{
	fake_init(&dev, VIRTIO_BLOCK, features, QUEUE);
	for (size_t i = 0; i < sizeof(disk); i++)
		disk[i] = i * 7 + i / 512;
	put(0, NSECTORS, 8);
	put(8, 8192, 4);
	put(12, 6, 4);
	put(20, 512, 4);
	flushes = requests = most_in_flight = 0;
	bad_sector = 0;
	fake_idle = work;
	CHECK(virtio_blk_driver.probe(&dev.v) == 0);
	return last();
}

static _Alignas(512) uint8_t buf[sizeof(disk) + 4096];

static void read_write(uint64_t features)
{
	struct block_device *d = disk_new(features);

	CHECK(d->nsectors == NSECTORS && !d->read_only);
	for (unsigned i = 0; i < 300; i++) {
		size_t n = 1 + fake_random() % (i % 8 ? 20 : 4000);
		uint64_t sector = fake_random() % (NSECTORS - n + 1);
		size_t skew = i % 3 ? 0 : fake_random() % 4096;

		memset(buf, 0, sizeof(buf));
		CHECK(d->rw(d, false, sector, buf + skew, n) == 0);
		CHECK(!memcmp(buf + skew, disk + sector * 512, n * 512));
		CHECK(!buf[skew + n * 512]);
		for (size_t k = 0; k < n * 512; k++)
			buf[skew + k] = fake_random();
		CHECK(d->rw(d, true, sector, buf + skew, n) == 0);
		CHECK(!memcmp(buf + skew, disk + sector * 512, n * 512));
	}
	CHECK(d->rw(d, false, 0, buf, NSECTORS) == 0);
	CHECK(d->flush(d) == 0);
	CHECK(flushes == !!(features & F_FLUSH));
}

static void legacy(void)
{
	read_write(0);
	read_write(F_SEG_MAX | F_SIZE_MAX | F_BLK_SIZE);
}

static void modern(void)
{
	read_write(MODERN | F_FLUSH);
	read_write(MODERN | F_FLUSH | F_SEG_MAX | F_SIZE_MAX);
	CHECK(most_in_flight > 4);
}

/* Pieces of half a page that no direct map joins: tested by size_max 512. */
static void small_segments(void)
{
	struct block_device *d;

	fake_init(&dev, VIRTIO_BLOCK, MODERN, QUEUE);
	d = disk_new(MODERN | F_SIZE_MAX | F_SEG_MAX);
	put(8, 700, 4);
	put(12, 1, 4);
	CHECK(virtio_blk_driver.probe(&dev.v) == 0);
	d = last();
	CHECK(d->rw(d, false, 3, buf, 100) == 0);
	CHECK(!memcmp(buf, disk + 3 * 512, 100 * 512));
	put(8, 100, 4);
	CHECK(virtio_blk_driver.probe(&dev.v) == -EINVAL);
}

static void bounds(void)
{
	struct block_device *d = disk_new(MODERN);
	unsigned before = requests;

	CHECK(d->rw(d, false, NSECTORS, buf, 1) == -EIO);
	CHECK(d->rw(d, false, NSECTORS - 1, buf, 2) == -EIO);
	CHECK(d->rw(d, false, UINT64_MAX, buf, 2) == -EIO);
	CHECK(d->rw(d, false, 1, buf, SIZE_MAX) == -EIO);
	CHECK(d->rw(d, false, NSECTORS, buf, 0) == 0);
	CHECK(requests == before);
}

static void read_only(void)
{
	struct block_device *d = disk_new(MODERN | F_RO);

	CHECK(d->read_only);
	CHECK(d->rw(d, true, 0, buf, 1) == -EROFS);
	CHECK(d->rw(d, false, 0, buf, 1) == 0);
}

static void io_error(void)
{
	struct block_device *d = disk_new(MODERN);

	bad_sector = 5000;
	CHECK(d->rw(d, false, 0, buf, NSECTORS) == -EIO);
	CHECK(d->rw(d, true, 5000, buf, 1) == -EIO);
	CHECK(d->rw(d, false, 4999, buf, 1) == 0);
	bad_sector = 0;
	CHECK(d->rw(d, false, 0, buf, NSECTORS) == 0);
}

/* Nothing is written to the status: the driver's own value stays. */
static void work_without_status(void)
{
	int head;

	while ((head = fake_next(&dev, 0)) >= 0)
		fake_done(&dev, 0, head, 0);
	dev.v.interrupt(&dev.v);
}

static void no_status(void)
{
	struct block_device *d = disk_new(MODERN);

	fake_idle = work_without_status;
	CHECK(d->rw(d, false, 0, buf, 8) == -EIO);
}

static void work_wrongly(void)
{
	CHECK(fake_next(&dev, 0) >= 0);
	fake_done(&dev, 0, 60, 1);
	dev.v.interrupt(&dev.v);
}

static void lies(void)
{
	struct block_device *d = disk_new(MODERN | F_FLUSH);

	fake_idle = work_wrongly;
	CHECK(d->rw(d, false, 0, buf, NSECTORS) == -EIO);
	CHECK(dev.status == 0); /* reset: it writes no more */
	fake_idle = NULL;
	CHECK(d->rw(d, false, 0, buf, 1) == -EIO);
	CHECK(d->flush(d) == -EIO);
}

static void large_blocks(void)
{
	disk_new(MODERN | F_BLK_SIZE);
	put(20, 4096, 4);
	CHECK(virtio_blk_driver.probe(&dev.v) == -EINVAL);
}

int main(void)
{
	static const struct fake_test tests[] = {
		{"legacy: reads and writes", legacy},
		{"modern: reads and writes, several in flight", modern},
		{"keeps to the limits of segments", small_segments},
		{"refuses sectors outside of the disk", bounds},
		{"a read-only disk", read_only},
		{"an I/O error is -EIO, and only there", io_error},
		{"a missing status is an error", no_status},
		{"a device that lies is reset", lies},
		{"refuses a disk with sectors over 512 bytes", large_blocks},
	};

	return fake_run(tests, sizeof(tests) / sizeof(tests[0]));
}
