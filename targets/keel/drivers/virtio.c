/* SPDX-License-Identifier: Apache-2.0 */
/* The list of virtio drivers, and what every device goes through. */
#include "drivers/virtio.h"

#include <asm/errno.h>

#include "kern/log.h"
#include "mm/kmalloc.h"

/* A driver is in the kernel only if something that the program uses refers
 * to it (README.md, "You carry what you call"). */
extern const struct virtio_driver virtio_console_driver weak;
extern const struct virtio_driver virtio_blk_driver weak;
extern const struct virtio_driver virtio_rng_driver weak;
extern const struct virtio_driver virtio_net_driver weak;
extern const struct virtio_driver virtio_9p_driver weak;

static const struct virtio_driver *const drivers[] = {
	&virtio_console_driver,
	&virtio_blk_driver,
	&virtio_rng_driver,
	&virtio_net_driver,
	&virtio_9p_driver,
};

void virtio_init(void)
{
	virtio_pci_init();
	virtio_mmio_init();
}

const struct virtio_driver *virtio_driver_find(uint32_t device_id)
{
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (drivers[i] && drivers[i]->device_id == device_id)
			return drivers[i];
	}
	return NULL;
}

/* virtio 1.2, 3.1.1: reset, acknowledge, then the driver's own part. */
void virtio_offer(const struct virtio_device *found,
	int (*connect)(struct virtio_device *d, const void *how),
	const void *how)
{
	const struct virtio_driver *drv = virtio_driver_find(found->device_id);
	const struct virtio_transport *t = found->transport;
	struct virtio_device *d;
	int err;

	if (!drv)
		return;
	d = kmalloc(sizeof(*d));
	if (!d)
		return;
	*d = *found;
	t->set_status(d, 0);
	t->set_status(d, VIRTIO_S_ACKNOWLEDGE);
	t->set_status(d, VIRTIO_S_ACKNOWLEDGE | VIRTIO_S_DRIVER);
	err = connect(d, how);
	if (!err)
		err = drv->probe(d);
	if (!err)
		return;
	klog("virtio %u: error %d\n", found->device_id, err);
	/* An interrupt may be attached, so the structure stays. */
	d->interrupt = NULL;
	t->set_status(d, 0);
	t->set_status(d, VIRTIO_S_FAILED);
}

int virtio_negotiate(struct virtio_device *d, uint64_t understood)
{
	const struct virtio_transport *t = d->transport;
	uint8_t status;

	understood |= VIRTIO_F_VERSION_1 | VIRTIO_F_EVENT_IDX;
	d->features = t->get_features(d) & understood;
	if (t->set_features(d, d->features))
		return -EINVAL;
	if (!(d->features & VIRTIO_F_VERSION_1))
		return 0; /* a legacy device has no FEATURES_OK */
	status = t->get_status(d) | VIRTIO_S_FEATURES_OK;
	t->set_status(d, status);
	return t->get_status(d) & VIRTIO_S_FEATURES_OK ? 0 : -EINVAL;
}

void virtio_start(struct virtio_device *d)
{
	const struct virtio_transport *t = d->transport;

	t->set_status(d, t->get_status(d) | VIRTIO_S_DRIVER_OK);
}

void virtio_interrupt(void *device)
{
	struct virtio_device *d = device;

	/* Acknowledged first: what comes after raises a new one. */
	if (!d->msi && !d->transport->ack_interrupt(d))
		return;
	if (d->interrupt)
		d->interrupt(d);
}

void virtio_copy_config(const volatile void *src, void *dst, unsigned n)
{
	if (n == 1) {
		*(uint8_t *)dst = *(const volatile uint8_t *)src;
	} else if (n == 2) {
		*(uint16_t *)dst = *(const volatile uint16_t *)src;
	} else {
		const volatile uint32_t *s = src;
		uint32_t *to = dst;

		for (; n >= 4; n -= 4)
			*to++ = *s++;
	}
}
