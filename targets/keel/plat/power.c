/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the machine: power off, or reset. */
#include "plat/power.h"
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "arch/x86_64/trap.h"
#include "plat/serial.h"

/* PM1a control of QEMU's pc and q35 (SLP_EN, SLP_TYP 0). */
enum { QEMU_PM1A = 0x604, SLP_EN = 1 << 13, KEYBOARD = 0x64 };

void power_off(void)
{
	arch_irq_save();
	serial_flush();
	port_out16(QEMU_PM1A, SLP_EN);
	port_out8(KEYBOARD, 0xfe);
	trap_reset();
}
