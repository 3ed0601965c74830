/* SPDX-License-Identifier: Apache-2.0 */
/* Breaks the rule of memory that its first word names. Where it is still
 * there afterwards, it says so and ends with 0. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096UL
#define RET  0xc3 /* the shortest function of x86 */

typedef void function(void);

static unsigned char in_data[64] = {RET};
static unsigned char in_bss[64];
static const unsigned char in_rodata[64] = {RET};
static const char text[] = "constant";

/* Hides from the compiler where a pointer comes from. */
static void *hide(const void *p)
{
	void *volatile q = (void *)(uintptr_t)p;

	return q;
}

static void run(const void *at)
{
	((function *)(uintptr_t)hide(at))();
}

static void write_to(const void *at)
{
	*(volatile char *)hide(at) = 1;
}

static char read_from(uintptr_t at)
{
	return *(volatile char *)hide((void *)at);
}

static void *pages(size_t n, int prot)
{
	return mmap(NULL, n * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void write_code(void)
{
	write_to((const void *)(uintptr_t)write_code);
}

static void write_libc_code(void)
{
	write_to((const void *)(uintptr_t)printf);
}

static void write_rodata(void)
{
	write_to(text);
}

static void execute_data(void)
{
	run(in_data);
}

static void execute_bss(void)
{
	in_bss[0] = RET;
	run(in_bss);
}

static void execute_rodata(void)
{
	run(in_rodata);
}

static void execute_heap(void)
{
	unsigned char *p = malloc(64);

	p[0] = RET;
	run(p);
}

static void execute_map(void)
{
	unsigned char *p = pages(1, PROT_READ | PROT_WRITE);

	p[0] = RET;
	run(p);
}

static void execute_stack(void)
{
	unsigned char code[64] = {RET};

	run(code);
}

static void jump_null(void)
{
	run(NULL);
}

static void read_null(void)
{
	read_from(0);
}

static void write_near_null(void)
{
	write_to((void *)0xfff8);
}

static void jump_wild(void)
{
	run((void *)0xdead00000000beef);
}

static void read_wild(void)
{
	read_from(0xdead00000000beef);
}

static void read_unmapped(void)
{
	read_from(0x123456789000);
}

static void read_high_half(void)
{
	read_from(0xffff800000000000);
}

static __attribute__((noinline)) void fill(char *p, size_t n)
{
	memset(hide(p), 'x', n);
}

static __attribute__((noinline)) void smash_stack(void)
{
	char buffer[32];

	fill(buffer, sizeof(buffer) + 64);
}

static __attribute__((noinline)) int deeper(volatile int *n)
{
	volatile char frame[512];

	frame[0] = (char)++*n;
	return deeper(n) + frame[0];
}

static void run_off_stack(void)
{
	volatile int n = 0;

	deeper(&n);
}

static void write_below_stack(void)
{
	char here, *p = hide(&here);

	for (;;)
		*(volatile char *)(p -= PAGE) = 1;
}

static void run_off_guard(void)
{
	char *p = pages(2, PROT_READ | PROT_WRITE);

	mprotect(p + PAGE, PAGE, PROT_NONE);
	for (size_t i = 0; i <= PAGE; i++)
		((volatile char *)p)[i] = 1;
}

static void run_off_heap(void)
{
	char *p = hide(malloc(100));

	for (;;)
		*(volatile char *)p++ = 1;
}

static void use_after_unmap(void)
{
	char *p = pages(1, PROT_READ | PROT_WRITE);

	*p = 1;
	munmap(p, PAGE);
	write_to(p);
}

static void write_read_only(void)
{
	char *p = pages(1, PROT_READ | PROT_WRITE);

	*p = 1;
	mprotect(p, PAGE, PROT_READ);
	write_to(p);
}

static void write_executable(void)
{
	char *p = pages(1, PROT_READ | PROT_WRITE);

	*p = (char)RET;
	if (mprotect(p, PAGE, PROT_READ | PROT_EXEC))
		return;
	run(p);
	write_to(p);
}

static void divide(void)
{
	volatile int zero = 0, result;

	result = 100 / zero;
	(void)result;
}

static void undefined(void)
{
	__builtin_trap();
}

static void past_file(void)
{
	char name[] = "/tmp/attack-XXXXXX";
	int fd = mkstemp(name);
	char *p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);

	unlink(name);
	if (p != MAP_FAILED)
		read_from((uintptr_t)p + PAGE);
}

/* More than there is: killed when memory ends. */
static void eat_memory(void)
{
	for (;;) {
		char *p = pages(256, PROT_READ | PROT_WRITE);

		if (p == MAP_FAILED)
			exit(9);
		for (int i = 0; i < 256; i++)
			p[i * PAGE] = 1;
	}
}

/* Not an attack: where things are, to compare boots. */
static void layout(void)
{
	uintptr_t canary;
	char *heap = malloc(10);

	__asm__("mov %%fs:0x28,%0" : "=r"(canary));
	printf("code %#lx\nstack %p\nheap %p\nmap %p\ncanary %#lx\n",
		(uintptr_t)layout, (void *)&canary, (void *)heap,
		pages(1, PROT_READ), canary);
	exit(0);
}

static const struct {
	const char *name;
	function *attack;
} table[] = {
	{"write-code", write_code},
	{"write-libc-code", write_libc_code},
	{"write-rodata", write_rodata},
	{"execute-data", execute_data},
	{"execute-bss", execute_bss},
	{"execute-rodata", execute_rodata},
	{"execute-heap", execute_heap},
	{"execute-map", execute_map},
	{"execute-stack", execute_stack},
	{"jump-null", jump_null},
	{"read-null", read_null},
	{"write-near-null", write_near_null},
	{"jump-wild", jump_wild},
	{"read-wild", read_wild},
	{"read-unmapped", read_unmapped},
	{"read-high-half", read_high_half},
	{"smash-stack", smash_stack},
	{"run-off-stack", run_off_stack},
	{"write-below-stack", write_below_stack},
	{"run-off-guard", run_off_guard},
	{"run-off-heap", run_off_heap},
	{"use-after-unmap", use_after_unmap},
	{"write-read-only", write_read_only},
	{"write-executable", write_executable},
	{"past-file", past_file},
	{"divide", divide},
	{"undefined", undefined},
	{"abort", abort},
	{"eat-memory", eat_memory},
	{"layout", layout},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (argc < 2 || strcmp(table[i].name, argv[1]))
			continue;
		table[i].attack();
		printf("still there\n");
		return 0;
	}
	fprintf(stderr, "mem-attack: which?\n");
	return 2;
}
