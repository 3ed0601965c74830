/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU: segments, task state, GS base, vector units, small services. */
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "arch/x86_64/start.h"
#include "arch/x86_64/paging.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "mm/page.h"
#include "sched/thread.h"

#include <linux/auxvec.h>

struct tss {
	uint32_t reserved0;
	uint64_t rsp[3], reserved1, ist[7], reserved2;
	uint16_t reserved3, iomap;
} __attribute__((packed));
_Static_assert(sizeof(struct tss) == 104, "Intel SDM 3A, 8.7");

struct table_ptr {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static struct tss tss;
/* null, code, data, unused, task state (two) */
static uint64_t gdt[6] = {
	0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff};

static struct cpu cpu0;
static struct thread thread0;

enum { CPUID7_FSGSBASE = 1 << 0, CPUID7_RDSEED = 1 << 18 };

/* Leaf 7 is not there on all, and then some answer with another. */
static uint32_t features7(void)
{
	uint32_t r[4];

	cpuid(0, 0, r);
	if (r[0] < 7)
		return 0;
	cpuid(7, 0, r);
	return r[1];
}

struct cpu *cpu_this(void)
{
	struct cpu *c;

	__asm__("mov %%gs:0, %0" : "=r"(c));
	return c;
}

struct thread *thread_this(void)
{
	struct thread *t;

	__asm__("mov %%gs:8, %0" : "=r"(t));
	return t;
}

/* In a program that makes no threads; else sched/thread.c. */
weak struct thread *thread_first(void)
{
	return &thread0;
}

weak struct thread *thread_next(const struct thread *t)
{
	(void)t;
	return NULL;
}

weak void thread_interrupt(struct thread *t)
{
	(void)t;
	cpu_set_pending(PENDING_SIGNAL);
}

static void load_segments(void)
{
	struct table_ptr p = {sizeof(gdt) - 1, (uint64_t)gdt};
	uint64_t base = (uint64_t)&tss;

	tss.iomap = sizeof(tss);
	gdt[4] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 | 0x89UL << 40 |
		 (base >> 24 & 0xff) << 56;
	gdt[5] = base >> 32;
	__asm__ volatile("lgdt %0; ltr %w1" : : "m"(p), "r"(0x20) : "memory");
}

/* SSE always; by XSAVE what the CPU offers of x87, SSE, AVX, AVX-512. */
static void enable_vectors(void)
{
	uint32_t r[4];
	uint64_t cr4 = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;
	uint32_t mxcsr = 0x1f80;

	if (features7() & CPUID7_FSGSBASE)
		cr4 |= CR4_FSGSBASE;
	cpuid(1, 0, r);
	if (r[2] & 1 << 26)
		cr4 |= CR4_OSXSAVE;
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4));
	if (cr4 & CR4_OSXSAVE) {
		cpuid(0xd, 0, r);
		__asm__ volatile("xsetbv" : : "c"(0), "a"(r[0] & 0xe7), "d"(0));
	}
	__asm__ volatile("fninit; ldmxcsr %0" : : "m"(mxcsr));
}

/* In the direct map. */
static uint64_t boot_stack(void)
{
	return arch_direct_base + boot_info.image_pa +
	       (uint64_t)(keel_image_end - keel_text_start) + BOOT_STACK;
}

void cpu_init(void)
{
	uint64_t stack = boot_stack();

	load_segments();
	cpu0.self = &cpu0;
	cpu0.thread = &thread0;
	thread0.tid = 1;
	/* Until cpu_map_stacks: the boot stack, its lower page for traps. */
	thread0.kstack_low = stack;
	thread0.kstack_top = stack + BOOT_STACK_TOP - BOOT_STACK;
	tss.ist[0] = tss.ist[1] = stack + PAGE_SIZE;
	msr_write(MSR_GS_BASE, (uint64_t)&cpu0);
	enable_vectors();
	trap_init();
}

/*
 * Stacks with guard pages, in the slot after the direct map at a random
 * place: the kernel stack, then the boot stack's two pages as IST stacks.
 */
uint64_t cpu_map_stacks(void)
{
	uint64_t at = arch_direct_base + (1UL << 39) +
		      (boot_random() & 0x3ffffff000) + PAGE_SIZE;
	uint64_t pa = boot_stack() - arch_direct_base;
	int err = 0;

	for (uint64_t i = 0; i < 2; i++) {
		err |= arch_map(at, pa + i * PAGE_SIZE, ARCH_R | ARCH_W);
		tss.ist[i] = at + PAGE_SIZE;
		at += 2 * PAGE_SIZE;
	}
	for (uint64_t i = 0; i < KSTACK_SIZE; i += PAGE_SIZE, at += PAGE_SIZE) {
		struct page *p = page_alloc(0);

		if (!p || arch_map(at, page_pa(p), ARCH_R | ARCH_W))
			err = -1;
	}
	if (err)
		panic("no memory for kernel stacks");
	thread0.kstack_low = at - KSTACK_SIZE;
	cpu0.kstack_top = thread0.kstack_top = at;
	return at;
}

uint64_t arch_irq_save(void)
{
	uint64_t flags;

	__asm__ volatile("pushf; pop %0; cli" : "=r"(flags) : : "memory");
	return flags & 0x200;
}

void arch_irq_restore(uint64_t state)
{
	if (state)
		__asm__ volatile("sti" : : : "memory");
}

/* No interrupt comes between sti and hlt. */
void arch_idle(void)
{
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

uint64_t arch_auxv(unsigned type)
{
	uint32_t r[4];

	switch (type) {
	case AT_HWCAP:
		cpuid(1, 0, r);
		return r[3];
	case AT_HWCAP2: /* bit 1: RDFSBASE and its like may be used */
		return features7() & CPUID7_FSGSBASE ? 2 : 0;
	default: /* AT_MINSIGSTKSZ: frame, FXSAVE or XSAVE area, alignment */
		cpuid(1, 0, r);
		if (!(r[2] & 1 << 26))
			return 2048;
		cpuid(0xd, 0, r);
		return 1024 + r[1];
	}
}

void arch_set_tls(uint64_t va)
{
	msr_write(MSR_FS_BASE, va);
}

/* QEMU's TCG with one CPU leaves out mfence (up to QEMU 8.0), though devices
 * are on other threads. After popf, which may let in an interrupt, it goes
 * through its main loop, where it takes notice of others by an exchange. */
void arch_barrier(void)
{
	__asm__ volatile("mfence; pushf; popf" : : : "memory", "cc");
}

uint64_t arch_cycles(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

uint64_t arch_random(bool *ok)
{
	uint64_t v = 0;
	uint32_t r[4];

	*ok = false;
	if (features7() & CPUID7_RDSEED)
		__asm__ volatile("rdseed %0; setc %1" : "=r"(v), "=qm"(*ok));
	if (*ok)
		return v;
	cpuid(1, 0, r);
	if (r[2] & 1 << 30)
		__asm__ volatile("rdrand %0; setc %1" : "=r"(v), "=qm"(*ok));
	return v;
}

/* CALL rel32, or CALL by register or memory (FF /2), 2 to 7 bytes. */
bool arch_is_return(uint64_t pc)
{
	const uint8_t *p = (const uint8_t *)pc;

	if (p[-5] == 0xe8)
		return true;
	for (int n = 2; n <= 7; n++)
		if (p[-n] == 0xff && (p[1 - n] & 0x38) == 0x10)
			return true;
	return false;
}
