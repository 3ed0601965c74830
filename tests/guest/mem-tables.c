/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the page tables of the machine that it is alone on: what may be
 * written and executed, what is mapped at all. */
/* guest: only here */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "mem-tap.h"

extern uint64_t keel_arch_direct_base __attribute__((weak));

#define P    1UL
#define W    2UL
#define PS   128UL
#define NX   (1UL << 63)
#define ADDR 0x000ffffffffff000UL

struct page {
	uint64_t va, pa, size;
	int writable, executable;
};

typedef void visit(const struct page *p, void *arg);

static const uint64_t *table(uint64_t entry)
{
	return (const uint64_t *)(keel_arch_direct_base + (entry & ADDR));
}

static uint64_t root(void)
{
	uint64_t cr3;

	__asm__ volatile("mov %%cr3,%0" : "=r"(cr3));
	return cr3;
}

static void walk(uint64_t entry, int level, struct page at, visit *f, void *arg)
{
	const uint64_t *t = table(entry);
	uint64_t size = 4096UL << (9 * level);

	for (uint64_t i = 0; i < 512; i++) {
		struct page p = at;

		p.va += i * size;
		if (level == 3 && i >= 256)
			p.va |= 0xffffUL << 48;
		p.writable &= !!(t[i] & W);
		p.executable &= !(t[i] & NX);
		p.size = size;
		p.pa = t[i] & ADDR & ~(size - 1);
		if (!(t[i] & P))
			continue;
		if (level && !(t[i] & PS))
			walk(t[i], level - 1, p, f, arg);
		else
			f(&p, arg);
	}
}

static void walk_all(visit *f, void *arg)
{
	struct page all = {.writable = 1, .executable = 1};

	walk(root(), 3, all, f, arg);
}

struct found {
	uint64_t pa;
	int both, low, large, high_executable, executable;
	int aliases, writable_aliases;
};

static void look(const struct page *p, void *arg)
{
	struct found *f = arg;
	int high = p->va >> 63 != 0;

	f->both += p->writable && p->executable;
	f->low += p->va < 65536;
	f->large += !high && p->size > 4096;
	f->high_executable += high && p->executable;
	f->executable += p->executable;
}

static void look_for(const struct page *p, void *arg)
{
	struct found *f = arg;

	if (f->pa < p->pa || f->pa >= p->pa + p->size)
		return;
	f->aliases++;
	f->writable_aliases += p->writable;
}

static void no_writable_alias(const struct page *p, void *arg)
{
	struct found *f = arg;

	if (!p->executable)
		return;
	for (f->pa = p->pa; f->pa < p->pa + p->size; f->pa += 4096)
		walk_all(look_for, f);
}

static int writable_alias(const void *va)
{
	struct found f = {0};
	const uint64_t *t = table(root());

	for (int level = 3;; level--) {
		uint64_t e = t[(uint64_t)va >> (12 + 9 * level) & 511];

		if (!level) {
			f.pa = e & ADDR;
			break;
		}
		t = table(e);
	}
	walk_all(look_for, &f);
	return f.writable_aliases;
}

int main(void)
{
	static const char constant[] = "rodata";
	struct found f = {0};
	char *p;

	walk_all(look, &f);
	check(f.both == 0, "nothing is writable and executable");
	check(f.low == 0, "nothing is mapped below 64 KiB");
	check(f.large == 0, "no identity map is left");
	check(f.high_executable == 0, "the direct map is not executable");
	check(f.executable > 0, "code is executable");
	walk_all(no_writable_alias, &f);
	check(f.writable_aliases == 0, "code cannot be written elsewhere");
	check(writable_alias(constant) == 0,
		"constants cannot be written elsewhere");

	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*p = (char)0xc3;
	check(writable_alias(p) == 2, "memory can be written, here and there");
	check(mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0,
		"memory becomes code");
	((void (*)(void))(uintptr_t)p)();
	check(writable_alias(p) == 0, "then it cannot be written anywhere");
	check(mprotect(p, 4096, PROT_READ | PROT_WRITE) == 0 &&
			writable_alias(p) == 2,
		"until it is memory again");
	fails(mprotect(p, 4096, PROT_READ | PROT_WRITE | PROT_EXEC), EACCES,
		"never both: EACCES");
	fails((long)mmap(NULL, 4096, PROT_WRITE | PROT_EXEC,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		EACCES, "nor from the start: EACCES");
	fails((long)mmap((void *)((uintptr_t)main & ~4095UL), 4096, PROT_READ,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		EPERM, "nothing is mapped over the program: EPERM");
	fails(munmap((void *)((uintptr_t)main & ~4095UL), 4096), EPERM,
		"it is not unmapped: EPERM");
	fails((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		EPERM, "nothing is mapped at 0: EPERM");
	return mem_done();
}
