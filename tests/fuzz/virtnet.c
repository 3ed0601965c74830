/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio network driver with a device that does what it likes; the
 * stack above it. */
#include <stdlib.h>
#include <string.h>

#include "net-host.h"

#include "lwip/pbuf.h"

#include "drivers/virtio_net.h"
#include "mm/page.h"
#include "net/card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { QUEUES = 2, SIZE = 32, CARDS = 4 };

struct desc {
	uint64_t pa;
	uint32_t len;
	uint16_t flags, next;
};

struct queue {
	struct desc *desc;
	uint16_t *avail, *used;
	uint16_t seen, done;
};

static struct device {
	struct virtio_device v;
	uint64_t offered;
	uint8_t status;
	struct queue q[QUEUES];
	struct virtio_net *net;
} devices[CARDS] = {
	{.offered = VIRTIO_F_VERSION_1 | VIRTIO_F_EVENT_IDX | NET_F_CSUM |
		    NET_F_GUEST_CSUM | NET_F_MRG_RXBUF | NET_F_GUEST_TSO4 |
		    NET_F_GUEST_TSO6 | NET_F_HOST_TSO4 | NET_F_HOST_TSO6},
	{.offered = VIRTIO_F_VERSION_1 | NET_F_GUEST_CSUM},
	{.offered = NET_F_MRG_RXBUF | NET_F_GUEST_CSUM},
	{.offered = 0},
};
static struct device *dev;  /* of this input */
static struct input tricks; /* how it misbehaves */

/* --- the transport ------------------------------------------------------- */

static struct device *device_of(struct virtio_device *d)
{
	return container_of(d, struct device, v);
}

static uint64_t get_features(struct virtio_device *d)
{
	return device_of(d)->offered | NET_F_MAC;
}

static int set_features(struct virtio_device *d, uint64_t features)
{
	return features & ~get_features(d) ? -1 : 0;
}

static uint8_t get_status(struct virtio_device *d)
{
	return device_of(d)->status;
}

static void set_status(struct virtio_device *d, uint8_t status)
{
	device_of(d)->status = status;
	if (!status)
		memset(device_of(d)->q, 0, sizeof(device_of(d)->q));
}

static void read_config(
	struct virtio_device *d, unsigned off, void *dst, unsigned n)
{
	static const uint8_t mac[16] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};

	(void)d;
	memcpy(dst, mac + off, n);
}

static uint16_t queue_size(struct virtio_device *d, unsigned queue)
{
	(void)d;
	return queue < QUEUES ? SIZE : 0;
}

static int queue_setup(struct virtio_device *d, unsigned queue, uint16_t size,
	uint64_t desc_pa, uint64_t avail_pa, uint64_t used_pa)
{
	(void)size;
	device_of(d)->q[queue] = (struct queue){.desc = (void *)desc_pa,
		.avail = (void *)avail_pa,
		.used = (void *)used_pa};
	return 0;
}

static uint32_t ack_interrupt(struct virtio_device *d)
{
	(void)d;
	return 1;
}

/* --- the device ---------------------------------------------------------- */

static void done(struct queue *q, uint32_t id, uint32_t len)
{
	uint32_t *e = (uint32_t *)&q->used[2 + 4 * (q->done % SIZE)];

	e[0] = id;
	e[1] = len;
	q->used[1] = ++q->done;
}

/* A request twice, or one that is none. Not one that is in flight: into its
 * memory no device would write again, or there is no protection. */
static void lie(struct queue *q, uint32_t head)
{
	uint32_t id = input_u16(&tricks);

	done(q, head, id);
	done(q, id & 1 ? head : SIZE + id, id);
}

/* The next request's head, or -1. */
static int next(struct queue *q)
{
	if (!q->desc || q->seen == q->avail[1])
		return -1;
	return q->avail[2 + q->seen++ % SIZE];
}

static void interrupt(void)
{
	dev->v.interrupt(&dev->v);
	host_advance(0);
}

/* Reads what the driver sends; finishes it now, late, or wrongly. */
static void transmit(struct queue *q)
{
	static uint8_t frame[70000];
	unsigned hdr = dev->net->hdr_size, trick;
	int head;

	while ((head = next(q)) >= 0) {
		unsigned n = 0;
		int i = head;

		for (;; i = q->desc[i].next) {
			const struct desc *d = &q->desc[i];

			if (n + d->len > sizeof(frame))
				abort();
			memcpy(frame + n, (void *)d->pa, d->len);
			n += d->len;
			if (!(d->flags & 1))
				break;
		}
		if (n < hdr + 14)
			abort();
		host_sent(frame + hdr, n - hdr);
		trick = input_u8(&tricks);
		if (trick < 200)
			done(q, (uint32_t)head, trick);
		else if (trick < 203)
			lie(q, (uint32_t)head);
	}
}

static void notify(struct virtio_device *d, unsigned queue)
{
	if (queue == NET_TX && device_of(d) == dev)
		transmit(&dev->q[NET_TX]);
}

static const struct virtio_transport transport = {
	.get_features = get_features,
	.set_features = set_features,
	.get_status = get_status,
	.set_status = set_status,
	.read_config = read_config,
	.queue_size = queue_size,
	.queue_setup = queue_setup,
	.notify = notify,
	.ack_interrupt = ack_interrupt,
};

/* A frame as the driver's buffers take it, with a header of any content. */
static void deliver(const uint8_t *frame, unsigned len)
{
	struct queue *q = &dev->q[NET_RX];
	unsigned trick = input_u8(&tricks), hdr = dev->net->hdr_size;
	uint8_t *first = NULL;
	uint16_t nbufs = 0;

	do {
		unsigned n = 0, room, at = nbufs ? 0 : hdr;
		int head = next(q);

		if (head < 0)
			break;
		room = q->desc[head].len;
		if (trick & 1 && room > at + 100)
			room = at + input_u8(&tricks) % 100;
		if (!nbufs) {
			first = (uint8_t *)q->desc[head].pa;
			memset(first, 0, hdr);
			first[0] = trick & 2 ? input_u8(&tricks) : 2;
		}
		if (room > at)
			n = MIN(len, room - at);
		memcpy((uint8_t *)q->desc[head].pa + at, frame, n);
		frame += n;
		len -= n;
		nbufs++;
		if (trick & 0x80 && input_u8(&tricks) < 20)
			lie(q, (uint32_t)head);
		else if (trick & 4 && input_u8(&tricks) < 40)
			done(q, (uint32_t)head, input_u16(&tricks) << 8);
		else
			done(q, (uint32_t)head, at + n);
	} while (len && nbufs < 40);
	if (first && hdr == 12) {
		if (trick & 8)
			nbufs = input_u16(&tricks) % 50;
		memcpy(first + 10, &nbufs, sizeof(nbufs));
	}
	if (trick & 0x40 && q->used && input_u8(&tricks) < 10)
		q->used[1] += input_u8(&tricks);
	if (!(trick & 0x20))
		interrupt();
}

/* --- one input ----------------------------------------------------------- */

static void start(void)
{
	extern const struct virtio_driver virtio_net_driver;

	net_init();
	for (dev = devices; dev < devices + CARDS; dev++) {
		dev->v.transport = &transport;
		if (virtio_net_driver.probe(&dev->v))
			abort();
		dev->net = dev->v.priv;
	}
	host_start();
}

/* A queue that is broken stays so: the next input has new ones. */
static void renew(struct virtio_net *n)
{
	net_lock();
	virtio_net_stop(n);
	pages_free(n->rx.desc, 0);
	pages_free(n->tx.desc, 0);
	if (virtio_net_queues(n))
		abort();
	virtq_arm(&n->rx, 1);
	net_unlock();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in;

	if (!dev)
		start();
	dev = &devices[size ? data[0] % CARDS : 0];
	in = (struct input){data, size / 2};
	tricks = (struct input){data + size / 2, size - size / 2};
	renew(dev->net);
	host_begin(&dev->net->card);
	host_play(&in, deliver);
	interrupt();
	host_end(&dev->net->card);
	renew(dev->net);
	host_check();
	return 0;
}
