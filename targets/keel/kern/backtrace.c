/* SPDX-License-Identifier: Apache-2.0 */
/* Backtraces with names. */
#include "kern/backtrace.h"
#include "arch/arch.h"
#include "kern/log.h"
#include "kern/lz4.h"
#include "mm/uaccess.h"
#include "sched/thread.h"

extern const char keel_text_start[], keel_text_end[];
extern const uint8_t keel_symbols[], keel_symbols_end[];

enum { FRAMES_MAX = 24, SCAN_MAX = 4096 };

struct chunk {
	uint32_t start;
	uint16_t size;
	uint8_t block[];
} __attribute__((packed));

/* The names from `p` on, functions from `at` on; true if one holds `pc`. */
static bool find_in(const char *p, const char *end, uint64_t at, uint64_t pc,
	char name[SYMBOL_MAX], uint64_t *offset)
{
	while (p < end) {
		uint64_t delta = 0;
		unsigned shift = 0, n;

		do
			delta |= (uint64_t)(*p & 127) << shift;
		while (shift += 7, *p++ & 128);
		if (at + delta > pc)
			break;
		at += delta;
		n = (uint8_t)*p++;
		do
			name[n++] = *p & 127;
		while (!(*p++ & 128));
		name[n] = 0;
	}
	*offset = pc - at;
	return name[0];
}

bool symbol_find(uint64_t pc, char name[SYMBOL_MAX], uint64_t *offset)
{
	static char names[SYMBOLS_CHUNK];
	const struct chunk *c = NULL;
	const uint8_t *p = keel_symbols;

	name[0] = 0;
	pc -= (uint64_t)keel_text_start;
	if (pc >= (uint64_t)(keel_text_end - keel_text_start))
		return false;
	while (p < keel_symbols_end && ((const struct chunk *)p)->start <= pc) {
		c = (const struct chunk *)p;
		p = c->block + c->size;
	}
	return c && find_in(names, lz4_unpack(c->block, c->size, names),
			    c->start, pc, name, offset);
}

static void show(unsigned n, uint64_t pc)
{
	char name[SYMBOL_MAX];
	uint64_t off;

	/* A return address may be the first of the next function. */
	if (symbol_find(pc - !!n, name, &off))
		kmsg("  #%u %p %s+0x%lx\n", n, (void *)pc, name, off + !!n);
	else
		kmsg("  #%u %p\n", n, (void *)pc);
}

static bool is_return(uint64_t pc)
{
	return pc >= (uint64_t)keel_text_start + 8 &&
	       pc < (uint64_t)keel_text_end && arch_is_return(pc);
}

/* Shows the return addresses in [sp, end) of the program's stack. */
static void scan(uint64_t sp, uint64_t end, unsigned *n)
{
	uint64_t pc;

	for (sp = ALIGN_UP(sp, 8); sp < end && *n < FRAMES_MAX; sp += 8)
		if (copy_from_user(&pc, (const void *)sp, sizeof(pc)))
			break;
		else if (is_return(pc))
			show(++*n, pc);
}

void backtrace_show(uint64_t pc, uint64_t fp, uint64_t sp)
{
	struct {
		uint64_t fp, pc;
	} frame;
	unsigned n = 0;

	show(0, pc);
	/* Up to the first frame, functions without one may have come. */
	while (n < FRAMES_MAX && fp >= sp && fp - sp < SCAN_MAX && !(fp & 7) &&
		!copy_from_user(&frame, (const void *)fp, sizeof(frame)) &&
		is_return(frame.pc)) {
		if (!n)
			scan(sp, fp, &n);
		show(++n, frame.pc);
		sp = fp + sizeof(frame);
		fp = frame.fp;
	}
	if (fp) /* zero ends the chain; else it is broken */
		scan(sp, sp + SCAN_MAX, &n);
}

void backtrace_keel(uint64_t pc, uint64_t sp)
{
	static bool shown;
	const struct thread *t = thread_this();
	unsigned n = 0;

	if (shown) /* the first was nearest to the cause */
		return;
	shown = true;
	show(0, pc);
	if (sp < t->kstack_low || sp > t->kstack_top)
		return;
	for (sp = ALIGN_UP(sp, 8); sp < t->kstack_top && n < FRAMES_MAX;
		sp += 8) {
		pc = *(const uint64_t *)sp;
		if (is_return(pc))
			show(++n, pc);
	}
}
