/* SPDX-License-Identifier: Apache-2.0 */
/* A machine for keel's mm on the host: memory, page tables, log. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keel-mm-fake.h"

#include "arch/arch.h"
#include "fs/file.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "mm/page.h"
#include "mm/vma.h"
#include "sched/thread.h"
#include "sched/waitq.h"

uint64_t arch_direct_base;
struct boot_info boot_info;
jmp_buf fake_exit;
int fake_status;
static uint64_t span;

/* --- page tables: a table of what is mapped, searched from end to end --- */

enum { MAX_MAPPED = 8192 };
static struct {
	uint64_t va, pa;
	unsigned prot;
} map[MAX_MAPPED];
static unsigned nmap;

static int find(uint64_t va)
{
	for (unsigned i = 0; i < nmap; i++)
		if (map[i].va == va)
			return (int)i;
	return -1;
}

int arch_map(uint64_t va, uint64_t pa, unsigned prot)
{
	int i = find(va);

	if ((prot & (ARCH_W | ARCH_X)) == (ARCH_W | ARCH_X))
		panic("writable and executable");
	if (i < 0) {
		if (nmap == MAX_MAPPED)
			return -12;
		i = (int)nmap++;
	}
	map[i].va = va;
	map[i].pa = pa;
	map[i].prot = prot;
	return 0;
}

int arch_lookup(uint64_t va, uint64_t *pa, unsigned *pte)
{
	int i = find(va);

	if (i < 0)
		return -2;
	*pa = map[i].pa;
	*pte = (map[i].prot ? ARCH_PTE_PRESENT : 0) |
	       (map[i].prot & ARCH_W ? ARCH_PTE_WRITE : 0);
	return 0;
}

int arch_unmap(uint64_t va, uint64_t *pa, unsigned *pte)
{
	int err = arch_lookup(va, pa, pte);

	if (!err) {
		map[find(va)] = map[nmap - 1];
		nmap--;
	}
	return err;
}

uint64_t arch_next_mapped(uint64_t va, uint64_t end)
{
	uint64_t best = end;

	for (unsigned i = 0; i < nmap; i++)
		if (map[i].va >= va && map[i].va < best)
			best = map[i].va;
	return best;
}

unsigned fake_mapped(void)
{
	return nmap;
}

void arch_free_tables(uint64_t va, uint64_t end)
{
	(void)va;
	(void)end;
}

int arch_direct_protect(uint64_t pa, uint64_t npages, unsigned prot)
{
	(void)pa;
	(void)npages;
	(void)prot;
	return 0;
}

int arch_direct_extend(uint64_t pa, uint64_t size)
{
	if (pa + size > span)
		panic("direct map of %lx", pa);
	return 0;
}

uint64_t boot_random(void)
{
	return (uint64_t)rand() << 33 ^ (uint64_t)rand() << 12 ^
	       (uint64_t)rand();
}

/* --- kern, sched, fs ---------------------------------------------------- */

static void say(const char *fmt, va_list ap)
{
	printf("# ");
	vprintf(fmt, ap);
	fflush(stdout);
}

void kmsg(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	printf("\nBail out! panic\n");
	abort();
}

void machine_exit(int status)
{
	fake_status = status;
	longjmp(fake_exit, 1);
}

uint64_t spin_lock(struct spinlock *l)
{
	if (l->locked++)
		panic("spinlock taken twice");
	return 0;
}

void spin_unlock(struct spinlock *l, uint64_t irq)
{
	(void)irq;
	if (--l->locked)
		panic("spinlock not held");
}

struct thread *thread_this(void)
{
	static char only;

	return (struct thread *)&only;
}

void mutex_lock(struct mutex *m)
{
	spin_lock(&m->q.lock);
	m->owner = thread_this();
}

void mutex_unlock(struct mutex *m)
{
	m->owner = NULL;
	spin_unlock(&m->q.lock, 0);
}

void file_get(struct file *f)
{
	f->count++;
}

void file_put(struct file *f)
{
	if (!f->count--)
		panic("file freed twice");
}

void file_put_mapped(struct file *f)
{
	file_put(f);
}

/* --- the machine -------------------------------------------------------- */

void fake_machine(uint64_t mid, uint64_t high)
{
	const uint64_t gib4 = 4UL << 30, mib = 1 << 20;
	void *p;

	span = high ? gib4 + high : mib + mid;
	p = mmap(NULL, span, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		abort();
	arch_direct_base = (uint64_t)p;
	boot_info.mem[0] = (struct boot_mem){0, 0x9fc00, 1};
	boot_info.mem[1] = (struct boot_mem){0x9fc00, 0x400, 2};
	boot_info.mem[2] = (struct boot_mem){mib, mid, 1};
	boot_info.mem[3] = (struct boot_mem){gib4, high, 1};
	boot_info.nmem = high ? 4 : 3;
	boot_info.image_pa = mib;
	boot_info.image_end_pa = mib + (128 << 10);
	boot_info.image_va = 0x555555000000;
	page_init();
}

uint64_t fake_touched(void)
{
	static unsigned char vec[1 << 16];
	uint64_t step = sizeof(vec) * PAGE_SIZE, n = 0;

	for (uint64_t at = 0; at < span; at += step) {
		uint64_t len = MIN(step, span - at);

		if (mincore((void *)(arch_direct_base + at), len, vec))
			abort();
		for (uint64_t i = 0; i < len / PAGE_SIZE; i++)
			n += vec[i] & 1;
	}
	return n * PAGE_SIZE;
}

static int touch(uint64_t va, unsigned prot, unsigned access, uint64_t **word)
{
	int code;

	for (int tries = 0; tries < 3; tries++) {
		int i = find(ALIGN_DOWN(va, PAGE_SIZE));
		int sig;

		if (i >= 0 && (map[i].prot & prot) == prot) {
			*word = (uint64_t *)(arch_direct_base + map[i].pa);
			return 0;
		}
		sig = vma_fault(va, access, &code);
		if (sig)
			return sig;
	}
	panic("fault at %lx is never resolved", va);
}

int fake_load(uint64_t va, uint64_t *value)
{
	uint64_t *word;
	int sig = touch(va, ARCH_R, 0, &word);

	if (!sig)
		*value = *word;
	return sig;
}

int fake_store(uint64_t va, uint64_t value)
{
	uint64_t *word;
	int sig = touch(va, ARCH_W, FAULT_WRITE, &word);

	if (!sig)
		*word = value;
	return sig;
}

int fake_fetch(uint64_t va)
{
	uint64_t *word;

	return touch(va, ARCH_X, FAULT_EXEC, &word);
}

/* --- TAP ---------------------------------------------------------------- */

static int ntests, nfailed;

void ok(bool good, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("%sok %d - ", good ? "" : "not ", ++ntests);
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	nfailed += !good;
	fflush(stdout);
}

void ok_apart(void (*part)(void), int n)
{
	int before = ntests, status;
	pid_t pid = fork();

	if (pid == 0) {
		part();
		exit(nfailed || ntests != before + n);
	}
	ntests += n;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		nfailed++;
		printf("# the part failed with status %#x\n", status);
	}
}

int done_testing(void)
{
	printf("1..%d\n", ntests);
	return nfailed > 0;
}
