/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio block device (virtio 1.2, 5.2). */
#include <asm/errno.h>

#include "drivers/block.h"
#include "drivers/virtio.h"
#include "drivers/virtq.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "sched/waitq.h"

/* Features (5.2.3). */
#define F_SIZE_MAX (1ull << 1)
#define F_SEG_MAX  (1ull << 2)
#define F_RO       (1ull << 5)
#define F_BLK_SIZE (1ull << 6)
#define F_FLUSH    (1ull << 9)

/* Where the configuration has them (5.2.4). */
enum { C_CAPACITY = 0, C_SIZE_MAX = 8, C_SEG_MAX = 12, C_BLK_SIZE = 20 };

enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4 };
enum { S_OK = 0, S_UNSET = 0xff };

enum { QUEUE_SIZE = 64, SLOTS = 16, SEGS = 16, REQUEST_MAX = 1 << 20 };

struct blk_header { /* 5.2.6 */
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

/* What one call waits for. */
struct batch {
	unsigned pending;
	int err;
};

/* A request in flight: the device reads the header and writes the status. */
struct slot {
	struct blk_header header;
	uint8_t status;
	struct batch *batch; /* NULL: free */
};

struct virtio_blk {
	struct block_device block;
	struct virtio_device *dev;
	struct waitq done;
	uint32_t max_segs, max_seg_bytes;
	struct spinlock lock;
	/* All below are under lock. */
	struct virtq q;
	struct slot *slots; /* SLOTS of them, in a page of their own */
	unsigned nfree;
	uint32_t finished; /* requests, ever */
};
_Static_assert(sizeof(struct slot) * SLOTS <= PAGE_SIZE, "one page");

static unsigned ndisks;

/* With the lock. After a device broke its promises nothing more comes: it
 * is reset, so that it no longer writes to memory, and all requests fail. */
static void give_up(struct virtio_blk *b)
{
	unsigned i;

	if (b->nfree == SLOTS)
		return;
	b->dev->transport->set_status(b->dev, 0);
	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &b->slots[i];

		if (!s->batch)
			continue;
		s->batch->err = -EIO;
		s->batch->pending--;
		s->batch = NULL;
		b->nfree++;
	}
}

/* With the lock. Takes what is finished and asks to hear of the next. */
static void drain(struct virtio_blk *b)
{
	uint32_t i, len;
	struct slot *s;

	do {
		while (!virtq_take(&b->q, &i, &len)) {
			s = &b->slots[i];
			if (READ_ONCE(s->status) != S_OK)
				s->batch->err = -EIO;
			s->batch->pending--;
			s->batch = NULL;
			b->nfree++;
			b->finished++;
		}
	} while (virtq_arm(&b->q, 1) && !b->q.broken);
	if (b->q.broken)
		give_up(b);
}

static void blk_interrupt(struct virtio_device *d)
{
	struct virtio_blk *b = d->priv;
	uint64_t irq = spin_lock(&b->lock);

	drain(b);
	spin_unlock(&b->lock, irq);
	waitq_wake(&b->done);
}

/* With the lock and a free slot. Starts a request over at most `bytes` at
 * buf: the bytes it covers, or -errno. */
static long start(struct virtio_blk *b, struct batch *batch, uint32_t type,
	uint64_t sector, uint8_t *buf, size_t bytes)
{
	struct virtq_buf bufs[SEGS + 2];
	struct slot *s = b->slots;
	unsigned n = 1, nout;
	size_t done = 0, part;
	int err;

	while (s->batch)
		s++;
	s->header.type = type;
	s->header.reserved = 0;
	s->header.sector = sector;
	s->status = S_UNSET;
	bufs[0].pa = virtq_pa(&s->header, 1, NULL);
	bufs[0].len = sizeof(s->header);
	while (done < bytes && n <= b->max_segs) {
		part = MIN(bytes - done, b->max_seg_bytes);
		bufs[n].pa = virtq_pa(buf + done, part, &part);
		bufs[n++].len = part;
		done += part;
	}
	/* The pieces that fit may end inside of a sector: not that part. */
	part = done % SECTOR_SIZE;
	done -= part;
	for (; part && part >= bufs[n - 1].len; n--)
		part -= bufs[n - 1].len;
	bufs[n - 1].len -= part;
	if (bytes && !done)
		return -EINVAL;
	bufs[n].pa = virtq_pa(&s->status, 1, NULL);
	bufs[n++].len = 1;
	nout = type == T_OUT ? n - 1 : 1;
	err = virtq_add(&b->q, bufs, nout, n - nout, s - b->slots);
	if (err)
		return err;
	s->batch = batch;
	batch->pending++;
	b->nfree--;
	return done;
}

/* With more than `seen` requests finished ever, a waiter tries again. */
static bool progress(struct virtio_blk *b, uint32_t seen)
{
	uint64_t irq = spin_lock(&b->lock);
	bool yes;

	virtq_kick(&b->q);
	drain(b);
	yes = b->finished != seen || b->q.broken;
	spin_unlock(&b->lock, irq);
	return yes;
}

/* Memory is the device's until it is done: signals must wait. */
static void wait_finished(struct virtio_blk *b, uint32_t seen)
{
	wait_event_hard(&b->done, progress(b, seen));
}

static int transfer(struct virtio_blk *b, uint32_t type, uint64_t sector,
	uint8_t *buf, size_t bytes)
{
	struct batch batch = {0};
	bool more = true;
	uint32_t seen;
	uint64_t irq;
	long n;

	while (more || READ_ONCE(batch.pending)) {
		irq = spin_lock(&b->lock);
		seen = b->finished;
		n = -ENOSPC;
		if (more && b->nfree)
			n = start(b, &batch, type, sector, buf,
				MIN(bytes, REQUEST_MAX));
		more = more && (n == -ENOSPC || (n >= 0 && n < (long)bytes));
		if (n < 0 && n != -ENOSPC)
			batch.err = n;
		spin_unlock(&b->lock, irq);
		if (n >= 0) {
			buf += n;
			bytes -= n;
			sector += n / SECTOR_SIZE;
		}
		if (n < 0 && (more || batch.pending))
			wait_finished(b, seen);
		more = more && !batch.err;
	}
	return batch.err;
}

static int blk_rw(struct block_device *d, bool write, uint64_t sector,
	void *buf, size_t nsectors)
{
	struct virtio_blk *b = d->priv;

	if (sector > d->nsectors || nsectors > d->nsectors - sector)
		return -EIO;
	if (write && d->read_only)
		return -EROFS;
	if (!nsectors)
		return 0;
	return transfer(
		b, write ? T_OUT : T_IN, sector, buf, nsectors * SECTOR_SIZE);
}

/* Without the feature each write is on the disk when it is done. */
static int blk_flush(struct block_device *d)
{
	struct virtio_blk *b = d->priv;

	if (!(b->dev->features & F_FLUSH))
		return 0;
	return transfer(b, T_FLUSH, 0, NULL, 0);
}

static uint32_t config32(struct virtio_device *d, unsigned off)
{
	uint32_t v;

	d->transport->read_config(d, off, &v, sizeof(v));
	return v;
}

static int read_limits(struct virtio_blk *b, struct virtio_device *d)
{
	b->max_segs = SEGS;
	b->max_seg_bytes = REQUEST_MAX;
	if (d->features & F_SEG_MAX)
		b->max_segs = MIN(b->max_segs, config32(d, C_SEG_MAX));
	if (d->features & F_SIZE_MAX)
		b->max_seg_bytes =
			MIN(b->max_seg_bytes, config32(d, C_SIZE_MAX));
	b->max_segs = MAX(b->max_segs, 1u);
	b->max_seg_bytes = ALIGN_DOWN(b->max_seg_bytes, SECTOR_SIZE);
	if (!b->max_seg_bytes)
		return -EINVAL;
	/* Our images have sectors of 512 bytes, as their table says. */
	if ((d->features & F_BLK_SIZE) && config32(d, C_BLK_SIZE) > SECTOR_SIZE)
		return -EINVAL;
	d->transport->read_config(
		d, C_CAPACITY, &b->block.nsectors, sizeof(b->block.nsectors));
	return 0;
}

static int blk_probe(struct virtio_device *d)
{
	struct virtio_blk *b = kzalloc(sizeof(*b));
	int err = -ENOMEM;

	if (!ndisks && record_flags() & RECORD_F_NO_VDA)
		ndisks = 1;
	if (!b || ndisks >= 26)
		goto fail;
	b->dev = d;
	b->slots = pages_alloc(0, PAGE_ZERO);
	if (!b->slots)
		goto fail;
	b->nfree = SLOTS;
	err = virtio_negotiate(
		d, F_SIZE_MAX | F_SEG_MAX | F_RO | F_BLK_SIZE | F_FLUSH);
	if (!err)
		err = read_limits(b, d);
	if (!err)
		err = virtq_init(&b->q, d, 0, QUEUE_SIZE);
	if (!err && b->q.size < 4)
		err = -EINVAL;
	if (err)
		goto fail;
	b->max_segs = MIN(b->max_segs, b->q.size - 2u);

	d->priv = b;
	d->interrupt = blk_interrupt;
	virtio_start(d);
	ksnprintf(b->block.name, sizeof(b->block.name), "vd%c",
		'a' + (int)ndisks++);
	b->block.read_only = !!(d->features & F_RO);
	b->block.rw = blk_rw;
	b->block.flush = blk_flush;
	b->block.priv = b;
	block_add(&b->block);
	return 0;
fail:
	if (b && b->slots)
		pages_free(b->slots, 0);
	kfree(b);
	return err;
}

const struct virtio_driver virtio_blk_driver = {
	.device_id = VIRTIO_BLOCK,
	.probe = blk_probe,
};
