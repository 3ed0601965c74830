/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt controllers: the local APIC (Intel SDM 3A, chapter 10) and the
 * I/O APICs (82093AA data sheet); message-signalled interrupts. */
#include "plat/apic.h"
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "arch/x86_64/trap.h"
#include "kern/log.h"
#include "plat/acpi.h"

#include <linux/errno.h>

enum {
	MSR_APIC_BASE = 0x1b,
	MSR_X2APIC = 0x800,
	BASE_X2 = 1 << 10,
	BASE_ENABLE = 1 << 11,
	REG_ID = 0x20,
	REG_TPR = 0x80,
	REG_EOI = 0xb0,
	REG_SPURIOUS = 0xf0,
	REG_LVT_LINT0 = 0x350,
	REG_LVT_LINT1 = 0x360,
	SPURIOUS_VECTOR = 47,
	SPURIOUS_ENABLE = 1 << 8,
	IOAPIC_PA = 0xfec00000,
	IOAPIC_VERSION = 1,
	IOAPIC_TABLE = 0x10,
	RTE_LOW = 1 << 13,
	RTE_LEVEL = 1 << 15,
	RTE_MASKED = 1 << 16,
	HANDLERS_MAX = APIC_TIMER_VECTOR - TRAP_IRQ_BASE,
	IOAPICS_MAX = 4,
	LINE_MSI = -1,
};
#define APIC_PA 0xfee00000UL

/* Several devices may share a line, then they share its vector. */
static struct handler {
	arch_irq_fn *fn;
	void *arg;
	int line; /* or LINE_MSI */
	unsigned vector;
} handlers[HANDLERS_MAX];
static unsigned nhandlers;

static volatile uint32_t *apic; /* NULL: by MSR (x2APIC) */

static struct ioapic {
	volatile uint32_t *regs;
	int first, nlines;
} ioapics[IOAPICS_MAX];
static unsigned nioapics;

uint32_t apic_read(unsigned reg)
{
	return apic ? apic[reg / 4] : msr_read(MSR_X2APIC + reg / 16);
}

void apic_write(unsigned reg, uint32_t v)
{
	if (apic)
		apic[reg / 4] = v;
	else
		msr_write(MSR_X2APIC + reg / 16, v);
}

void trap_irq(unsigned vector)
{
	if (vector == SPURIOUS_VECTOR)
		return;
	for (unsigned i = 0; i < nhandlers; i++)
		if (handlers[i].vector == vector)
			handlers[i].fn(handlers[i].arg);
	apic_write(REG_EOI, 0);
}

void apic_init(void)
{
	uint64_t base = msr_read(MSR_APIC_BASE);

	if (!(base & BASE_X2)) {
		apic = arch_map_device(APIC_PA, 4096);
		if (!apic)
			panic("no memory to map the APIC");
		msr_write(
			MSR_APIC_BASE, APIC_PA | BASE_ENABLE | (base & 0x100));
	}
	apic_write(REG_TPR, 0);
	apic_write(REG_LVT_LINT0, APIC_LVT_MASKED);
	apic_write(REG_LVT_LINT1, APIC_LVT_MASKED);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	apic_write(REG_SPURIOUS, SPURIOUS_ENABLE | SPURIOUS_VECTOR);
}

static uint32_t ioapic_read(const struct ioapic *io, unsigned reg)
{
	io->regs[0] = reg;
	return io->regs[4];
}

static void ioapic_write(const struct ioapic *io, unsigned reg, uint32_t v)
{
	io->regs[0] = reg;
	io->regs[4] = v;
}

static void ioapic_add(uint64_t pa, int first)
{
	struct ioapic *io = &ioapics[nioapics];

	if (nioapics == IOAPICS_MAX)
		return;
	io->regs = arch_map_device(pa, 0x20);
	if (!io->regs)
		return;
	io->first = first;
	io->nlines = (ioapic_read(io, IOAPIC_VERSION) >> 16 & 0xff) + 1;
	for (int i = 0; i < io->nlines; i++) /* as firmware left them */
		ioapic_write(io, IOAPIC_TABLE + 2 * i, RTE_MASKED);
	nioapics++;
}

/* The entry of a type (ACPI 5.2.12) after `e`; NULL `e`: the first. */
static const uint8_t *madt_next(
	const struct acpi_header *madt, const uint8_t *e, unsigned type)
{
	const uint8_t *start = (const uint8_t *)madt;
	const uint8_t *end = start + madt->length;

	e = e ? e + e[1] : start + 44;
	for (; e + 2 <= end && e[1] >= 2 && e + e[1] <= end; e += e[1])
		if (e[0] == type)
			return e;
	return NULL;
}

static uint32_t le32(const uint8_t *p)
{
	return *(const uint32_t *)(const void *)p;
}

static void find_ioapics(void)
{
	const struct acpi_header *madt = acpi_find("APIC");
	const uint8_t *e = NULL;

	while (madt && (e = madt_next(madt, e, 1)))
		ioapic_add(le32(e + 4), le32(e + 8));
	if (!nioapics)
		ioapic_add(IOAPIC_PA, 0);
}

int apic_attach(unsigned vector, arch_irq_fn *fn, void *arg)
{
	uint64_t irq = arch_irq_save();
	int err = -ENOSPC;

	if (nhandlers < HANDLERS_MAX) {
		handlers[nhandlers++] =
			(struct handler){fn, arg, LINE_MSI, vector};
		err = 0;
	}
	arch_irq_restore(irq);
	return err;
}

static int handler_add(arch_irq_fn *fn, void *arg, int line, unsigned *vector)
{
	uint64_t irq = arch_irq_save();
	struct handler *h = &handlers[nhandlers];
	int err = 0;

	*vector = TRAP_IRQ_BASE + nhandlers;
	for (unsigned i = 0; i < nhandlers && line != LINE_MSI; i++)
		if (handlers[i].line == line)
			*vector = handlers[i].vector;
	if (nhandlers < HANDLERS_MAX) {
		*h = (struct handler){fn, arg, line, *vector};
		nhandlers++;
	} else {
		err = -ENOSPC;
	}
	arch_irq_restore(irq);
	return err;
}

int arch_irq_attach(int irq, bool level, arch_irq_fn *fn, void *arg)
{
	/* PCI interrupts are active low (PCI 2.2.6), but for those that share
	 * the first lines with ISA: QEMU's are high. */
	uint32_t bits = !level ? 0 : irq < 16 ? RTE_LEVEL : RTE_LEVEL | RTE_LOW;
	const struct ioapic *io = ioapics;
	unsigned vector, reg;
	int err;

	if (!nioapics)
		find_ioapics();
	while (io < ioapics + nioapics &&
		(irq < io->first || irq >= io->first + io->nlines))
		io++;
	if (io == ioapics + nioapics)
		return -ENODEV;
	err = handler_add(fn, arg, irq, &vector);
	if (err)
		return err;
	reg = IOAPIC_TABLE + 2 * (irq - io->first);
	ioapic_write(io, reg + 1, apic_read(REG_ID) & 0xff000000);
	ioapic_write(io, reg, vector | bits);
	return 0;
}

int arch_msi_attach(arch_irq_fn *fn, void *arg, uint64_t *addr, uint32_t *data)
{
	unsigned vector;
	int err;

	err = handler_add(fn, arg, LINE_MSI, &vector);
	if (err)
		return err;
	*addr = APIC_PA | (apic_read(REG_ID) >> 24) << 12;
	*data = vector;
	return 0;
}
