/* SPDX-License-Identifier: Apache-2.0 */
/* All that a port of keel supplies: the CPU, its page tables, its traps. */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include "kern/types.h"

/* Interrupts of this CPU. */
uint64_t arch_irq_save(void); /* off; returns the state before */
void arch_irq_restore(uint64_t state);
void arch_idle(void); /* enables, waits for one, disables: no lost wake-up */
typedef void arch_irq_fn(void *arg);
/* Routes interrupt line `irq` (a GSI) to fn; 0 or -errno. */
int arch_irq_attach(int irq, bool level, arch_irq_fn *fn, void *arg);
/* A message-signalled interrupt: fills the address and data to program. */
int arch_msi_attach(arch_irq_fn *fn, void *arg, uint64_t *addr, uint32_t *data);

/* Page tables. Memory protection; never W and X together. */
enum { ARCH_R = 1, ARCH_W = 2, ARCH_X = 4 };
enum {
	ARCH_PTE_PRESENT = 1,
	ARCH_PTE_DIRTY = 2,
	ARCH_PTE_ACCESSED = 4,
	ARCH_PTE_WRITE = 8
};
int arch_map(uint64_t va, uint64_t pa, unsigned prot); /* 4 KiB; -ENOMEM */
/* Removes; ARCH_PTE_* as it was in *pte, *pa; 0 or -ENOENT. Flushes. */
int arch_unmap(uint64_t va, uint64_t *pa, unsigned *pte);
int arch_lookup(uint64_t va, uint64_t *pa, unsigned *pte);
int arch_protect(uint64_t va, unsigned prot); /* of a mapped page */
/* First mapped page at or above va and below end, skipping empty tables;
 * `end` if there is none. */
uint64_t arch_next_mapped(uint64_t va, uint64_t end);
void arch_free_tables(uint64_t va, uint64_t end); /* empty ones in range */
/* The direct map: all of memory, read-write, never executable; the image's
 * read-only pages are read-only there too. */
extern uint64_t arch_direct_base;
int arch_direct_protect(uint64_t pa, uint64_t npages, unsigned prot);
/* Makes sure that it covers [pa, pa + size), all of it memory; -ENOMEM. */
int arch_direct_extend(uint64_t pa, uint64_t size);
/* Device registers, uncached; returns the address or NULL. */
void *arch_map_device(uint64_t pa, size_t size);
/* The range that programs may map: [min, max). */
#define ARCH_USER_MIN 0x10000UL
#define ARCH_USER_MAX 0x7ffffffff000UL

/* Copies with faults caught; bytes NOT copied (0: all). */
size_t arch_copy_user(void *dst, const void *src, size_t n);
/* Compares and swaps, atomically: *old becomes what was there. Not 0: fault. */
int arch_swap_user(uint32_t *dst, uint32_t *old, uint32_t new);

/* AT_PLATFORM and uname's machine; AT_HWCAP, AT_HWCAP2, AT_MINSIGSTKSZ. */
#define ARCH_NAME "x86_64"
uint64_t arch_auxv(unsigned type);
void arch_set_tls(uint64_t va); /* of this thread: FS base */

/* The CPU goes from one thread to another, with interrupts off; returns when
 * `from` runs again. All that the program has in registers is kept. */
struct thread;
void arch_switch(struct thread *from, struct thread *to);
/* What a new thread starts with: fn(arg) of keel; or the program, with the
 * registers `regs` (another stack pointer unless 0) and the thread pointer
 * t->tls. */
struct trap_frame;
void arch_thread_init(struct thread *t, void (*fn)(void *), void *arg);
void arch_thread_init_program(
	struct thread *t, const struct trap_frame *regs, uint64_t sp);
uint64_t arch_tls(void); /* of this thread */

/* Runs the program: entry point, initial stack pointer. */
noreturn void arch_enter_program(uint64_t entry, uint64_t sp);

/* The program's registers on the way out of keel: the place where it goes on,
 * its frame and stack pointer; the rest is known to signal frames of arch. */
struct arch_leave;
void arch_leave_place(
	const struct arch_leave *l, uint64_t *pc, uint64_t *fp, uint64_t *sp);

uint64_t arch_random(bool *ok); /* RDSEED/RDRAND, *ok false: none */
uint64_t arch_cycles(void);
/* What was written before is seen by devices before anything is read after. */
void arch_barrier(void);

/* For /proc/cpuinfo; texts end in a NUL. */
struct arch_cpu {
	char vendor[13], name[49];
	unsigned family, model, stepping;
};
void arch_cpu_describe(struct arch_cpu *out);

/* Whether the code before `pc` is a call; the 8 bytes there can be read. */
bool arch_is_return(uint64_t pc);

#endif
