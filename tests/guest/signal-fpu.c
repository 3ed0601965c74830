/* SPDX-License-Identifier: Apache-2.0 */
/* Vector registers survive handlers, and are as at the start in them. */
/* guest: status 0 */
/* guest: cflags -lm */
#define _GNU_SOURCE
#include <cpuid.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <sys/time.h>
#include <ucontext.h>

#include "file-tap.h"

static volatile sig_atomic_t count;
static unsigned csr_inside, magic, trailer;
static uint16_t cw_inside;
static double in_frame;

/* Uses all it can of the registers. */
static void spoil(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	const char *fp = (const char *)uc->uc_mcontext.fpregs;
	unsigned size, a, b, c, d;

	(void)sig;
	(void)info;
	__asm__ volatile("stmxcsr %0; fnstcw %1"
			 : "=m"(csr_inside), "=m"(cw_inside));
	memcpy(&magic, fp + 464, 4);
	memcpy(&size, fp + 464 + 16, 4);
	if (magic == 0x46505853)
		memcpy(&trailer, fp + size, 4);
	memcpy(&in_frame, fp + 160 + 16 * 3, 8);
	__asm__ volatile("fninit; fldpi; fldpi; fldz" ::: "st", "st(1)");
	__asm__ volatile(
		"pcmpeqd %%xmm0,%%xmm0; movdqa %%xmm0,%%xmm1;"
		"movdqa %%xmm0,%%xmm2; movdqa %%xmm0,%%xmm3;"
		"movdqa %%xmm0,%%xmm4; movdqa %%xmm0,%%xmm8;"
		"movdqa %%xmm0,%%xmm15"
		:
		:
		: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm8", "xmm15");
	__cpuid(1, a, b, c, d);
	if (c & bit_AVX && c & bit_OSXSAVE)
		__asm__ volatile("vpcmpeqd %%xmm0,%%xmm0,%%xmm0;"
				 "vinsertf128 $1,%%xmm0,%%ymm0,%%ymm0;"
				 "vmovaps %%ymm0,%%ymm3; vmovaps %%ymm0,%%ymm9"
				 :
				 :
				 : "xmm0", "xmm3", "xmm9");
	count++;
}

/* Sums that a lost register would spoil, while signals come. */
static double work(void)
{
	double sum = 0, x = 1;

	for (int i = 1; i < 2000; i++) {
		x = x * 1.0001 + sqrt(i);
		sum += x / i;
	}
	return sum;
}

static void interrupted(void)
{
	struct itimerval t = {{0, 2000}, {0, 2000}};
	double first, again;
	int good = 1;

	first = work();
	count = 0;
	setitimer(ITIMER_REAL, &t, NULL);
	while (count < 20) {
		again = work();
		good &= again == first;
	}
	t.it_interval.tv_usec = t.it_value.tv_usec = 0;
	setitimer(ITIMER_REAL, &t, NULL);
	CHECK(good);
}

static void at_a_fault(void)
{
	double value = 1234.5, xmm3, xmm15;
	uint64_t high[4] = {1, 2, 3, 4}, got[4] = {1, 2, 3, 4};
	unsigned a, b, c, d, csr = 0x1f80 | 0x6000, csr_after;
	uint16_t cw = 0x27f, cw_after;
	int avx;

	__cpuid(1, a, b, c, d);
	avx = c & bit_AVX && c & bit_OSXSAVE;
	__asm__ volatile("ldmxcsr %0; fldcw %1" : : "m"(csr), "m"(cw));
	if (avx)
		__asm__ volatile("vmovups %1,%%ymm9;"
				 "ud2;"
				 "vmovups %%ymm9,%0"
				 : "=m"(got)
				 : "m"(high)
				 : "xmm9");
	__asm__ volatile("movsd %2,%%xmm3; movsd %2,%%xmm15;"
			 "ud2;"
			 "movsd %%xmm3,%0; movsd %%xmm15,%1"
			 : "=m"(xmm3), "=m"(xmm15)
			 : "m"(value)
			 : "xmm3", "xmm15");
	__asm__ volatile("stmxcsr %0; fnstcw %1"
			 : "=m"(csr_after), "=m"(cw_after));
	csr = 0x1f80;
	__asm__ volatile("ldmxcsr %0; fninit" : : "m"(csr));
	CHECK(xmm3 == value && xmm15 == value);
	CHECK(in_frame == value);
	CHECK(!memcmp(high, got, sizeof(got)));
	CHECK((csr_after & 0xffc0) == (0x1f80 | 0x6000));
	CHECK(cw_after == 0x27f);
	CHECK(csr_inside == 0x1f80 && cw_inside == 0x37f);
	CHECK(magic == 0x46505853 && trailer == 0x46505845);
}

static void fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	spoil(sig, info, context);
	uc->uc_mcontext.gregs[REG_RIP] += 2;
}

static void change(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	double v = 99.25;

	(void)sig;
	(void)info;
	memcpy((char *)uc->uc_mcontext.fpregs + 160 + 16 * 3, &v, 8);
	uc->uc_mcontext.gregs[REG_RIP] += 2;
}

/* What a handler writes in the frame is what the program goes on with. */
static void changed(void)
{
	double xmm3, value = 1;
	struct sigaction a = {.sa_sigaction = change, .sa_flags = SA_SIGINFO};

	sigaction(SIGILL, &a, NULL);
	__asm__ volatile("movsd %1,%%xmm3; ud2; movsd %%xmm3,%0"
			 : "=m"(xmm3)
			 : "m"(value)
			 : "xmm3");
	CHECK(xmm3 == 99.25);
}

/* The 128 bytes below the stack pointer are the program's. */
static void red_zone(void)
{
	struct itimerval t = {{0, 2000}, {0, 2000}};
	uint64_t bad = 0;

	count = 0;
	setitimer(ITIMER_REAL, &t, NULL);
	while (count < 10)
		__asm__ volatile("movabs $0x1122334455667788,%%rax;"
				 "mov %%rax,-8(%%rsp); mov %%rax,-64(%%rsp);"
				 "mov %%rax,-128(%%rsp); mov $20000,%%ecx;"
				 "1: dec %%ecx; jnz 1b;"
				 "cmp %%rax,-8(%%rsp); jne 2f;"
				 "cmp %%rax,-64(%%rsp); jne 2f;"
				 "cmp %%rax,-128(%%rsp); je 3f;"
				 "2: inc %0; 3:"
				 : "+r"(bad)
				 :
				 : "rax", "rcx", "memory", "cc");
	t.it_interval.tv_usec = t.it_value.tv_usec = 0;
	setitimer(ITIMER_REAL, &t, NULL);
	CHECK(!bad);
}

int main(void)
{
	struct sigaction a = {.sa_sigaction = spoil, .sa_flags = SA_SIGINFO};

	sigaction(SIGALRM, &a, NULL);
	a.sa_sigaction = fault;
	sigaction(SIGILL, &a, NULL);
	interrupted();
	at_a_fault();
	changed();
	red_zone();
	return tap_done();
}
