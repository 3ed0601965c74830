/* SPDX-License-Identifier: Apache-2.0 */
/* How fast the time-stamp counter runs, by a counter of known speed. */
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "plat/apic.h"
#include "plat/clock.h"

enum {
	HYPERVISOR = 0x40000000,
	PIT_COUNTER0 = 0x40, /* 8254 data sheet */
	PIT_CONTROL = 0x43,
	PIT_MODE2 = 0x34, /* counter 0, both bytes, rate generator */
	TRIES = 4,
	SPIN_MAX = 1 << 11,
	LIMIT_S = 4, /* products below stay in 64 bits up to 4.6 GHz */
};
#define PIT_HZ      1193182UL
#define APIC_HZ     1000000000UL /* of QEMU without KVM */
#define FALLBACK_HZ 1000000000UL /* no PIT, and nobody tells: a guess */

/*
 * The counter wraps (the PIT's after 55 ms). Once the frequency is known to
 * 1 part in n, an interval of n / 2 wraps can be told from its neighbours:
 * each better value allows a longer interval for the next, 4 times each.
 */
static struct {
	bool apic;
	uint64_t ref_hz, hz;
	uint64_t cycles; /* at `count`; 0: the counter is used otherwise */
	uint32_t count;
	uint64_t next, limit;
	int left;
} m;

bool clock_apic_is_known(void)
{
	uint32_t r[4];

	cpuid(1, 0, r);
	if (!(r[2] & 1u << 31))
		return false;
	cpuid(HYPERVISOR, 0, r);
	return r[1] == 0x54474354 && r[2] == 0x43544743; /* "TCGTCGTCGTCG" */
}

/* Counts up, in 32 or 16 bits. */
static uint32_t read_count(void)
{
	uint8_t lo;

	if (m.apic)
		return -apic_read(APIC_TIMER_CURRENT);
	port_out8(PIT_CONTROL, 0); /* latches counter 0 */
	lo = port_in8(PIT_COUNTER0);
	return (uint16_t) - (lo | port_in8(PIT_COUNTER0) << 8);
}

/*
 * The count and the cycles at that moment. The machine may be stopped between
 * the two for as long as its host likes: the quickest of some tries counts.
 */
static uint64_t sample(uint32_t *count)
{
	uint64_t at = 0, best = UINT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		uint64_t before = arch_cycles();
		uint32_t c = read_count();
		uint64_t took = arch_cycles() - before;

		if (took < best) {
			best = took;
			at = before + took / 2;
			*count = c;
		}
	}
	return at;
}

static void restart(void)
{
	m.cycles = sample(&m.count);
}

static uint32_t ticks_to(uint32_t count)
{
	uint32_t ticks = count - m.count;

	return m.apic ? ticks : (uint16_t)ticks;
}

void clock_measure_stop(void)
{
	m.cycles = 0;
}

void clock_measure_start(void)
{
	m.apic = clock_apic_is_known();
	if (m.apic) {
		apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
		apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | APIC_LVT_PERIODIC);
		apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
	} else if (!m.ref_hz) {
		port_out8(PIT_CONTROL, PIT_MODE2);
		port_out8(PIT_COUNTER0, 0);
		port_out8(PIT_COUNTER0, 0);
		while (!read_count())
			cpu_relax(); /* until the count is loaded */
	}
	m.ref_hz = m.apic ? APIC_HZ : PIT_HZ;
	restart();
}

uint64_t clock_measure(void)
{
	uint32_t ticks, count;
	uint64_t now;
	int spins = SPIN_MAX;

	clock_measure_start();
	do {
		now = sample(&count);
		ticks = ticks_to(count);
	} while (ticks < m.ref_hz / 5000 && --spins); /* 200 us */
	if (!spins) {
		clock_measure_stop();
		return FALLBACK_HZ;
	}
	m.hz = (now - m.cycles) * m.ref_hz / ticks;
	m.next = (now - m.cycles) * 4;
	m.limit = m.hz;
	m.left = 8;
	return m.hz;
}

uint64_t clock_measure_again(uint64_t now)
{
	uint64_t elapsed = now - m.cycles, expected, ticks;
	uint32_t count;

	if (!m.left || !m.cycles || elapsed < m.next)
		return 0;
	if (elapsed > m.limit) { /* too long ago to know the wraps */
		restart();
		return 0;
	}
	elapsed = sample(&count) - m.cycles;
	count = ticks_to(count);
	expected = elapsed * m.ref_hz / m.hz;
	if (m.apic)
		ticks = expected + (int32_t)(count - (uint32_t)expected);
	else
		ticks = expected + (int16_t)(count - (uint16_t)expected);
	m.hz = elapsed * m.ref_hz / ticks;
	m.next = elapsed * 4;
	m.limit = MIN(m.limit * 4, m.hz * LIMIT_S);
	m.left--;
	return m.hz;
}
