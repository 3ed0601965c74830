/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt controllers: the local APIC and the I/O APICs. */
#ifndef PLAT_APIC_H
#define PLAT_APIC_H

#include "arch/arch.h"
#include "kern/types.h"

enum {
	APIC_TIMER_VECTOR = 46,
	APIC_LVT_TIMER = 0x320,
	APIC_TIMER_INITIAL = 0x380,
	APIC_TIMER_CURRENT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,
	APIC_LVT_MASKED = 1 << 16,
	APIC_LVT_PERIODIC = 1 << 17,
	APIC_LVT_DEADLINE = 2 << 17,
	APIC_DIVIDE_BY_1 = 0xb,
};

/* Turns the local APIC on, all its sources off: firmware may have left them
 * running. The old controllers are off since trap_init. */
void apic_init(void);
uint32_t apic_read(unsigned reg);
void apic_write(unsigned reg, uint32_t v);
/* For a source of the local APIC itself; 0 or -ENOSPC. */
int apic_attach(unsigned vector, arch_irq_fn *fn, void *arg);

#endif
