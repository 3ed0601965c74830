/* SPDX-License-Identifier: Apache-2.0 */
/* The one-shot timer of the local APIC (Intel SDM 3A, 10.5.4). */
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "kern/log.h"
#include "kern/time.h"
#include "plat/apic.h"
#include "plat/clock.h"
#include "sched/waitq.h"

enum {
	MSR_TSC_DEADLINE = 0x6e0,
	CPUID_TSC_DEADLINE = 1 << 24,
	MEASURE_NS = 100000,
	RATE_SHIFT = 16,
};

/* Timer ticks in a ns, times 2^RATE_SHIFT; 0: deadline mode. */
static uint64_t rate;

static uint64_t measure(void)
{
	uint64_t t0 = clock_now(), t1;
	uint32_t count;

	apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
	do
		t1 = clock_now();
	while (t1 - t0 < MEASURE_NS);
	count = UINT32_MAX - apic_read(APIC_TIMER_CURRENT);
	return MAX(((uint64_t)count << RATE_SHIFT) / (t1 - t0), 1UL);
}

static void start(void)
{
	uint32_t r[4];

	cpuid(1, 0, r);
	if (r[2] & CPUID_TSC_DEADLINE && clock_ns_to_cycles(1)) {
		apic_write(
			APIC_LVT_TIMER, APIC_LVT_DEADLINE | APIC_TIMER_VECTOR);
		/* The mode is set before the first deadline. */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		return;
	}
	rate = clock_apic_is_known() ? 1UL << RATE_SHIFT : measure();
}

static void arm(uint64_t deadline_ns)
{
	uint64_t now = clock_now();
	uint64_t ns = deadline_ns > now ? deadline_ns - now : 0;
	/* Long waits are woken early, and ask again. */
	uint64_t ticks = MIN(ns, 1UL << 40) * rate >> RATE_SHIFT;

	clock_measure_stop();
	apic_write(APIC_LVT_TIMER, APIC_TIMER_VECTOR);
	apic_write(APIC_TIMER_INITIAL, MIN(MAX(ticks, 1UL), UINT32_MAX));
}

static void disarm(void)
{
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	if (clock_apic_is_known())
		clock_measure_start();
}

void timer_attach(void (*fn)(void *arg))
{
	if (apic_attach(APIC_TIMER_VECTOR, fn, NULL))
		panic("no room for the timer's interrupt");
}

void timer_set(uint64_t deadline_ns)
{
	static bool started;
	uint64_t irq = arch_irq_save();

	if (!started)
		start();
	started = true;
	if (!rate)
		msr_write(MSR_TSC_DEADLINE,
			deadline_ns == NEVER ? 0
					     : clock_ns_to_cycles(deadline_ns));
	else if (deadline_ns == NEVER)
		disarm();
	else
		arm(deadline_ns);
	arch_irq_restore(irq);
}
