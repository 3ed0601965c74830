/* SPDX-License-Identifier: Apache-2.0 */
/* Virtio over PCI before version 1: registers are ports (virtio 1.2,
 * 4.1.4.10). */
#include <asm/errno.h>

#include "drivers/virtio.h"
#include "mm/page.h"
#include "plat/pci.h"

enum {
	L_DEVICE_FEATURES = 0,
	L_DRIVER_FEATURES = 4,
	L_QUEUE_PFN = 8,
	L_QUEUE_SIZE = 12,
	L_QUEUE_SELECT = 14,
	L_QUEUE_NOTIFY = 16,
	L_STATUS = 18,
	L_ISR = 19,
	L_CONFIG = 20,
	L_QUEUE_VECTOR = 22, /* these two only with MSI-X on, */
	L_CONFIG_MSIX = 24,  /* which moves the configuration */
};

enum { NO_VECTOR = 0xffff };

static uint64_t legacy_get_features(struct virtio_device *d)
{
	return pci_io_read(d->base + L_DEVICE_FEATURES, 4);
}

static int legacy_set_features(struct virtio_device *d, uint64_t features)
{
	pci_io_write(d->base + L_DRIVER_FEATURES, 4, features);
	return 0;
}

static uint8_t legacy_get_status(struct virtio_device *d)
{
	return pci_io_read(d->base + L_STATUS, 1);
}

static void legacy_set_status(struct virtio_device *d, uint8_t status)
{
	pci_io_write(d->base + L_STATUS, 1, status);
}

static void legacy_read_config(
	struct virtio_device *d, unsigned off, void *dst, unsigned n)
{
	uint64_t at = d->base + (d->msi ? L_CONFIG_MSIX : L_CONFIG) + off;
	uint8_t *to = dst;

	while (n--)
		*to++ = pci_io_read(at++, 1);
}

static uint16_t legacy_queue_size(struct virtio_device *d, unsigned queue)
{
	pci_io_write(d->base + L_QUEUE_SELECT, 2, queue);
	return pci_io_read(d->base + L_QUEUE_SIZE, 2);
}

static int legacy_queue_setup(struct virtio_device *d, unsigned queue,
	uint16_t size, uint64_t desc_pa, uint64_t avail_pa, uint64_t used_pa)
{
	(void)size; /* as the device says */
	(void)avail_pa;
	(void)used_pa; /* where the layout puts them */
	if (desc_pa >> 44)
		return -ENOMEM;
	pci_io_write(d->base + L_QUEUE_SELECT, 2, queue);
	if (d->msi) {
		pci_io_write(d->base + L_QUEUE_VECTOR, 2, 0);
		if (pci_io_read(d->base + L_QUEUE_VECTOR, 2) == NO_VECTOR)
			return -EBUSY;
	}
	pci_io_write(d->base + L_QUEUE_PFN, 4, desc_pa >> PAGE_SHIFT);
	return 0;
}

static void legacy_notify(struct virtio_device *d, unsigned queue)
{
	pci_io_write(d->base + L_QUEUE_NOTIFY, 2, queue);
}

static uint32_t legacy_ack_interrupt(struct virtio_device *d)
{
	return pci_io_read(d->base + L_ISR, 1);
}

static const struct virtio_transport virtio_pci_legacy = {
	.get_features = legacy_get_features,
	.set_features = legacy_set_features,
	.get_status = legacy_get_status,
	.set_status = legacy_set_status,
	.read_config = legacy_read_config,
	.queue_size = legacy_queue_size,
	.queue_setup = legacy_queue_setup,
	.notify = legacy_notify,
	.ack_interrupt = legacy_ack_interrupt,
	.fixed_size = true,
};

int virtio_pci_legacy_offer(const struct pci_device *p, uint32_t device_id)
{
	struct virtio_device d = {
		.device_id = device_id,
		.transport = &virtio_pci_legacy,
	};
	bool io;

	d.base = pci_bar(p, 0, &io);
	if (!d.base || !io)
		return -ENODEV;
	virtio_offer(&d, virtio_pci_connect, p);
	return 0;
}
