/* SPDX-License-Identifier: Apache-2.0 */
/* Virtio over MMIO (virtio 1.2, 4.2), version 2 and legacy version 1. */
#include <asm/errno.h>

#include "arch/arch.h"
#include "drivers/virtio.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "mm/page.h"

/* Registers (4.2.2, and 4.2.4 for those marked legacy). */
enum {
	R_MAGIC = 0x000,
	R_VERSION = 0x004,
	R_DEVICE_ID = 0x008,
	R_DEVICE_FEATURES = 0x010,
	R_DEVICE_FEATURES_SEL = 0x014,
	R_DRIVER_FEATURES = 0x020,
	R_DRIVER_FEATURES_SEL = 0x024,
	R_PAGE_SIZE = 0x028, /* legacy */
	R_QUEUE_SEL = 0x030,
	R_QUEUE_NUM_MAX = 0x034,
	R_QUEUE_NUM = 0x038,
	R_QUEUE_ALIGN = 0x03c, /* legacy */
	R_QUEUE_PFN = 0x040,   /* legacy */
	R_QUEUE_READY = 0x044,
	R_QUEUE_NOTIFY = 0x050,
	R_INTERRUPT_STATUS = 0x060,
	R_INTERRUPT_ACK = 0x064,
	R_STATUS = 0x070,
	R_QUEUE_DESC = 0x080, /* low, high */
	R_QUEUE_DRIVER = 0x090,
	R_QUEUE_DEVICE = 0x0a0,
	R_CONFIG = 0x100,
};

enum { MAGIC = 0x74726976, LEGACY = 1, MODERN = 2 };

static uint32_t reg_read(const struct virtio_device *d, unsigned reg)
{
	return *(volatile uint32_t *)(uintptr_t)(d->base + reg);
}

static void reg_write(const struct virtio_device *d, unsigned reg, uint32_t v)
{
	*(volatile uint32_t *)(uintptr_t)(d->base + reg) = v;
}

static void reg_write64(const struct virtio_device *d, unsigned reg, uint64_t v)
{
	reg_write(d, reg, v);
	reg_write(d, reg + 4, v >> 32);
}

static bool is_legacy(const struct virtio_device *d)
{
	return reg_read(d, R_VERSION) == LEGACY;
}

static uint64_t mmio_get_features(struct virtio_device *d)
{
	uint64_t low;

	reg_write(d, R_DEVICE_FEATURES_SEL, 0);
	low = reg_read(d, R_DEVICE_FEATURES);
	if (is_legacy(d))
		return low;
	reg_write(d, R_DEVICE_FEATURES_SEL, 1);
	return low | (uint64_t)reg_read(d, R_DEVICE_FEATURES) << 32;
}

static int mmio_set_features(struct virtio_device *d, uint64_t features)
{
	bool legacy = is_legacy(d);

	if (legacy)
		reg_write(d, R_PAGE_SIZE, PAGE_SIZE);
	else if (!(features & VIRTIO_F_VERSION_1))
		return -EINVAL;
	reg_write(d, R_DRIVER_FEATURES_SEL, 0);
	reg_write(d, R_DRIVER_FEATURES, features);
	if (legacy)
		return 0;
	reg_write(d, R_DRIVER_FEATURES_SEL, 1);
	reg_write(d, R_DRIVER_FEATURES, features >> 32);
	return 0;
}

static uint8_t mmio_get_status(struct virtio_device *d)
{
	return reg_read(d, R_STATUS);
}

static void mmio_set_status(struct virtio_device *d, uint8_t status)
{
	reg_write(d, R_STATUS, status);
}

static void mmio_read_config(
	struct virtio_device *d, unsigned off, void *dst, unsigned n)
{
	virtio_copy_config(
		(void *)(uintptr_t)(d->base + R_CONFIG + off), dst, n);
}

static uint16_t mmio_queue_size(struct virtio_device *d, unsigned queue)
{
	reg_write(d, R_QUEUE_SEL, queue);
	return MIN(reg_read(d, R_QUEUE_NUM_MAX), UINT16_MAX);
}

static int mmio_queue_setup(struct virtio_device *d, unsigned queue,
	uint16_t size, uint64_t desc_pa, uint64_t avail_pa, uint64_t used_pa)
{
	reg_write(d, R_QUEUE_SEL, queue);
	reg_write(d, R_QUEUE_NUM, size);
	if (is_legacy(d)) {
		if (desc_pa >> 44)
			return -ENOMEM;
		reg_write(d, R_QUEUE_ALIGN, PAGE_SIZE);
		reg_write(d, R_QUEUE_PFN, desc_pa >> PAGE_SHIFT);
		return 0;
	}
	reg_write64(d, R_QUEUE_DESC, desc_pa);
	reg_write64(d, R_QUEUE_DRIVER, avail_pa);
	reg_write64(d, R_QUEUE_DEVICE, used_pa);
	reg_write(d, R_QUEUE_READY, 1);
	return 0;
}

static void mmio_notify(struct virtio_device *d, unsigned queue)
{
	reg_write(d, R_QUEUE_NOTIFY, queue);
}

static uint32_t mmio_ack_interrupt(struct virtio_device *d)
{
	uint32_t why = reg_read(d, R_INTERRUPT_STATUS);

	if (why)
		reg_write(d, R_INTERRUPT_ACK, why);
	return why;
}

static const struct virtio_transport virtio_mmio = {
	.get_features = mmio_get_features,
	.set_features = mmio_set_features,
	.get_status = mmio_get_status,
	.set_status = mmio_set_status,
	.read_config = mmio_read_config,
	.queue_size = mmio_queue_size,
	.queue_setup = mmio_queue_setup,
	.notify = mmio_notify,
	.ack_interrupt = mmio_ack_interrupt,
};

/* Edge: Firecracker sends pulses, and the status register, which is cleared
 * before the queues are looked at, makes an edge of QEMU's level. */
static int mmio_connect(struct virtio_device *d, const void *how)
{
	(void)how;
	return arch_irq_attach(d->irq, false, virtio_interrupt, d);
}

static void mmio_offer(uint64_t pa, uint64_t size, int irq)
{
	struct virtio_device d = {.transport = &virtio_mmio, .irq = irq};
	uint32_t version;

	if (size < R_CONFIG || pa + size < pa)
		return;
	d.base = (uintptr_t)arch_map_device(pa, size);
	if (!d.base || reg_read(&d, R_MAGIC) != MAGIC)
		return;
	version = reg_read(&d, R_VERSION);
	d.device_id = reg_read(&d, R_DEVICE_ID);
	if ((version == LEGACY || version == MODERN) && d.device_id)
		virtio_offer(&d, mmio_connect, NULL);
}

/* A number as in C (0x.., decimal), with an optional K or M, up to the
 * character `last` or the end; *p goes behind that. */
static bool parse_number(
	const char **at, const char *end, char last, uint64_t *value)
{
	const char *p = *at, *start;
	unsigned base = 10;
	uint64_t v = 0;

	if (end - p > 2 && p[0] == '0' && (p[1] | 0x20) == 'x') {
		base = 16;
		p += 2;
	}
	for (start = p; p < end; p++) {
		unsigned digit = (uint8_t)*p - '0';
		unsigned letter = ((uint8_t)*p | 0x20) - 'a';

		if (digit > 9)
			digit = letter > 5 ? base : letter + 10;
		if (digit >= base)
			break;
		v = v * base + digit;
	}
	if (p == start)
		return false;
	if (p < end && ((*p | 0x20) == 'k' || (*p | 0x20) == 'm'))
		v <<= (*p++ | 0x20) == 'k' ? 10 : 20;
	*value = v;
	*at = p + 1;
	return p == end || *p == last;
}

/* virtio_mmio.device=SIZE@ADDRESS:IRQ[:ID], as Linux reads it. */
void virtio_mmio_init(void)
{
	uint64_t size, pa, irq;
	const char *p, *end;
	unsigned i;
	int len;

	for (i = 0;; i++) {
		len = boot_option("virtio_mmio.device", i, &p);
		if (len < 0)
			return;
		end = p + len;
		if (parse_number(&p, end, '@', &size) && p < end &&
			parse_number(&p, end, ':', &pa) && p < end &&
			parse_number(&p, end, ':', &irq) && irq < 1024)
			mmio_offer(pa, size, irq);
	}
}
