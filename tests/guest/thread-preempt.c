/* SPDX-License-Identifier: Apache-2.0 */
/* guest: cflags -fno-builtin */
/* Programs are preempted: spinning threads share the CPU, and each keeps its
 * registers, also those of the vector units, over that and over faults. */
#include "file-tap.h"

#include <cpuid.h>
#include <fenv.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>

enum { THREADS = 4, REGISTERS = 16 };

static volatile int stop, started;
static volatile unsigned long turns[THREADS];
static int have_avx;

static void *spin(void *arg)
{
	volatile unsigned long *n = arg;

	__atomic_fetch_add(&started, 1, __ATOMIC_SEQ_CST);
	while (!stop)
		++*n;
	return NULL;
}

/* None of these ever gives the CPU away by itself. */
static void all_progress(void)
{
	pthread_t t[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, spin, (void *)&turns[i]);
	for (int rounds = 0; rounds < 3; rounds++) {
		unsigned long before[THREADS];

		for (int i = 0; i < THREADS; i++)
			before[i] = turns[i];
		for (int i = 0; i < THREADS; i++)
			while (turns[i] == before[i])
				;
	}
	stop = 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	CALL(started);
}

/* Loads all vector registers with what `seed` gives, waits until `*until` is
 * not what it was, and compares. The number of registers that differ. */
static long hold_sse(uint64_t seed, volatile unsigned long *until)
{
	uint64_t in[REGISTERS][2], out[REGISTERS][2];
	unsigned long was = *until;
	long bad = 0;

	for (int i = 0; i < REGISTERS; i++) {
		in[i][0] = seed * (2 * i + 1);
		in[i][1] = ~in[i][0];
	}
#define LOAD(n)  "movdqu " #n "*16(%1), %%xmm" #n "\n\t"
#define STORE(n) "movdqu %%xmm" #n ", " #n "*16(%2)\n\t"
#define ALL(f)                                                              \
	f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7) f(8) f(9) f(10) f(11) f(12) \
		f(13) f(14) f(15)
	__asm__ volatile(ALL(LOAD) "1: cmp %3, (%0)\n\tje 1b\n\t" ALL(STORE)
			 :
			 : "r"(until), "r"(in), "r"(out), "r"(was)
			 : "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3",
			 "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
			 "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
	for (int i = 0; i < REGISTERS; i++)
		bad += in[i][0] != out[i][0] || in[i][1] != out[i][1];
	return bad;
}

__attribute__((target("avx"))) static long hold_avx(
	uint64_t seed, volatile unsigned long *until)
{
	uint64_t in[8][4], out[8][4];
	unsigned long was = *until;
	long bad = 0;

	for (int i = 0; i < 8; i++)
		for (int j = 0; j < 4; j++)
			in[i][j] = seed * (uint64_t)(8 * i + j + 3);
#define LOAD_Y(n)  "vmovdqu " #n "*32(%1), %%ymm" #n "\n\t"
#define STORE_Y(n) "vmovdqu %%ymm" #n ", " #n "*32(%2)\n\t"
#define EIGHT(f)   f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7)
	__asm__ volatile(EIGHT(LOAD_Y) "1: cmp %3, (%0)\n\tje 1b\n\t" EIGHT(
		STORE_Y) "vzeroupper"
			 :
			 : "r"(until), "r"(in), "r"(out), "r"(was)
			 : "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3",
			 "xmm4", "xmm5", "xmm6", "xmm7");
	for (int i = 0; i < 8; i++)
		for (int j = 0; j < 4; j++)
			bad += in[i][j] != out[i][j];
	return bad;
}

/* x87: a value on the register stack while others run. */
static long hold_x87(double seed, volatile unsigned long *until)
{
	unsigned long was = *until;
	double out;

	__asm__ volatile("fldl %1\n\t1: cmp %2, %3\n\tje 1b\n\tfstpl %0"
			 : "=m"(out)
			 : "m"(seed), "r"(was), "m"(*until)
			 : "memory", "cc", "st");
	return out != seed;
}

static void *hold(void *arg)
{
	uint64_t me = (uint64_t)(uintptr_t)arg;
	volatile unsigned long *other = &turns[(me + 1) % THREADS];
	static const int modes[] = {
		FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
	long bad = fegetround() != FE_TONEAREST;

	fesetround(modes[me]);
	for (int i = 0; i < 10; i++) {
		turns[me]++;
		bad += hold_sse(0x9e3779b97f4a7c15 * (me + 1), other);
		turns[me]++;
		bad += hold_x87((double)me + 0.5, other);
		turns[me]++;
		if (have_avx)
			bad += hold_avx(0xc2b2ae3d27d4eb4f * (me + 1), other);
		bad += fegetround() != modes[me];
	}
	/* The others must not wait for one that has ended. */
	__atomic_fetch_add(&started, 1, __ATOMIC_SEQ_CST);
	while (started < THREADS)
		turns[me]++;
	return (void *)bad;
}

static void registers(void)
{
	pthread_t t[THREADS];
	unsigned a, b, c, d;
	long bad = 0;

	started = 0;
	have_avx = __get_cpuid(1, &a, &b, &c, &d) && c & bit_OSXSAVE &&
		   c & bit_AVX;
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, hold, (void *)i);
	for (int i = 0; i < THREADS; i++) {
		void *r;

		pthread_join(t[i], &r);
		bad += (long)r;
	}
	CALL(bad);
	CALL(fegetround() == FE_TONEAREST);
}

/* A new thread has its maker's modes. */
static void *mode(void *arg)
{
	(void)arg;
	return (void *)(long)(fegetround() == FE_UPWARD);
}

/* Faults of one thread while others use the vector units. */
static void *fault(void *arg)
{
	size_t size = 1 << 20;

	for (int i = 0; i < 20; i++) {
		char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (size_t at = 0; at < size; at += 4096) {
			double v = (double)at;

			memcpy(p + at, &v, sizeof(v));
			if (*(double *)(void *)(p + at) * 2 != 2 * v)
				return (void *)1;
		}
		munmap(p, size);
	}
	return arg;
}

/* Calls in between: threads then change also on the way out of them. */
static void *compute(void *arg)
{
	double me = (double)(intptr_t)arg + 1;
	struct timespec now;
	long bad = 0;

	for (int round = 0; round < 300; round++) {
		volatile double x = me;
		double y = me;

		for (int i = 0; i < 3000; i++)
			x = x * 1.0000001;
		for (int i = 0; i < 3000; i++)
			y = y * 1.0000001;
		bad += x != y;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (round % 10 == 0)
			usleep(1);
	}
	return (void *)bad;
}

int main(void)
{
	pthread_t t[THREADS];
	void *r;
	long bad = 0;

	all_progress();
	registers();
	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, compute, (void *)i);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], &r);
		bad += (long)r;
	}
	CALL(bad);
	fesetround(FE_UPWARD);
	pthread_create(&t[0], NULL, mode, NULL);
	pthread_join(t[0], &r);
	CALL((long)r);
	fesetround(FE_TONEAREST);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, fault, NULL);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], &r);
		bad += (long)r;
	}
	CALL(bad);
	return tap_done();
}
