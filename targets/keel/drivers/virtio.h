/* SPDX-License-Identifier: Apache-2.0 */
/* Virtio devices over PCI and MMIO (virtio 1.2, 2 to 4). */
#ifndef DRIVERS_VIRTIO_H
#define DRIVERS_VIRTIO_H

#include "kern/types.h"

struct virtio_device;
struct pci_device;

/* Device types (virtio 1.2, 5). */
enum {
	VIRTIO_NET = 1,
	VIRTIO_BLOCK = 2,
	VIRTIO_CONSOLE = 3,
	VIRTIO_RNG = 4,
	VIRTIO_9P = 9
};

/* Device status (2.1) and the features that are not a device's own (6). */
enum {
	VIRTIO_S_ACKNOWLEDGE = 1,
	VIRTIO_S_DRIVER = 2,
	VIRTIO_S_DRIVER_OK = 4,
	VIRTIO_S_FEATURES_OK = 8,
	VIRTIO_S_FAILED = 128
};
#define VIRTIO_F_EVENT_IDX (1ULL << 29)
#define VIRTIO_F_VERSION_1 (1ULL << 32)

enum { VIRTIO_QUEUES = 6 }; /* no driver here uses others */

/* How a device is reached: virtio_pci_modern, virtio_pci_legacy,
 * virtio_mmio (legacy and modern). */
struct virtio_transport {
	uint64_t (*get_features)(struct virtio_device *d);
	int (*set_features)(struct virtio_device *d, uint64_t features);
	uint8_t (*get_status)(struct virtio_device *d);
	void (*set_status)(struct virtio_device *d, uint8_t status);
	void (*read_config)(
		struct virtio_device *d, unsigned off, void *dst, unsigned n);
	uint16_t (*queue_size)(struct virtio_device *d, unsigned queue);
	int (*queue_setup)(struct virtio_device *d, unsigned queue,
		uint16_t size, uint64_t desc_pa, uint64_t avail_pa,
		uint64_t used_pa);
	void (*notify)(struct virtio_device *d, unsigned queue);
	uint32_t (*ack_interrupt)(struct virtio_device *d);
	bool fixed_size; /* the driver cannot make a queue smaller */
};

struct virtio_device {
	uint32_t device_id; /* virtio 1.2, 5: 1 net, 2 block, 3 console, ... */
	const struct virtio_transport *transport;
	uint64_t features; /* as negotiated */
	void *priv;        /* the driver's */
	void (*interrupt)(struct virtio_device *d);
	/* below: the transport's own */
	uint64_t base, notify_base, config_base, isr_base;
	uint32_t notify_mul, notify_len;
	int irq;
	uint32_t notify_off[VIRTIO_QUEUES]; /* bytes from notify_base */
	bool msi; /* the interrupt needs no acknowledgement */
};

struct virtio_driver {
	uint32_t device_id;
	int (*probe)(struct virtio_device *d); /* 0, or it is left alone */
};

/* Finds devices (PCI, then "virtio_mmio.device=" of the command line) and
 * offers each to the drivers linked into this kernel. */
void virtio_init(void);

/* For drivers, in this order: features of the device's own that are
 * understood (which of them were agreed: d->features), queues, start. */
int virtio_negotiate(struct virtio_device *d, uint64_t understood);
void virtio_start(struct virtio_device *d);

/* For transports. virtio_offer keeps a copy if there is a driver, and
 * connect(copy, how) attaches its interrupt before the driver is asked. */
const struct virtio_driver *virtio_driver_find(uint32_t device_id);
void virtio_offer(const struct virtio_device *found,
	int (*connect)(struct virtio_device *d, const void *how),
	const void *how);
void virtio_interrupt(void *device); /* an arch_irq_fn */
/* Device configuration that is memory (2.5): in units of the field's width,
 * the 4-byte halves of larger ones. */
void virtio_copy_config(const volatile void *src, void *dst, unsigned n);

/* The transports. */
void virtio_mmio_init(void);
void virtio_pci_init(void);
int virtio_pci_connect(struct virtio_device *d, const void *pci_device);
/* Each offers the PCI function if it is of its kind: 0, or -ENODEV. */
int virtio_pci_modern_offer(const struct pci_device *p, uint32_t device_id);
int virtio_pci_legacy_offer(const struct pci_device *p, uint32_t device_id);

#endif
