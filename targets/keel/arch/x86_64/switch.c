/* SPDX-License-Identifier: Apache-2.0 */
/* What a thread has in the CPU, kept while another one runs. */
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "arch/x86_64/start.h"
#include "arch/x86_64/trap.h"
#include "kern/string.h"
#include "sched/sched.h"

enum { AREA_ALIGN_BITS = 64 * 8, FXSAVE_SIZE = 512, XSAVE_HEADER = 64 };

/* What switch_stacks leaves. */
struct switch_frame {
	uint32_t fpu_env[7], mxcsr;
	uint64_t r15, r14, r13, r12, rbp, rbx, rip;
};

void switch_stacks(uint64_t *save, uint64_t load);
extern const char switch_begin[];
void thread_began(void);
void thread_enters(struct trap_frame *f);

static uint64_t read_cr4(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr4, %0" : "=r"(v));
	return v;
}

uint64_t arch_tls(void)
{
	uint64_t v;

	if (!(read_cr4() & CR4_FSGSBASE))
		return msr_read(MSR_FS_BASE);
	__asm__ volatile("rdfsbase %0" : "=r"(v));
	return v;
}

static void load_tls(uint64_t va)
{
	if (read_cr4() & CR4_FSGSBASE)
		__asm__ volatile("wrfsbase %0" : : "r"(va));
	else
		arch_set_tls(va);
}

/* 0: no XSAVE. What it takes for all that XCR0 enables. */
static uint32_t xsave_size(void)
{
	static uint32_t size = 1;
	uint32_t r[4];

	if (size == 1) {
		size = 0;
		if (read_cr4() & CR4_OSXSAVE) {
			cpuid(0xd, 0, r);
			size = r[1];
		}
	}
	return size;
}

/* A call may lose all vector registers; who was interrupted has them. */
static void switch_whole(struct thread *from, struct thread *to)
{
	uint32_t xsave = xsave_size(), size = xsave ? xsave : FXSAVE_SIZE;
	uint64_t *area = __builtin_alloca_with_align(size, AREA_ALIGN_BITS);

	if (xsave) {
		memset(area + FXSAVE_SIZE / 8, 0, XSAVE_HEADER);
		__asm__ volatile("xsave64 (%0)"
				 :
				 : "r"(area), "a"(-1), "d"(-1)
				 : "memory");
	} else {
		__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
	}
	switch_stacks(&from->sp, to->sp);
	if (xsave)
		__asm__ volatile("xrstor64 (%0)"
				 :
				 : "r"(area), "a"(-1), "d"(-1)
				 : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

void arch_switch(struct thread *from, struct thread *to)
{
	from->tls = arch_tls();
	if (*trap_mark(from->kstack_top) < ARCH_USER_MIN)
		switch_whole(from, to);
	else
		switch_stacks(&from->sp, to->sp);
	load_tls(from->tls);
}

void thread_began(void)
{
	load_tls(thread_this()->tls);
	sched_begin();
}

/* On the way to the program for the first time. */
void thread_enters(struct trap_frame *f)
{
	struct arch_leave l = {.regs = f};

	leave_work(&l);
}

static struct switch_frame *push_frame(struct thread *t)
{
	struct trap_frame *f = (struct trap_frame *)t->kstack_top - 1;
	struct switch_frame *s = (struct switch_frame *)f - 1;

	*s = (struct switch_frame){.rip = (uint64_t)switch_begin};
	__asm__ volatile("fnstenv %0; fldenv %0; stmxcsr %1"
			 : "=m"(s->fpu_env), "=m"(s->mxcsr));
	memset(f, 0, sizeof(*f));
	t->sp = (uint64_t)s;
	return s;
}

void arch_thread_init(struct thread *t, void (*fn)(void *), void *arg)
{
	struct switch_frame *s = push_frame(t);

	*trap_mark(t->kstack_top) = UINT64_MAX; /* no program at all */
	s->rbx = (uint64_t)fn;
	s->r12 = (uint64_t)arg;
}

void arch_thread_init_program(
	struct thread *t, const struct trap_frame *regs, uint64_t sp)
{
	struct trap_frame *f = (struct trap_frame *)t->kstack_top - 1;

	push_frame(t);
	*f = *regs;
	if (sp)
		f->rsp = sp;
	f->rax = 0;
}
