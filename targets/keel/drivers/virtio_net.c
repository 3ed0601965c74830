/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio network device (virtio 1.2, 5.1): setup and interrupts. */
#include "drivers/virtio_net.h"

#include <asm/errno.h>

#include "drivers/random.h"
#include "kern/log.h"
#include "kern/string.h"
#include "kern/time.h"
#include "mm/kmalloc.h"
#include "mm/page.h"

/* Where the configuration has them (5.1.4). */
enum { C_MAC = 0, C_STATUS = 6, C_MTU = 10 };
enum { S_LINK_UP = 1 };
enum { MTU_DEFAULT = 1500, MTU_MIN = 68, MTU_MAX = 16384, ROUND = 256 };

int virtio_net_queues(struct virtio_net *n)
{
	int err = virtq_init(&n->rx, n->dev, NET_RX, NET_QUEUE_MAX);

	if (!err)
		err = virtq_init(&n->tx, n->dev, NET_TX, NET_QUEUE_MAX);
	if (!err && MAX(n->rx.size, n->tx.size) > NET_QUEUE_MAX)
		err = -EINVAL; /* a legacy device that has larger ones */
	if (!err)
		err = virtio_net_tx_init(n);
	if (!err)
		err = virtio_net_rx_init(n);
	return err;
}

void virtio_net_stop(struct virtio_net *n)
{
	n->dev->transport->set_status(n->dev, 0);
	n->rx.broken = n->tx.broken = "stopped";
	virtio_net_rx_end(n);
	virtio_net_tx_end(n);
	net_card_link(&n->card, false);
}

/* A device that breaks the rules of its queues. */
static void check(struct virtio_net *n)
{
	const char *why = n->rx.broken ? n->rx.broken : n->tx.broken;

	if (!why || !n->tx_slots)
		return;
	kmsg("keel: a network device does not work: %s\n", why);
	virtio_net_stop(n);
}

/*
 * Interrupts are off until a round finds nothing more. When a round was full
 * the program has as much time as it took, then comes the next: a flood does
 * not stop the program.
 */
static void run(struct virtio_net *n)
{
	uint64_t start = clock_now(), now;
	unsigned left = ROUND;
	bool more = true;

	net_lock();
	while (more && left) {
		virtio_net_reclaim(&n->card);
		left -= virtio_net_receive(n, left);
		more = !left || (!n->rx.broken && virtq_arm(&n->rx, 1));
	}
	check(n);
	more &= !n->rx.broken;
	net_unlock();
	if (more) {
		now = clock_now();
		timer_start(&n->again, now + (now - start));
	}
}

static void run_work(struct work *w)
{
	run(container_of(w, struct virtio_net, work));
}

static void run_again(struct timer *t)
{
	run(container_of(t, struct virtio_net, again));
}

static void interrupt(struct virtio_device *d)
{
	struct virtio_net *n = d->priv;

	virtq_disarm(&n->rx);
	virtq_disarm(&n->tx);
	if (!n->again.active)
		work_queue(&n->work);
}

static const struct net_card_ops ops = {
	.transmit = virtio_net_transmit,
	.flush = virtio_net_flush,
	.reclaim = virtio_net_reclaim,
};

static void read_config(struct virtio_net *n)
{
	struct virtio_device *d = n->dev;
	uint16_t v;

	if (d->features & NET_F_MAC) {
		for (unsigned i = 0; i < sizeof(n->card.mac); i++)
			d->transport->read_config(
				d, C_MAC + i, &n->card.mac[i], 1);
	} else {
		random_bytes(n->card.mac, sizeof(n->card.mac));
		n->card.mac[0] = (n->card.mac[0] & 0xfc) | 2; /* a local one */
	}
	n->card.mtu = MTU_DEFAULT;
	if (d->features & NET_F_MTU) {
		d->transport->read_config(d, C_MTU, &v, sizeof(v));
		n->card.mtu = MIN(MAX(v, MTU_MIN), MTU_MAX);
	}
	if (d->features & NET_F_STATUS) {
		d->transport->read_config(d, C_STATUS, &v, sizeof(v));
		if (!(v & S_LINK_UP))
			n->card.flags |= NET_CARD_NO_LINK;
	}
}

/* Large frames need either buffers that are merged or very large ones. */
static int negotiate(struct virtio_net *n)
{
	struct virtio_device *d = n->dev;
	uint64_t offered = d->transport->get_features(d);
	uint64_t want = NET_F_MTU | NET_F_MAC | NET_F_STATUS | NET_F_CSUM |
			NET_F_GUEST_CSUM | NET_F_MRG_RXBUF;

	if (offered & NET_F_MRG_RXBUF && offered & NET_F_GUEST_CSUM)
		want |= NET_F_GUEST_TSO4 | NET_F_GUEST_TSO6;
	if (offered & NET_F_CSUM)
		want |= NET_F_HOST_TSO4 | NET_F_HOST_TSO6;
	if (!(offered & VIRTIO_F_VERSION_1))
		want |= NET_F_ANY_LAYOUT;
	return virtio_negotiate(d, want);
}

static int setup(struct virtio_net *n)
{
	struct virtio_device *d = n->dev;
	int err = negotiate(n);

	if (err)
		return err;
	n->hdr_size = sizeof(struct virtio_net_hdr);
	if (!(d->features & (VIRTIO_F_VERSION_1 | NET_F_MRG_RXBUF)))
		n->hdr_size -= sizeof(uint16_t); /* no num_buffers */
	read_config(n);
	if (d->features & NET_F_CSUM)
		n->card.flags |= NET_CARD_CHECKSUM;
	if (d->features & NET_F_HOST_TSO4)
		n->card.flags |= NET_CARD_TSO4;
	if (d->features & NET_F_HOST_TSO6)
		n->card.flags |= NET_CARD_TSO6;
	return virtio_net_queues(n);
}

static int net_probe(struct virtio_device *d)
{
	struct virtio_net *n = kzalloc(sizeof(*n));
	int err;

	if (!n)
		return -ENOMEM;
	n->dev = d;
	n->card.ops = &ops;
	n->work.fn = run_work;
	n->again.fn = run_again;
	err = setup(n);
	if (err)
		return err; /* the queues may be known to the device */
	d->priv = n;
	d->interrupt = interrupt;
	virtio_start(d);
	err = net_card_add(&n->card);
	if (!err) {
		virtq_kick(&n->rx);
		virtq_arm(&n->rx, 1);
	}
	return err;
}

const struct virtio_driver virtio_net_driver = {
	.device_id = VIRTIO_NET,
	.probe = net_probe,
};
