/* SPDX-License-Identifier: Apache-2.0 */
/* What cannot be had is refused, and what was had before stays. */
/* guest: memory 12M */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mem-tap.h"

#define PAGE 4096UL
#define MIB  (1UL << 20)
#define GIB  (1UL << 30)

enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS };

/* No two neighbours are alike, so that each is a mapping of its own. */
static void many_mappings(void)
{
	char *base =
		mmap(NULL, 64 * GIB, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	size_t n = 0;

	check(base != MAP_FAILED, "64 GiB are reserved");
	while (n < 8000000 && !mprotect(base + n * 2 * PAGE, PAGE, PROT_READ))
		n++;
	check(errno == ENOMEM && n > 10000,
		"there can be many mappings, then: ENOMEM");
	check(munmap(base, 64 * GIB) == 0, "they go at once");
	base = mmap(NULL, MIB, RW, ANON, -1, 0);
	check(base != MAP_FAILED && memset(base, 1, MIB), "then all is well");
	munmap(base, MIB);
}

/* Tables of pages cost memory, too; they come back. */
static void sparse(void)
{
	int good = 1;

	for (int round = 0; round < 20; round++) {
		char *p =
			mmap(NULL, 512 * GIB, RW, ANON | MAP_NORESERVE, -1, 0);

		for (size_t i = 0; i < 400; i++)
			p[i * GIB] = 1;
		for (size_t i = 0; i < 400; i++)
			good &= p[i * GIB] == 1 && p[i * GIB + PAGE] == 0;
		munmap(p, 512 * GIB);
	}
	check(good, "400 pages in 512 GiB, twenty times");
}

static void churn(void)
{
	char *p = mmap(NULL, 4 * MIB, RW, ANON, -1, 0);
	int good = 1;

	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < 4 * MIB; i += PAGE)
			p[i] = (char)round;
		good &= !madvise(p, 4 * MIB, MADV_DONTNEED) && p[MIB] == 0;
	}
	check(good, "4 MiB are filled and dropped, fifty times");
	munmap(p, 4 * MIB);
	for (int round = 0; round < 50; round++) {
		p = malloc(4 * MIB);
		good &= p != NULL;
		memset(p, round, 4 * MIB);
		free(p);
	}
	check(good, "and by malloc and free");
}

int main(void)
{
	sparse();
	churn();
	many_mappings();
	return mem_done();
}
