/* SPDX-License-Identifier: Apache-2.0 */
/* PCI devices: configuration space, capabilities, registers, interrupts. */
#ifndef PLAT_PCI_H
#define PLAT_PCI_H

#include "arch/arch.h"
#include "kern/types.h"

/*
 * Configuration mechanism #1 (PCI 3.0, 3.2.2.3.2). Registers are where the
 * firmware put them (SeaBIOS and OVMF assign all of them, also under
 * PVH); one without an address is reported as absent.
 */
struct pci_device {
	uint8_t bus, slot, function;
	uint16_t vendor, device;
};

/* Calls fn for each function on bus 0 and behind bridges, until fn returns
 * nonzero. Costs one port access when the machine has no PCI. */
void pci_scan(int (*fn)(const struct pci_device *p));

uint32_t pci_read(const struct pci_device *p, unsigned off, unsigned bytes);
void pci_write(const struct pci_device *p, unsigned off, unsigned bytes,
	uint32_t value);
/* Turns on memory, I/O and bus mastering. */
void pci_enable(const struct pci_device *p);

/* Offset of the first capability `id` (PCI_CAP_*) after offset `after` (0:
 * from the start), or 0. */
enum { PCI_CAP_VENDOR = 0x09, PCI_CAP_MSIX = 0x11 };
unsigned pci_capability(const struct pci_device *p, uint8_t id, unsigned after);

/* The address in a base address register, 0 if none; *io: it is of ports. */
uint64_t pci_bar(const struct pci_device *p, unsigned bar, bool *io);
/* Ports. */
uint32_t pci_io_read(uint64_t port, unsigned bytes);
void pci_io_write(uint64_t port, unsigned bytes, uint32_t value);

/* Sends MSI-X entry 0 to fn and turns MSI-X on; the others stay masked.
 * -ENODEV without MSI-X, or -errno. */
int pci_msix_attach(const struct pci_device *p, arch_irq_fn *fn, void *arg);
/* The INTx pin, through the line that the firmware routed it to. */
int pci_intx_attach(const struct pci_device *p, arch_irq_fn *fn, void *arg);

#endif
