/* SPDX-License-Identifier: Apache-2.0 */
/* Faults to handlers: what they are told, going on, jumping out. */
/* guest: status 0 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "file-tap.h"

enum { PAGE = 4096, PAGES = 64 };

static sigjmp_buf jump;
static volatile sig_atomic_t got, code;
static void *volatile address;
static volatile uint64_t trapno, error, cr2, sp_in_handler;

static void leave(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;

	got = sig;
	code = info->si_code;
	address = info->si_addr;
	trapno = uc->uc_mcontext.gregs[REG_TRAPNO];
	error = uc->uc_mcontext.gregs[REG_ERR];
	cr2 = uc->uc_mcontext.gregs[REG_CR2];
	sp_in_handler = (uintptr_t)__builtin_frame_address(0);
	siglongjmp(jump, 1);
}

static void set(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction a = {
		.sa_sigaction = fn, .sa_flags = SA_SIGINFO | flags};

	sigaction(sig, &a, NULL);
}

/* Whether `what` ends in the handler. */
#define FAULTS(what)                       \
	({                                 \
		got = 0;                   \
		if (!sigsetjmp(jump, 1)) { \
			what;              \
		}                          \
		got;                       \
	})

static char *volatile pages;
static volatile unsigned dirty;

/* Counts which pages are written, as collectors and databases do. */
static void track(int sig, siginfo_t *info, void *context)
{
	char *page = (char *)((uintptr_t)info->si_addr & ~(PAGE - 1UL));

	(void)sig;
	(void)context;
	if (page < pages || page >= pages + PAGES * PAGE)
		_exit(9);
	dirty++;
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

static void dirty_pages(void)
{
	set(SIGSEGV, track, 0);
	for (int round = 0; round < 3; round++) {
		dirty = 0;
		mprotect(pages, PAGES * PAGE, PROT_READ);
		for (int i = 0; i < PAGES; i += 2)
			for (int k = 0; k < 3; k++)
				pages[i * PAGE + k * 100] = (char)round;
		CHECK(dirty == PAGES / 2);
	}
	CHECK(pages[0] == 2 && pages[PAGE] == 0);
}

static void memory(void)
{
	set(SIGSEGV, leave, 0);
	CHECK(FAULTS(*(volatile int *)8 = 1) == SIGSEGV);
	CHECK(code == SEGV_MAPERR && address == (void *)8);
	CHECK(trapno == 14 && error == 6 && cr2 == 8);
	CHECK(FAULTS((void)*(volatile int *)16) == SIGSEGV);
	CHECK(error == 4 && cr2 == 16);
	mprotect(pages, PAGE, PROT_READ);
	CHECK(FAULTS(pages[5] = 1) == SIGSEGV);
	CHECK(code == SEGV_ACCERR && address == pages + 5);
	CHECK(error == 7);
	mprotect(pages, PAGE, PROT_NONE);
	CHECK(FAULTS((void)*(volatile char *)pages) == SIGSEGV);
	CHECK(code == SEGV_ACCERR);
	CHECK(FAULTS(((void (*)(void))(void *)pages)()) == SIGSEGV);
	CHECK(FAULTS((void)*(volatile char *)0x800000000000) == SIGSEGV);
	CHECK(code == SI_KERNEL && !address && trapno == 13);
}

/* QEMU's emulation has no exceptions of SSE: they are not tried. */
static void arithmetic(void)
{
	volatile int zero = 0, one = 1;

	set(SIGFPE, leave, 0);
	CHECK(FAULTS(one = one / zero) == SIGFPE);
	CHECK(code == FPE_INTDIV && trapno == 0);
	CHECK(FAULTS({
		unsigned short cw = 0x37f & ~4;

		__asm__ volatile("fninit; fldcw %0; fld1; fldz; fdivrp;"
				 "fwait"
				 :
				 : "m"(cw));
	}) == SIGFPE);
	CHECK(code == FPE_FLTDIV && trapno == 16);
	__asm__ volatile("fninit");
}

static void step_over(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)info;
	got = sig;
	uc->uc_mcontext.gregs[REG_RIP] += 2; /* ud2 */
	uc->uc_mcontext.gregs[REG_RBX] = 0x1234567890;
}

static void trapped(int sig, siginfo_t *info, void *context)
{
	(void)context;
	got = sig;
	code = info->si_code;
}

static void instructions(void)
{
	uint64_t rbx = 0, flags;

	set(SIGILL, step_over, 0);
	got = 0;
	__asm__ volatile("stc; ud2; pushf; pop %1"
			 : "+b"(rbx), "=r"(flags)
			 :
			 : "memory");
	CHECK(got == SIGILL && rbx == 0x1234567890);
	CHECK(flags & 1);
	set(SIGILL, leave, 0);
	CHECK(FAULTS(__asm__ volatile("ud2")) == SIGILL);
	CHECK(code == ILL_ILLOPN && address && trapno == 6);
	set(SIGTRAP, trapped, 0);
	got = 0;
	__asm__ volatile("int3");
	CHECK(got == SIGTRAP && code == SI_KERNEL);
}

static void files(void)
{
	FILE *f = tmpfile();
	char *map;

	set(SIGBUS, leave, 0);
	if (ftruncate(fileno(f), 100))
		return;
	map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		fileno(f), 0);
	CHECK(FAULTS((void)*(volatile char *)(map + 50)) == 0);
	CHECK(FAULTS((void)*(volatile char *)(map + PAGE)) == SIGBUS);
	CHECK(code == BUS_ADRERR && address == map + PAGE);
	fclose(f);
}

static int deep(volatile char *p)
{
	volatile char room[1000];

	room[0] = p ? *p : 0;
	return deep(room) + room[0];
}

static void overflow(void)
{
	static char stack[65536];
	stack_t alt = {.ss_sp = stack, .ss_size = sizeof(stack)};

	CHECK(!sigaltstack(&alt, NULL));
	set(SIGSEGV, leave, SA_ONSTACK);
	for (int i = 0; i < 2; i++) {
		CHECK(FAULTS(deep(NULL)) == SIGSEGV);
		CHECK(sp_in_handler > (uintptr_t)stack &&
			sp_in_handler < (uintptr_t)stack + sizeof(stack));
	}
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	pages = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	dirty_pages();
	memory();
	arithmetic();
	instructions();
	files();
	overflow();
	return tap_done();
}
