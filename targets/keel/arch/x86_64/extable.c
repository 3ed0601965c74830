/* SPDX-License-Identifier: Apache-2.0 */
/* The table of instructions that may fault, and where to go on then. */
#include "arch/x86_64/paging.h"

struct extable_entry {
	int32_t insn, fixup; /* each relative to its own address */
};

extern const struct extable_entry keel_extable_start[], keel_extable_end[];

uint64_t extable_find(uint64_t rip)
{
	const struct extable_entry *e = keel_extable_start;

	for (; e < keel_extable_end; e++)
		if ((uint64_t)((const char *)&e->insn + e->insn) == rip)
			return (uint64_t)((const char *)&e->fixup + e->fixup);
	return 0;
}
