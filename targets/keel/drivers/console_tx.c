/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio console's way out: a ring of bytes that the device reads. */
#include "drivers/console_tx.h"

#include <asm/errno.h>

#include "abi/channel.h"
#include "arch/arch.h"
#include "drivers/virtq.h"
#include "kern/string.h"
#include "mm/page.h"
#include "sched/waitq.h"

/* Sizes of the ring: 8 KiB while memory is small, else 64 KiB. */
enum { SMALL_ORDER = 1, LARGE_ORDER = 4, LARGE_PAGES = 16 << 8 };
enum { ENTRIES = 32, HEADER = sizeof(struct channel_frame) };

/* One piece, in the order of reservation. */
struct tx_entry {
	uint32_t len; /* with header, and the unused end of the ring before */
	bool done;
};

static struct {
	struct spinlock lock;
	/* All below are under lock. */
	struct virtq q;
	uint8_t *ring;
	uint32_t size;       /* a power of two */
	uint32_t head, tail; /* bytes reserved, bytes freed, ever */
	struct tx_entry entry[ENTRIES];
	uint32_t first, last; /* entries freed, entries reserved, ever */
} tx;

int console_tx_init(struct virtio_device *d, unsigned queue)
{
	unsigned order = SMALL_ORDER;

	if (page_total() >= LARGE_PAGES)
		order = LARGE_ORDER;
	tx.ring = pages_alloc(order, 0);
	if (!tx.ring)
		return -ENOMEM;
	tx.size = PAGE_SIZE << order;
	return virtq_init(&tx.q, d, queue, ENTRIES);
}

size_t console_tx_max(void)
{
	return tx.size / 4 - HEADER;
}

/* Takes back what the device has read. */
static void reclaim(void)
{
	struct tx_entry *e;
	uint32_t i, len;

	while (!virtq_take(&tx.q, &i, &len))
		tx.entry[i % ENTRIES].done = true;
	for (; tx.first != tx.last; tx.first++) {
		e = &tx.entry[tx.first % ENTRIES];
		if (!e->done)
			break;
		tx.tail += e->len;
	}
}

/* Bytes to skip before a piece of n contiguous bytes; -1: no room. */
static long find_room(size_t n)
{
	uint32_t at = tx.head & (tx.size - 1);
	uint32_t skip = at + n > tx.size ? tx.size - at : 0;

	if (tx.last - tx.first == MIN(ENTRIES, tx.q.size) ||
		tx.head - tx.tail + skip + n > tx.size)
		return -1;
	return skip;
}

int console_tx_reserve(struct tx_piece *p, unsigned type, size_t n)
{
	uint64_t irq = spin_lock(&tx.lock);
	size_t whole = n + (type ? HEADER : 0);
	struct channel_frame frame = {0};
	struct tx_entry *e;
	int err = 0;
	long skip;

	reclaim();
	skip = find_room(whole);
	if (tx.q.broken)
		err = -EIO;
	else if (skip < 0)
		err = -EAGAIN;
	if (err)
		goto out;
	e = &tx.entry[tx.last % ENTRIES];
	e->len = skip + whole;
	e->done = false;
	tx.head += skip;
	p->start = tx.ring + (tx.head & (tx.size - 1));
	p->data = p->start + (whole - n);
	p->len = whole;
	p->entry = tx.last++ % ENTRIES;
	tx.head += whole;
	frame.type = type;
	frame.len = n;
	memcpy(p->start, &frame, whole - n);
out:
	spin_unlock(&tx.lock, irq);
	return err;
}

int console_tx_commit(struct tx_piece *p)
{
	uint64_t irq = spin_lock(&tx.lock);
	struct tx_entry *e = &tx.entry[p->entry];
	struct virtq_buf b = {
		.pa = virtq_pa(p->start, 1, NULL),
		.len = p->len,
	};
	int err = virtq_add(&tx.q, &b, 1, 0, p->entry);

	if (err)
		e->done = true;
	spin_unlock(&tx.lock, irq);
	return err;
}

void console_tx_cancel(struct tx_piece *p)
{
	uint64_t irq = spin_lock(&tx.lock);

	tx.entry[p->entry].done = true;
	reclaim();
	spin_unlock(&tx.lock, irq);
}

void console_tx_kick(void)
{
	uint64_t irq = spin_lock(&tx.lock);

	virtq_kick(&tx.q);
	spin_unlock(&tx.lock, irq);
}

/* Half of what is under way, so that a long output is not cut into single
 * wake-ups. */
static bool room(size_t n)
{
	unsigned busy;

	for (;;) {
		reclaim();
		if (tx.q.broken || find_room(n + HEADER) >= 0)
			return true;
		busy = tx.q.size - tx.q.nfree;
		if (!busy || !virtq_arm(&tx.q, (busy + 1) / 2))
			return false;
	}
}

bool console_tx_room(size_t n)
{
	uint64_t irq = spin_lock(&tx.lock);
	bool yes = room(n);

	if (yes)
		virtq_disarm(&tx.q);
	spin_unlock(&tx.lock, irq);
	return yes;
}

void console_tx_flush(void)
{
	uint64_t irq = arch_irq_save();

	for (;;) {
		reclaim();
		virtq_kick(&tx.q);
		if (tx.q.broken || virtq_idle(&tx.q))
			break;
		if (!virtq_arm(&tx.q, tx.q.size - tx.q.nfree))
			arch_idle();
	}
	virtq_disarm(&tx.q);
	arch_irq_restore(irq);
}

size_t console_tx_unsent(void)
{
	uint64_t irq = spin_lock(&tx.lock);
	size_t n;

	reclaim();
	n = tx.head - tx.tail;
	spin_unlock(&tx.lock, irq);
	return n;
}
