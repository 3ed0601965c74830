/* SPDX-License-Identifier: Apache-2.0 */
/* Virtio over PCI as version 1 has it (virtio 1.2, 4.1). */
#include <asm/errno.h>

#include "drivers/virtio.h"
#include "kern/log.h"
#include "plat/pci.h"

/* A vendor capability says where a structure is (4.1.4). */
enum {
	CAP_LEN = 2,
	CAP_TYPE = 3,
	CAP_BAR = 4,
	CAP_OFFSET = 8,
	CAP_LENGTH = 12,
	CAP_NOTIFY_MUL = 16
};
enum { CFG_COMMON = 1, CFG_NOTIFY = 2, CFG_ISR = 3, CFG_DEVICE = 4 };

struct common_config { /* 4.1.4.3 */
	uint32_t device_feature_select;
	uint32_t device_feature;
	uint32_t driver_feature_select;
	uint32_t driver_feature;
	uint16_t config_msix_vector;
	uint16_t num_queues;
	uint8_t device_status;
	uint8_t config_generation;
	uint16_t queue_select;
	uint16_t queue_size;
	uint16_t queue_msix_vector;
	uint16_t queue_enable;
	uint16_t queue_notify_off;
	uint32_t queue_desc[2];
	uint32_t queue_driver[2];
	uint32_t queue_device[2];
};
_Static_assert(sizeof(struct common_config) == 56, "virtio 1.2, 4.1.4.3");

enum { NO_VECTOR = 0xffff };

static volatile struct common_config *common(const struct virtio_device *d)
{
	return (volatile struct common_config *)(uintptr_t)d->base;
}

static uint64_t modern_get_features(struct virtio_device *d)
{
	volatile struct common_config *c = common(d);
	uint64_t low;

	c->device_feature_select = 0;
	low = c->device_feature;
	c->device_feature_select = 1;
	return low | (uint64_t)c->device_feature << 32;
}

static int modern_set_features(struct virtio_device *d, uint64_t features)
{
	volatile struct common_config *c = common(d);

	if (!(features & VIRTIO_F_VERSION_1))
		return -EINVAL;
	c->driver_feature_select = 0;
	c->driver_feature = features;
	c->driver_feature_select = 1;
	c->driver_feature = features >> 32;
	return 0;
}

static uint8_t modern_get_status(struct virtio_device *d)
{
	return common(d)->device_status;
}

static void modern_set_status(struct virtio_device *d, uint8_t status)
{
	common(d)->device_status = status;
}

static void modern_read_config(
	struct virtio_device *d, unsigned off, void *dst, unsigned n)
{
	virtio_copy_config((void *)(uintptr_t)(d->config_base + off), dst, n);
}

static uint16_t modern_queue_size(struct virtio_device *d, unsigned queue)
{
	volatile struct common_config *c = common(d);

	if (queue >= c->num_queues)
		return 0;
	c->queue_select = queue;
	return c->queue_size;
}

static void write_address(volatile uint32_t *reg, uint64_t pa)
{
	reg[0] = pa;
	reg[1] = pa >> 32;
}

static int modern_queue_setup(struct virtio_device *d, unsigned queue,
	uint16_t size, uint64_t desc_pa, uint64_t avail_pa, uint64_t used_pa)
{
	volatile struct common_config *c = common(d);

	if (queue >= VIRTIO_QUEUES)
		return -EINVAL;
	c->queue_select = queue;
	c->queue_size = size;
	if (d->msi) {
		c->queue_msix_vector = 0;
		if (c->queue_msix_vector == NO_VECTOR)
			return -EBUSY;
	}
	d->notify_off[queue] = (uint32_t)c->queue_notify_off * d->notify_mul;
	if (d->notify_off[queue] > d->notify_len - 2)
		return -EINVAL;
	write_address(c->queue_desc, desc_pa);
	write_address(c->queue_driver, avail_pa);
	write_address(c->queue_device, used_pa);
	c->queue_enable = 1;
	return 0;
}

static void modern_notify(struct virtio_device *d, unsigned queue)
{
	*(volatile uint16_t *)(uintptr_t)(d->notify_base +
					  d->notify_off[queue]) = queue;
}

static uint32_t modern_ack_interrupt(struct virtio_device *d)
{
	return *(volatile uint8_t *)(uintptr_t)d->isr_base;
}

static const struct virtio_transport virtio_pci_modern = {
	.get_features = modern_get_features,
	.set_features = modern_set_features,
	.get_status = modern_get_status,
	.set_status = modern_set_status,
	.read_config = modern_read_config,
	.queue_size = modern_queue_size,
	.queue_setup = modern_queue_setup,
	.notify = modern_notify,
	.ack_interrupt = modern_ack_interrupt,
};

/* Maps the first usable structure of a type: its address and length, or 0.
 * *at: where its capability is. */
static uint64_t map_structure(const struct pci_device *p, unsigned type,
	uint32_t min_len, uint32_t *len, unsigned *at)
{
	unsigned cap = 0;

	while ((cap = pci_capability(p, PCI_CAP_VENDOR, cap))) {
		uint32_t off = pci_read(p, cap + CAP_OFFSET, 4);
		uint64_t bar;
		bool io;

		*len = pci_read(p, cap + CAP_LENGTH, 4);
		if (pci_read(p, cap + CAP_TYPE, 1) != type || *len < min_len)
			continue;
		bar = pci_bar(p, pci_read(p, cap + CAP_BAR, 1), &io);
		if (!bar || io || bar + off + *len < bar)
			continue;
		*at = cap;
		return (uintptr_t)arch_map_device(bar + off, *len);
	}
	return 0;
}

int virtio_pci_modern_offer(const struct pci_device *p, uint32_t device_id)
{
	struct virtio_device d = {
		.device_id = device_id,
		.transport = &virtio_pci_modern,
	};
	uint32_t len;
	unsigned cap;

	d.base = map_structure(
		p, CFG_COMMON, sizeof(struct common_config), &len, &cap);
	if (!d.base)
		return -ENODEV;
	d.isr_base = map_structure(p, CFG_ISR, 1, &len, &cap);
	d.config_base = map_structure(p, CFG_DEVICE, 4, &len, &cap);
	d.notify_base = map_structure(p, CFG_NOTIFY, 2, &len, &cap);
	if (!d.isr_base || !d.notify_base)
		return -ENODEV;
	d.notify_mul = pci_read(p, cap + CAP_NOTIFY_MUL, 4);
	d.notify_len = len;
	virtio_offer(&d, virtio_pci_connect, p);
	return 0;
}
