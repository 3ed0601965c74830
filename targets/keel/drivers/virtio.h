/* SPDX-License-Identifier: Apache-2.0 */
/* Virtio devices over PCI and MMIO, and their virtqueues (virtio 1.2). */
#ifndef DRIVERS_VIRTIO_H
#define DRIVERS_VIRTIO_H

#include "kern/types.h"

struct virtio_device;

/* How a device is reached: virtio_pci_modern, virtio_pci_legacy,
 * virtio_mmio (legacy and modern). */
struct virtio_transport {
	uint64_t (*get_features)(struct virtio_device *d);
	int (*set_features)(struct virtio_device *d, uint64_t features);
	uint8_t (*get_status)(struct virtio_device *d);
	void (*set_status)(struct virtio_device *d, uint8_t status);
	void (*read_config)(struct virtio_device *d, unsigned off, void *dst,
		unsigned n);
	uint16_t (*queue_size)(struct virtio_device *d, unsigned queue);
	int (*queue_setup)(struct virtio_device *d, unsigned queue,
		uint16_t size, uint64_t desc_pa, uint64_t avail_pa,
		uint64_t used_pa);
	void (*notify)(struct virtio_device *d, unsigned queue);
	uint32_t (*ack_interrupt)(struct virtio_device *d);
};

struct virtio_device {
	uint32_t device_id; /* virtio 1.2, 5: 1 net, 2 block, 3 console, ... */
	const struct virtio_transport *transport;
	uint64_t features; /* as negotiated */
	void *priv;        /* the driver's */
	void (*interrupt)(struct virtio_device *d);
	/* below: the transport's own */
	uint64_t base, notify_base, config_base, isr_base;
	uint32_t notify_mul;
	int irq;
};

struct virtio_driver {
	const char *name;
	uint32_t device_id;
	int (*probe)(struct virtio_device *d); /* 0, or it is left alone */
};

/* Finds devices (PCI, then "virtio_mmio.device=" of the command line) and
 * offers each to the drivers linked into this kernel. */
void virtio_init(void);

#endif
