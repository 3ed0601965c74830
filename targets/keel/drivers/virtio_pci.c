/* SPDX-License-Identifier: Apache-2.0 */
/* Finds virtio devices on PCI (virtio 1.2, 4.1.2). */
#include <asm/errno.h>

#include "drivers/virtio.h"
#include "kern/log.h"
#include "plat/pci.h"

enum {
	VENDOR = 0x1af4,
	TRANSITIONAL = 0x1000,
	MODERN = 0x1040,
	MODERN_END = 0x1080,
	SUBSYSTEM_ID = 0x2e
};

static int offer(const struct pci_device *p)
{
	uint32_t id;

	if (p->vendor != VENDOR || p->device < TRANSITIONAL ||
		p->device >= MODERN_END)
		return 0;
	id = (uint32_t)p->device - MODERN;
	if (p->device < MODERN)
		id = pci_read(p, SUBSYSTEM_ID, 2);
	if (!virtio_driver_find(id))
		return 0;
	pci_enable(p);
	if (virtio_pci_modern_offer(p, id) && virtio_pci_legacy_offer(p, id))
		klog("virtio: PCI %x:%x: no registers\n", p->bus, p->slot);
	return 0;
}

void virtio_pci_init(void)
{
	pci_scan(offer);
}

int virtio_pci_connect(struct virtio_device *d, const void *how)
{
	const struct pci_device *p = how;

	d->msi = !pci_msix_attach(p, virtio_interrupt, d);
	if (d->msi)
		return 0;
	return pci_intx_attach(p, virtio_interrupt, d);
}
