/* SPDX-License-Identifier: Apache-2.0 */
/* PCI by configuration mechanism #1 (PCI local bus 3.0, 3.2.2.3.2 and 6). */
#include "plat/pci.h"

#include <asm/errno.h>

#include "arch/x86_64/io.h"

enum { CONFIG_ADDRESS = 0xcf8, CONFIG_DATA = 0xcfc };
#define CONFIG_ENABLE (1u << 31)

enum {
	PCI_VENDOR = 0x00,
	PCI_DEVICE = 0x02,
	PCI_COMMAND = 0x04,
	PCI_STATUS = 0x06,
	PCI_HEADER = 0x0e,
	PCI_BAR0 = 0x10,
	PCI_SECONDARY_BUS = 0x19,
	PCI_CAPABILITIES = 0x34,
	PCI_INTERRUPT_LINE = 0x3c,
	PCI_INTERRUPT_PIN = 0x3d,
};

enum {
	COMMAND_IO = 1,
	COMMAND_MEMORY = 2,
	COMMAND_MASTER = 4,
	COMMAND_NO_INTX = 1 << 10
};
enum { STATUS_CAPABILITIES = 1 << 4 };
enum { HEADER_BRIDGE = 1, HEADER_MULTI = 0x80 };
enum { NBARS = 6, NSLOTS = 32, NFUNCTIONS = 8, NO_VENDOR = 0xffff };

/* The MSI-X capability and a table entry (6.8.2). */
enum {
	MSIX_CONTROL = 2,
	MSIX_TABLE = 4,
	MSIX_ENABLE = 1 << 15,
	MSIX_MASK_ALL = 1 << 14,
	MSIX_BAR_MASK = 7
};
struct msix_entry {
	uint32_t addr_low, addr_high, data, control;
};

static void select(const struct pci_device *p, unsigned off)
{
	port_out32(CONFIG_ADDRESS, CONFIG_ENABLE | (uint32_t)p->bus << 16 |
					   p->slot << 11 | p->function << 8 |
					   (off & 0xfc));
}

uint32_t pci_io_read(uint64_t port, unsigned bytes)
{
	if (bytes == 1)
		return port_in8(port);
	return bytes == 2 ? port_in16(port) : port_in32(port);
}

void pci_io_write(uint64_t port, unsigned bytes, uint32_t value)
{
	if (bytes == 1)
		port_out8(port, value);
	else if (bytes == 2)
		port_out16(port, value);
	else
		port_out32(port, value);
}

uint32_t pci_read(const struct pci_device *p, unsigned off, unsigned bytes)
{
	select(p, off);
	return pci_io_read(CONFIG_DATA + (off & 3), bytes);
}

void pci_write(const struct pci_device *p, unsigned off, unsigned bytes,
	uint32_t value)
{
	select(p, off);
	pci_io_write(CONFIG_DATA + (off & 3), bytes, value);
}

void pci_enable(const struct pci_device *p)
{
	pci_write(p, PCI_COMMAND, 2,
		pci_read(p, PCI_COMMAND, 2) | COMMAND_IO | COMMAND_MEMORY |
			COMMAND_MASTER);
}

typedef int visit_fn(const struct pci_device *p);

/* 0, or what fn returned. A bridge leads to a bus of a higher number, as
 * the firmware counts them; so this ends. */
static int scan_bus(unsigned bus, visit_fn *fn)
{
	struct pci_device p = {.bus = bus};
	unsigned header, behind, i;
	int found;

	for (i = 0; i < NSLOTS * NFUNCTIONS; i++) {
		p.slot = i / NFUNCTIONS;
		p.function = i % NFUNCTIONS;
		p.vendor = pci_read(&p, PCI_VENDOR, 2);
		if (p.vendor == NO_VENDOR) {
			if (p.function == 0)
				i += NFUNCTIONS - 1;
			continue;
		}
		p.device = pci_read(&p, PCI_DEVICE, 2);
		header = pci_read(&p, PCI_HEADER, 1);
		found = fn(&p);
		behind = pci_read(&p, PCI_SECONDARY_BUS, 1);
		if (!found && (header & ~HEADER_MULTI) == HEADER_BRIDGE &&
			behind > bus)
			found = scan_bus(behind, fn);
		if (found)
			return found;
		if (p.function == 0 && !(header & HEADER_MULTI))
			i += NFUNCTIONS - 1;
	}
	return 0;
}

void pci_scan(visit_fn *fn)
{
	/* Without PCI (microvm, Firecracker) nobody keeps this value. */
	port_out32(CONFIG_ADDRESS, CONFIG_ENABLE);
	if (port_in32(CONFIG_ADDRESS) == CONFIG_ENABLE)
		scan_bus(0, fn);
}

unsigned pci_capability(const struct pci_device *p, uint8_t id, unsigned after)
{
	unsigned at, n;

	if (!(pci_read(p, PCI_STATUS, 2) & STATUS_CAPABILITIES))
		return 0;
	at = pci_read(p, after ? after + 1 : PCI_CAPABILITIES, 1) & 0xfc;
	for (n = 0; at >= 0x40 && n < 48; n++) {
		if (pci_read(p, at, 1) == id)
			return at;
		at = pci_read(p, at + 1, 1) & 0xfc;
	}
	return 0;
}

uint64_t pci_bar(const struct pci_device *p, unsigned bar, bool *io)
{
	uint32_t low;
	uint64_t pa;

	*io = false;
	if (bar >= NBARS)
		return 0;
	low = pci_read(p, PCI_BAR0 + 4 * bar, 4);
	if (low & 1) {
		*io = true;
		return low & 0xfffc;
	}
	pa = low & ~0xfu;
	if ((low & 6) == 4 && bar + 1 < NBARS)
		pa |= (uint64_t)pci_read(p, PCI_BAR0 + 4 * (bar + 1), 4) << 32;
	return pa;
}

int pci_msix_attach(const struct pci_device *p, arch_irq_fn *fn, void *arg)
{
	unsigned cap = pci_capability(p, PCI_CAP_MSIX, 0);
	volatile struct msix_entry *e;
	uint32_t where, control, data;
	uint64_t bar, addr;
	bool io;
	int err;

	if (!cap)
		return -ENODEV;
	where = pci_read(p, cap + MSIX_TABLE, 4);
	bar = pci_bar(p, where & MSIX_BAR_MASK, &io);
	if (!bar || io)
		return -ENODEV;
	e = arch_map_device(bar + (where & ~MSIX_BAR_MASK), sizeof(*e));
	if (!e)
		return -ENOMEM;
	err = arch_msi_attach(fn, arg, &addr, &data);
	if (err)
		return err;
	control = pci_read(p, cap + MSIX_CONTROL, 2) | MSIX_ENABLE;
	pci_write(p, cap + MSIX_CONTROL, 2, control | MSIX_MASK_ALL);
	e->addr_low = addr;
	e->addr_high = addr >> 32;
	e->data = data;
	e->control = 0;
	pci_write(p, cap + MSIX_CONTROL, 2, control & ~MSIX_MASK_ALL);
	return 0;
}

/*
 * The firmware routes the pin to one of the old lines (10 or 11 as SeaBIOS
 * and OVMF do it) and writes it down. On pc and on q35 the south bridge
 * then raises that line at the I/O APIC too, as the GSI of the same number,
 * so no ACPI table has to be interpreted.
 */
int pci_intx_attach(const struct pci_device *p, arch_irq_fn *fn, void *arg)
{
	unsigned line = pci_read(p, PCI_INTERRUPT_LINE, 1);

	if (!pci_read(p, PCI_INTERRUPT_PIN, 1) || line == 0 || line > 15)
		return -ENODEV;
	pci_write(p, PCI_COMMAND, 2,
		pci_read(p, PCI_COMMAND, 2) & ~COMMAND_NO_INTX);
	return arch_irq_attach(line, true, fn, arg);
}
