/* SPDX-License-Identifier: Apache-2.0 */
/* What the CPU says of itself (Intel SDM 2A, CPUID). */
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "kern/string.h"

enum { NAME_FIRST = 0x80000002, NAME_LAST = 0x80000004 };

void arch_cpu_describe(struct arch_cpu *out)
{
	char *to = out->name;
	uint32_t r[4];

	memset(out, 0, sizeof(*out));
	cpuid(0, 0, r);
	memcpy(out->vendor, &r[1], 4);
	memcpy(out->vendor + 4, &r[3], 4);
	memcpy(out->vendor + 8, &r[2], 4);
	cpuid(1, 0, r);
	out->stepping = r[0] & 15;
	out->model = r[0] >> 4 & 15;
	out->family = r[0] >> 8 & 15;
	if (out->family == 6 || out->family == 15)
		out->model |= r[0] >> 12 & 0xf0;
	if (out->family == 15)
		out->family += r[0] >> 20 & 0xff;
	cpuid(0x80000000, 0, r);
	if (r[0] < NAME_LAST)
		return;
	for (uint32_t leaf = NAME_FIRST; leaf <= NAME_LAST; leaf++, to += 16) {
		cpuid(leaf, 0, r);
		memcpy(to, r, 16);
	}
}
