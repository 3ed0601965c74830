/* SPDX-License-Identifier: Apache-2.0 */
/* The real-time clock of the PC (MC146818 data sheet), in UTC. */
#include "plat/rtc.h"
#include "arch/x86_64/io.h"
#include "kern/string.h"

enum {
	PORT_INDEX = 0x70,
	PORT_DATA = 0x71,
	NMI_OFF = 0x80,
	REG_A = 10,
	UPDATING = 0x80,
	REG_B = 11,
	BINARY = 4,
	HOURS_24 = 2,
	TRIES = 100000, /* an update takes 2 ms; a machine may have no clock */
};

static uint8_t get(uint8_t reg)
{
	port_out8(PORT_INDEX, reg | NMI_OFF);
	return port_in8(PORT_DATA);
}

/* Days since the epoch of a date (proleptic Gregorian). */
static uint64_t days(unsigned y, unsigned m, unsigned d)
{
	/* Years that begin in March: the leap day is the last. */
	y -= m <= 2;
	m = m <= 2 ? m + 9 : m - 3;
	return 365UL * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + d -
	       1 - 719468;
}

uint64_t rtc_read(void)
{
	static const uint8_t regs[6] = {0, 2, 4, 7, 8, 9};
	uint8_t v[6], again[6], b = get(REG_B);
	unsigned hour;
	int tries = TRIES;

	if (b == 0xff) /* nothing answers */
		return 0;

	do {
		while (get(REG_A) & UPDATING && --tries > 0)
			;
		for (int i = 0; i < 6; i++)
			v[i] = get(regs[i]);
		for (int i = 0; i < 6; i++)
			again[i] = get(regs[i]);
	} while (memcmp(v, again, sizeof(v)) != 0 && --tries > 0);
	hour = v[2] & 0x7f;
	for (int i = 0; !(b & BINARY) && i < 6; i++)
		v[i] = (v[i] >> 4 & (i == 2 ? 7 : 15)) * 10 + (v[i] & 15);
	if (!(b & BINARY))
		hour = (hour >> 4) * 10 + (hour & 15);
	if (!(b & HOURS_24))
		hour = hour % 12 + (again[2] & 0x80 ? 12 : 0);
	return days(2000 + v[5], v[4], v[3]) * 86400 + hour * 3600ul +
	       v[1] * 60ul + v[0];
}
