/* SPDX-License-Identifier: Apache-2.0 */
/* Backtraces with names. */
#include "kern/backtrace.h"
#include "arch/arch.h"
#include "kern/log.h"
#include "kern/string.h"

extern const char keel_text_start[], keel_text_end[];
extern const char keel_symbols[], keel_symbols_end[];

enum { FRAMES_MAX = 24 };

const char *symbol_find(uint64_t pc, uint64_t *offset)
{
	const char *p = keel_symbols, *name = NULL;
	uint64_t at = (uint64_t)keel_text_start;

	if (pc < at || pc >= (uint64_t)keel_text_end)
		return NULL;
	while (p < keel_symbols_end) {
		uint64_t delta = 0;
		unsigned shift = 0;

		do
			delta |= (uint64_t)(*p & 127) << shift;
		while (shift += 7, *p++ & 128);
		if (at + delta > pc)
			break;
		at += delta;
		name = p;
		p += strlen(p) + 1;
	}
	*offset = pc - at;
	return name;
}

static void show(unsigned n, uint64_t pc)
{
	uint64_t off;
	/* A return address may be the first of the next function. */
	const char *name = symbol_find(n ? pc - 1 : pc, &off);

	if (name)
		kmsg("  #%u %p %s+0x%lx\n", n, (void *)pc, name,
			n ? off + 1 : off);
	else
		kmsg("  #%u %p\n", n, (void *)pc);
}

void backtrace_show(uint64_t pc, uint64_t fp)
{
	uint64_t pcs[FRAMES_MAX];
	unsigned n = arch_backtrace(fp, pcs, FRAMES_MAX);

	show(0, pc);
	for (unsigned i = 0; i < n; i++)
		show(i + 1, pcs[i]);
}
