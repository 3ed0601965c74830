/* SPDX-License-Identifier: Apache-2.0 */
/* malloc and its family under load; alloca; large automatic arrays. */
#include <alloca.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem-tap.h"

enum { SLOTS = 500, ROUNDS = 100000 };

static struct {
	unsigned char *p;
	size_t n;
	unsigned char mark;
} slot[SLOTS];

static uint32_t next(void)
{
	static uint32_t x = 12345;

	x = x * 1664525 + 1013904223;
	return x >> 8;
}

static int intact(unsigned i)
{
	for (size_t k = 0; k < slot[i].n; k += 61)
		if (slot[i].p[k] != slot[i].mark)
			return 0;
	return !slot[i].n || slot[i].p[slot[i].n - 1] == slot[i].mark;
}

static int churn(void)
{
	int good = 1;

	for (unsigned r = 0; r < ROUNDS; r++) {
		unsigned i = next() % SLOTS;
		size_t n = next() % (r % 100 ? 600 : 300000) + 1;
		unsigned char *p;

		good &= !slot[i].p || intact(i);
		p = realloc(r % 3 ? slot[i].p : NULL, n);
		if (!(r % 3))
			free(slot[i].p);
		if (!p)
			return 0;
		slot[i].p = p;
		slot[i].n = n;
		slot[i].mark = (unsigned char)r;
		memset(p, slot[i].mark, n);
	}
	for (unsigned i = 0; i < SLOTS; i++)
		free(slot[i].p);
	return good;
}

static int deep(unsigned n)
{
	volatile char frame[1000];

	frame[0] = frame[999] = (char)n;
	return n ? deep(n - 1) + (frame[0] == (char)n) : 0;
}

static int on_stack(size_t n)
{
	char *p = alloca(n);

	memset(p, 1, n);
	return p[0] + p[n - 1];
}

int main(void)
{
	volatile size_t huge = SIZE_MAX / 2; /* no warning of the compiler */
	void *p;

	check(churn(), "100000 rounds of realloc and free keep all contents");
	check(!malloc(huge - 4096), "an impossible size: NULL");
	check(errno == ENOMEM, "and ENOMEM");
	check(!calloc(huge, 16), "an overflow in calloc: NULL");
	p = calloc(1000, 1000);
	check(p && !memcmp(p, (char *)p + 1, 999999), "calloc gives zeros");
	free(p);
	check(!posix_memalign(&p, 65536, 100) && !((uintptr_t)p & 65535),
		"posix_memalign aligns");
	free(p);
	check(deep(5000) == 5000, "5 MB of stack in small frames");
	check(on_stack(4 << 20) == 2, "4 MiB of stack at once");
	return mem_done();
}
