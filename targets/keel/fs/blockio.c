/* SPDX-License-Identifier: Apache-2.0 */
/* Reading pages from a block device through one buffer. */
#include "fs/blockio.h"

#include <asm/errno.h>

#include "drivers/block.h"
#include "kern/string.h"
#include "mm/page.h"
#include "sched/waitq.h"

/*
 * Pages of a file are scattered in memory, and a request wants one piece:
 * a buffer of up to 128 KiB, made at the first use, smaller in a small
 * machine. Copying costs little beside the request.
 */
enum { ORDER_MAX = 5, SECTORS = PAGE_SIZE / SECTOR_SIZE };

static struct {
	struct mutex lock;
	void *va;       /* under lock */
	unsigned order; /* under lock */
} buffer;

static void buffer_make(void)
{
	unsigned order = ORDER_MAX;

	while (order && 256UL << order > page_total())
		order--;
	buffer.va = pages_alloc(order, 0);
	while (!buffer.va && order)
		buffer.va = pages_alloc(--order, 0);
	buffer.order = order;
}

static int read_lot(
	struct block_device *d, uint64_t index, struct page **pages, unsigned n)
{
	uint64_t first = index * SECTORS, count = (uint64_t)n * SECTORS;
	uint64_t have = 0;
	char *p = buffer.va;
	int err;

	if (first < d->nsectors)
		have = MIN(count, d->nsectors - first);
	if (have) {
		err = d->rw(d, false, first, p, have);
		if (err)
			return err;
	}
	memset(p + have * SECTOR_SIZE, 0, (count - have) * SECTOR_SIZE);
	for (unsigned i = 0; i < n; i++)
		memcpy(page_va(pages[i]), p + i * PAGE_SIZE, PAGE_SIZE);
	return 0;
}

int blockio_read(
	struct block_device *d, uint64_t index, struct page **pages, unsigned n)
{
	int err = 0;

	mutex_lock(&buffer.lock);
	if (!buffer.va)
		buffer_make();
	if (!buffer.va)
		err = -ENOMEM;
	for (unsigned done = 0, lot; !err && done < n; done += lot) {
		lot = MIN(n - done, 1u << buffer.order);
		err = read_lot(d, index + done, pages + done, lot);
	}
	mutex_unlock(&buffer.lock);
	return err;
}
