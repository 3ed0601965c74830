/* SPDX-License-Identifier: Apache-2.0 */
/* How fast the time-stamp counter runs, by the PIT (8254 data sheet). */
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "plat/clock.h"

enum {
	PIT_HZ = 1193182,
	PIT_COUNTER0 = 0x40,
	PIT_CONTROL = 0x43,
	PIT_MODE2 = 0x34,  /* counter 0, both bytes, rate generator */
	FIRST_TICKS = 240, /* about 200 us */
	SPIN_MAX = 1 << 13,
	LIMIT_S = 60, /* products below stay in 64 bits */
};
#define FALLBACK_HZ 1000000000UL /* no PIT, and nobody tells: a guess */

/*
 * The counter wraps after 55 ms. Once the frequency is known to 1 part in
 * n, an interval of n / 2 wraps can be told from its neighbours: each better
 * value allows a longer interval for the next, 8 times each, up to LIMIT_S.
 */
static struct {
	uint64_t cycles, hz, next, limit;
	uint16_t count;
	int left;
} m;

static uint16_t read_count(void)
{
	uint8_t lo;

	port_out8(PIT_CONTROL, 0); /* latches counter 0 */
	lo = port_in8(PIT_COUNTER0);
	return lo | port_in8(PIT_COUNTER0) << 8;
}

static void restart(uint64_t now)
{
	m.cycles = now;
	m.count = read_count();
}

uint64_t clock_measure(uint64_t now)
{
	uint16_t ticks;
	int spins = SPIN_MAX;

	port_out8(PIT_CONTROL, PIT_MODE2);
	port_out8(PIT_COUNTER0, 0);
	port_out8(PIT_COUNTER0, 0);
	do /* until the new count is loaded */
		restart(arch_cycles());
	while (!m.count && --spins);
	do {
		now = arch_cycles();
		ticks = m.count - read_count();
	} while (ticks < FIRST_TICKS && --spins > 0);
	if (!spins)
		return FALLBACK_HZ;
	m.hz = (now - m.cycles) * PIT_HZ / ticks;
	m.next = (now - m.cycles) * 8;
	m.limit = m.next * 1000;
	m.left = 6;
	return m.hz;
}

uint64_t clock_measure_again(uint64_t now)
{
	uint64_t elapsed = now - m.cycles, expected, ticks;
	uint16_t low;

	if (!m.left || elapsed < m.next)
		return 0;
	if (elapsed > m.limit) { /* too long ago to know the wraps */
		restart(now);
		return 0;
	}
	low = m.count - read_count();
	expected = elapsed * PIT_HZ / m.hz;
	ticks = expected + (int16_t)(low - (uint16_t)expected);
	m.hz = elapsed * PIT_HZ / ticks;
	m.next = elapsed * 8;
	m.limit = MIN(m.limit * 8, m.hz * LIMIT_S);
	m.left--;
	return m.hz;
}
