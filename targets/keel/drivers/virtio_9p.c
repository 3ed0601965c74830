/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio 9P transport: one queue of messages and their replies. */
#include "drivers/virtio_9p.h"

#include <asm/errno.h>

#include "drivers/virtio.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "sched/waitq.h"

/* The one feature, and the configuration: u16 length, then the tag. */
#define F_MOUNT_TAG (1ull << 0)

enum { QUEUE_SIZE = 128, CALLS = 64, TAG_MAX = 64 };

struct virtio_9p {
	struct virtio_device *dev;
	struct virtio_9p *next;
	char tag[TAG_MAX];
	size_t tag_len;
	struct waitq done;
	struct spinlock lock;
	/* All below are under lock. */
	struct virtq q;
	struct virtio_9p_call *calls[CALLS]; /* by token; NULL: free */
};

static struct virtio_9p *devices;

struct virtio_9p *virtio_9p_find(const char *tag, size_t len)
{
	struct virtio_9p *d = devices;

	while (d && (d->tag_len != len || memcmp(d->tag, tag, len) != 0))
		d = d->next;
	return d;
}

/* With the lock. Nothing more comes from a broken device: it is reset, so
 * that it no longer writes to memory, and all that wait fail. */
static void give_up(struct virtio_9p *d)
{
	bool any = false;

	for (unsigned i = 0; i < CALLS; i++)
		any |= d->calls[i] != NULL;
	if (any)
		d->dev->transport->set_status(d->dev, 0);
	for (unsigned i = 0; i < CALLS; i++) {
		if (!d->calls[i])
			continue;
		d->calls[i]->err = -EIO;
		d->calls[i]->done = true;
		d->calls[i] = NULL;
	}
}

/* With the lock. Takes the replies and asks to hear of the next. */
static void drain(struct virtio_9p *d)
{
	uint32_t i, len;

	do {
		while (!virtq_take(&d->q, &i, &len)) {
			d->calls[i]->len = len;
			d->calls[i]->done = true;
			d->calls[i] = NULL;
		}
	} while (!d->q.broken && virtq_arm(&d->q, 1));
	if (d->q.broken)
		give_up(d);
}

static void p9_interrupt(struct virtio_device *dev)
{
	struct virtio_9p *d = dev->priv;
	uint64_t irq = spin_lock(&d->lock);

	drain(d);
	spin_unlock(&d->lock, irq);
	waitq_wake(&d->done);
}

/* 1: it is on its way; 0: no room now; or -EIO. */
static int submit(struct virtio_9p *d, struct virtio_9p_call *c,
	const struct virtq_buf *pieces, unsigned nout, unsigned nin)
{
	uint64_t irq = spin_lock(&d->lock);
	unsigned i = 0;
	int err = -ENOSPC;

	drain(d);
	while (i < CALLS && d->calls[i])
		i++;
	if (i < CALLS)
		err = virtq_add(&d->q, pieces, nout, nin, i);
	if (!err) {
		d->calls[i] = c;
		virtq_kick(&d->q);
	}
	spin_unlock(&d->lock, irq);
	return err == -ENOSPC ? 0 : err ? err : 1;
}

bool virtio_9p_done(struct virtio_9p *d, struct virtio_9p_call *c)
{
	uint64_t irq = spin_lock(&d->lock);

	drain(d);
	spin_unlock(&d->lock, irq);
	return READ_ONCE(c->done);
}

int virtio_9p_send(struct virtio_9p *d, struct virtio_9p_call *c,
	const struct virtq_buf *pieces, unsigned nout, unsigned nin)
{
	int sent;

	if (nout + nin > d->q.size)
		return -EIO;
	*c = (struct virtio_9p_call){0};
	wait_event_hard(
		&d->done, (sent = submit(d, c, pieces, nout, nin)) != 0);
	return sent < 0 ? sent : 0;
}

struct waitq *virtio_9p_waitq(struct virtio_9p *d)
{
	return &d->done;
}

static int read_tag(struct virtio_9p *d, struct virtio_device *dev)
{
	const struct virtio_transport *t = dev->transport;
	uint16_t len;

	t->read_config(dev, 0, &len, sizeof(len));
	if (!len || len > TAG_MAX)
		return -EINVAL;
	for (unsigned i = 0; i < len; i++)
		t->read_config(dev, 2 + i, &d->tag[i], 1);
	d->tag_len = len;
	return 0;
}

static int p9_probe(struct virtio_device *dev)
{
	struct virtio_9p *d = kzalloc(sizeof(*d)), **end = &devices;
	int err;

	if (!d)
		return -ENOMEM;
	d->dev = dev;
	err = virtio_negotiate(dev, F_MOUNT_TAG);
	if (!err)
		err = dev->features & F_MOUNT_TAG ? read_tag(d, dev) : -EINVAL;
	if (!err)
		err = virtq_init(&d->q, dev, 0, QUEUE_SIZE);
	if (err) {
		kfree(d);
		return err;
	}
	dev->priv = d;
	dev->interrupt = p9_interrupt;
	virtio_start(dev);
	while (*end)
		end = &(*end)->next;
	*end = d;
	return 0;
}

const struct virtio_driver virtio_9p_driver = {
	.device_id = VIRTIO_9P,
	.probe = p9_probe,
};
