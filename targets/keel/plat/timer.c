/* SPDX-License-Identifier: Apache-2.0 */
/* The one-shot timer of the local APIC (Intel SDM 3A, 10.5.4). */
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "kern/time.h"
#include "plat/apic.h"
#include "plat/clock.h"
#include "sched/waitq.h"

enum {
	MSR_TSC_DEADLINE = 0x6e0,
	CPUID_TSC_DEADLINE = 1 << 24,
	MEASURE_NS = 100000,
};

/* Timer ticks in a ns, times 2^16; 0: deadline mode. */
static uint64_t rate;

/* Which mode; the timer's rate is measured against the clock. The interrupt
 * itself does nothing: it ends arch_idle. */
static void start(void)
{
	uint64_t t0, t1;
	uint32_t r[4], count;

	apic_init();
	cpuid(1, 0, r);
	if (r[2] & CPUID_TSC_DEADLINE && clock_ns_to_cycles(1)) {
		apic_write(
			APIC_LVT_TIMER, APIC_LVT_DEADLINE | APIC_TIMER_VECTOR);
		barrier();
		return;
	}
	apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
	t0 = clock_now();
	apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
	do
		t1 = clock_now();
	while (t1 - t0 < MEASURE_NS);
	count = UINT32_MAX - apic_read(APIC_TIMER_CURRENT);
	rate = ((uint64_t)count << 16) / (t1 - t0);
	if (!rate)
		rate = 1;
	apic_write(APIC_LVT_TIMER, APIC_TIMER_VECTOR);
}

void timer_set(uint64_t deadline_ns)
{
	static bool started;
	uint64_t irq = arch_irq_save(), now, ticks = 0;

	if (!started)
		start();
	started = true;
	if (!rate) {
		msr_write(MSR_TSC_DEADLINE,
			deadline_ns == NEVER ? 0
					     : clock_ns_to_cycles(deadline_ns));
	} else {
		if (deadline_ns != NEVER) {
			now = clock_now();
			ticks = deadline_ns > now ? deadline_ns - now : 0;
			/* Long waits are woken early, and ask again. */
			ticks = MIN(ticks, 1UL << 40) * rate >> 16;
			ticks = MIN(MAX(ticks, 1), UINT32_MAX);
		}
		apic_write(APIC_TIMER_INITIAL, ticks);
	}
	arch_irq_restore(irq);
}
