/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the machine: power off, or reset. */
#include "plat/power.h"
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "arch/x86_64/trap.h"
#include "kern/string.h"
#include "plat/acpi.h"
#include "plat/serial.h"

enum {
	FADT_DSDT = 40, /* offsets: ACPI 5.2.9 */
	FADT_PM1A_CONTROL = 64,
	FADT_FLAGS = 112,
	FADT_SLEEP_CONTROL = 244,
	HW_REDUCED = 1 << 20,
	IN_PORTS = 1,
	PM1_SLP_EN = 1 << 13,
	PM1_SLP_TYP_SHIFT = 10,
	SLEEP_SLP_EN = 1 << 5,
	SLEEP_SLP_TYP_SHIFT = 2,
	KEYBOARD = 0x64,
	KEYBOARD_RESET = 0xfe,
};

static uint32_t field32(const struct acpi_header *h, unsigned offset)
{
	uint32_t v = 0;

	if (offset + sizeof(v) <= h->length)
		memcpy(&v, (const char *)h + offset, sizeof(v));
	return v;
}

/*
 * The sleep type of S5: the first element of the package _S5_ in the DSDT.
 * It has the same form everywhere: name, PackageOp, length, count, then a
 * byte constant or ZeroOp or OneOp (ACPI 20.2).
 */
static unsigned s5_type(const struct acpi_header *fadt)
{
	const struct acpi_header *d = acpi_table(field32(fadt, FADT_DSDT));
	const uint8_t *p = (const uint8_t *)d;

	for (uint32_t i = sizeof(*d); d && i + 9 < d->length; i++)
		if (!memcmp(p + i, "_S5_\x12", 5))
			return p[i + 7] == 0x0a ? p[i + 8] & 7 : p[i + 7] & 1;
	return 0;
}

static void acpi_off(void)
{
	const struct acpi_header *fadt = acpi_find("FACP");
	unsigned type;

	if (!fadt)
		return;
	type = s5_type(fadt);
	if (field32(fadt, FADT_FLAGS) & HW_REDUCED) {
		/* A generic address (ACPI 5.2.3.2): the space comes first. */
		uint8_t space = field32(fadt, FADT_SLEEP_CONTROL);
		uint32_t at = field32(fadt, FADT_SLEEP_CONTROL + 4);
		uint8_t v = type << SLEEP_SLP_TYP_SHIFT | SLEEP_SLP_EN;
		uint8_t *reg;

		if (space == IN_PORTS)
			port_out8(at, v);
		else if (at && (reg = arch_map_device(at, 1)))
			WRITE_ONCE(*reg, v);
	} else {
		port_out16(field32(fadt, FADT_PM1A_CONTROL),
			type << PM1_SLP_TYP_SHIFT | PM1_SLP_EN);
	}
}

void power_off(void)
{
	arch_irq_save();
	serial_flush();
	acpi_off();
	power_reset();
}

void power_reset(void)
{
	port_out8(KEYBOARD, KEYBOARD_RESET);
	trap_reset();
}
