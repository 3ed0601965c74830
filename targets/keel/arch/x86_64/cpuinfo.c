/* SPDX-License-Identifier: Apache-2.0 */
/* What the CPU says of itself, for /proc/cpuinfo. */
#include "arch/arch.h"

#include "arch/x86_64/io.h"
#include "kern/string.h"

void arch_cpu_describe(struct arch_cpu *out)
{
	uint32_t r[4], top;

	memset(out, 0, sizeof(*out));
	cpuid(0, 0, r);
	top = r[0];
	memcpy(out->vendor, &r[1], 4);
	memcpy(out->vendor + 4, &r[3], 4);
	memcpy(out->vendor + 8, &r[2], 4);
	if (top >= 1) {
		cpuid(1, 0, r);
		out->stepping = r[0] & 0xf;
		out->model = (r[0] >> 4 & 0xf) | (r[0] >> 12 & 0xf0);
		out->family = r[0] >> 8 & 0xf;
		if (out->family == 0xf)
			out->family += r[0] >> 20 & 0xff;
	}
	cpuid(0x80000000, 0, r);
	for (uint32_t i = 0; i < 3 && r[0] >= 0x80000004; i++) {
		uint32_t s[4];

		cpuid(0x80000002 + i, 0, s);
		memcpy(out->name + sizeof(s) * i, s, sizeof(s));
	}
}
