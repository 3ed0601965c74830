/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio entropy device (virtio 1.2, 5.4). */
#include <asm/errno.h>

#include "drivers/random.h"
#include "drivers/virtio.h"
#include "drivers/virtq.h"
#include "mm/kmalloc.h"

enum { AMOUNT = 64 };

struct virtio_rng {
	struct virtq q;
	uint8_t data[AMOUNT];
};

/* One answer is enough: it is mixed into what seeds the generator. */
static void rng_interrupt(struct virtio_device *d)
{
	struct virtio_rng *r = d->priv;
	uint32_t token, len;

	if (!virtq_take(&r->q, &token, &len))
		random_add(r->data, len);
}

static int rng_probe(struct virtio_device *d)
{
	struct virtio_rng *r = kzalloc(sizeof(*r));
	struct virtq_buf b = {.len = AMOUNT};
	int err = -ENOMEM;

	if (!r)
		return err;
	err = virtio_negotiate(d, 0);
	if (!err)
		err = virtq_init(&r->q, d, 0, 2);
	if (err) {
		kfree(r);
		return err;
	}
	d->priv = r;
	d->interrupt = rng_interrupt;
	virtio_start(d);
	b.pa = virtq_pa(r->data, AMOUNT, NULL);
	virtq_add(&r->q, &b, 0, 1, 0);
	virtq_arm(&r->q, 1);
	virtq_kick(&r->q);
	return 0;
}

const struct virtio_driver virtio_rng_driver = {
	.device_id = VIRTIO_RNG,
	.probe = rng_probe,
};
