/* SPDX-License-Identifier: Apache-2.0 */
/* madvise, mincore, mlock, mremap of anonymous memory; brk. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mem-tap.h"

#define PAGE 4096UL

enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS };

static char *map(size_t npages)
{
	return mmap(NULL, npages * PAGE, RW, ANON, -1, 0);
}

static void advise(void)
{
	char *p = map(4);

	memset(p, 'a', 4 * PAGE);
	check(madvise(p + PAGE, PAGE, MADV_DONTNEED) == 0, "MADV_DONTNEED");
	check(p[PAGE] == 0 && p[2 * PAGE - 1] == 0, "its memory is zero again");
	check(p[0] == 'a' && p[2 * PAGE] == 'a', "the rest is not");
	p[PAGE] = 'b';
	check(p[PAGE] == 'b' && p[PAGE + 1] == 0, "it can be written again");
	check(madvise(p, 4 * PAGE, MADV_FREE) == 0, "MADV_FREE");
	check(p[0] == 'a' || p[0] == 0, "content is old or zero");
	p[0] = 'c';
	check(p[0] == 'c', "and what is written stays");
	check(madvise(p, 4 * PAGE, MADV_WILLNEED) == 0 &&
			madvise(p, 4 * PAGE, MADV_SEQUENTIAL) == 0 &&
			madvise(p, 4 * PAGE, MADV_RANDOM) == 0 &&
			madvise(p, 4 * PAGE, MADV_NORMAL) == 0 &&
			madvise(p, 4 * PAGE, MADV_DONTDUMP) == 0 &&
			madvise(p, 4 * PAGE, MADV_DODUMP) == 0,
		"hints are taken");
	fails(madvise(p, PAGE, 12345), EINVAL, "unknown advice: EINVAL");
	fails(madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL,
		"an address inside a page: EINVAL");
	munmap(p + PAGE, PAGE);
	p[2 * PAGE] = 'd';
	fails(madvise(p, 4 * PAGE, MADV_DONTNEED), ENOMEM,
		"a range with a hole: ENOMEM");
	check(p[2 * PAGE] == 0, "but what is behind the hole is done");
	munmap(p, 4 * PAGE);
	fails(madvise(p, 4 * PAGE, MADV_NORMAL), ENOMEM, "no mapping: ENOMEM");
}

static void resident(void)
{
	char *p = map(200);
	unsigned char vec[201];

	memset(vec, 0xee, sizeof(vec));
	p[0] = p[150 * PAGE] = 1;
	check(mincore(p, 200 * PAGE, vec) == 0 && vec[200] == 0xee,
		"mincore gives a byte for each page");
	check((vec[0] & 1) && !(vec[1] & 1) && (vec[150] & 1) &&
			!(vec[199] & 1),
		"it tells what was touched");
	fails(mincore(p + 1, PAGE, vec), EINVAL,
		"mincore inside a page: EINVAL");
	fails(mincore(p, 200 * PAGE, (unsigned char *)8), EFAULT,
		"mincore to nowhere: EFAULT");
	munmap(p + PAGE, PAGE);
	fails(mincore(p, 3 * PAGE, vec), ENOMEM, "mincore of a hole: ENOMEM");
	munmap(p, 200 * PAGE);

	p = map(8);
	check(mlock(p + 10, 5 * PAGE) == 0, "mlock");
	mincore(p, 8 * PAGE, vec);
	check((vec[0] & 1) && (vec[5] & 1) && !(vec[6] & 1),
		"it backs the pages that it touches");
	check(munlock(p, 8 * PAGE) == 0, "munlock");
	munmap(p + PAGE, PAGE);
	fails(mlock(p, 8 * PAGE), ENOMEM, "mlock of a hole: ENOMEM");
	fails(munlock(p, 8 * PAGE), ENOMEM, "munlock of a hole: ENOMEM");
	munmap(p, 8 * PAGE);
	check(munlockall() == 0, "munlockall");

	p = mmap(NULL, 8 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);
	mincore(p, 8 * PAGE, vec);
	check((vec[0] & 1) && (vec[7] & 1), "MAP_POPULATE backs all");
	munmap(p, 8 * PAGE);
}

static void remap(void)
{
	char *p = map(16), *q;

	strcpy(p, "first");
	strcpy(p + 3 * PAGE, "fourth");
	munmap(p + 4 * PAGE, 12 * PAGE);
	check(mremap(p, 4 * PAGE, 8 * PAGE, 0) == p, "mremap grows in place");
	check(p[7 * PAGE] == 0 && !strcmp(p + 3 * PAGE, "fourth"),
		"the new part is zero, the old one is as it was");
	check(mmap(p + 8 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0) ==
			p + 8 * PAGE,
		"something is behind it");
	fails((long)mremap(p, 8 * PAGE, 9 * PAGE, 0), ENOMEM,
		"then it cannot grow in place: ENOMEM");
	q = mremap(p, 8 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	check(q != MAP_FAILED && q != p, "with MREMAP_MAYMOVE it moves");
	check(!strcmp(q, "first") && !strcmp(q + 3 * PAGE, "fourth"),
		"with its content");
	q[63 * PAGE] = 1;
	fails(madvise(p, PAGE, MADV_NORMAL), ENOMEM, "the old place is free");
	check(mremap(q, 64 * PAGE, PAGE, 0) == q && !strcmp(q, "first"),
		"it shrinks");
	fails(madvise(q, 2 * PAGE, MADV_NORMAL), ENOMEM,
		"what is cut off is free");
	p = map(4);
	strcpy(p, "old");
	check(mremap(q, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		      p + PAGE) == p + PAGE,
		"with MREMAP_FIXED it goes where it shall");
	check(!strcmp(p + PAGE, "first") && !strcmp(p, "old"),
		"over what was there");
	fails((long)mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		      p + PAGE),
		EINVAL, "not over itself: EINVAL");
	fails((long)mremap(p, PAGE, 0, MREMAP_MAYMOVE), EINVAL,
		"not to nothing: EINVAL");
	fails((long)mremap(p + 1, PAGE, PAGE, 0), EINVAL,
		"not from inside a page: EINVAL");
	munmap(p, 4 * PAGE);
	fails((long)mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT,
		"not what is not there: EFAULT");
}

static void heap(void)
{
	uintptr_t start = (uintptr_t)syscall(SYS_brk, 0), end;

	end = (uintptr_t)syscall(SYS_brk, start + 10 * PAGE + 5);
	check(end == start + 10 * PAGE + 5, "brk moves the end of the heap");
	memset((char *)start, 'h', 10 * PAGE + 5);
	end = (uintptr_t)syscall(SYS_brk, start + PAGE);
	check(end == start + PAGE && *(char *)start == 'h', "and back");
	syscall(SYS_brk, start + 4 * PAGE);
	check(*(char *)(start + 3 * PAGE) == 0, "new heap is zero");
	check((uintptr_t)syscall(SYS_brk, 4096) == start + 4 * PAGE,
		"an impossible end leaves it as it is");
	syscall(SYS_brk, start);
}

int main(void)
{
	advise();
	resident();
	remap();
	heap();
	return mem_done();
}
