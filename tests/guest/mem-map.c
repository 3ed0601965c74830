/* SPDX-License-Identifier: Apache-2.0 */
/* mmap, munmap, mprotect: anonymous memory, places, reservations. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mem-tap.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define PAGE 4096UL
#define MIB  (1UL << 20)
#define TIB  (1UL << 40)

enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS };

static char *map(size_t n, int prot, int flags)
{
	return mmap(NULL, n, prot, flags, -1, 0);
}

static int all(const char *p, size_t n, char c)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != c)
			return 0;
	return 1;
}

/* Whether the kernel can read there: EFAULT is the answer that no signal
 * handler is needed for. */
static int readable(const char *p)
{
	return access(p, F_OK) == 0 || errno != EFAULT;
}

static void anonymous(void)
{
	char *p = map(3 * PAGE, RW, ANON);

	check(p != MAP_FAILED && ((uintptr_t)p & (PAGE - 1)) == 0,
		"anonymous memory is mapped at whole pages");
	check(all(p, 3 * PAGE, 0), "it is zero");
	memset(p, 'x', 3 * PAGE);
	check(munmap(p + PAGE, PAGE) == 0, "a page in the middle goes");
	check(p[0] == 'x' && p[2 * PAGE] == 'x', "its neighbours stay");
	check(!readable(p + PAGE), "it cannot be read any more");
	check(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0) == p + PAGE,
		"MAP_FIXED puts a page there again");
	check(all(p + PAGE, PAGE, 0), "it is zero again");
	check(munmap(p, 3 * PAGE) == 0, "all go at once");
	check(munmap(p, 3 * PAGE) == 0, "what is not there goes, too");

	p = map(2 * PAGE + 1, RW, ANON | MAP_POPULATE);
	p[3 * PAGE - 1] = 1;
	check(1, "the length is rounded up to pages");
	munmap(p, 2 * PAGE + 1);

	p = map(16 * MIB, RW, ANON);
	for (size_t i = 0; i < 16 * MIB; i += PAGE)
		p[i] = (char)(i / PAGE);
	for (size_t i = 0; i < 16 * MIB; i += PAGE)
		if (p[i] != (char)(i / PAGE))
			p = MAP_FAILED;
	check(p != MAP_FAILED, "16 MiB keep what is written");
	munmap(p, 16 * MIB);
	p = map(16 * MIB, PROT_READ, ANON);
	check(all(p, 16 * MIB, 0), "16 MiB that are only read are zero");
	munmap(p, 16 * MIB);
}

static void protection(void)
{
	char *p = map(4 * PAGE, PROT_NONE, ANON);

	check(!readable(p), "PROT_NONE cannot be read");
	check(mprotect(p + PAGE, PAGE, RW) == 0, "a page gets rights");
	strcpy(p + PAGE, "/");
	check(!readable(p) && readable(p + PAGE) && !readable(p + 2 * PAGE),
		"only that one");
	check(mprotect(p + PAGE, PAGE, PROT_READ) == 0 && p[PAGE] == '/',
		"it keeps its content when it becomes read-only");
	fails(getcwd(p + PAGE, PAGE) ? 0 : -1, EFAULT,
		"the kernel does not write to it either");
	check(mprotect(p + PAGE, PAGE, PROT_NONE) == 0 && !readable(p + PAGE),
		"it loses all rights");
	check(mprotect(p, 4 * PAGE, RW) == 0 && p[PAGE] == '/' && p[0] == 0,
		"and has its content when they come again");
	munmap(p + 2 * PAGE, PAGE);
	fails(mprotect(p, 4 * PAGE, PROT_READ), ENOMEM,
		"mprotect over a hole: ENOMEM");
	fails(syscall(SYS_mprotect, p + 1, PAGE, RW), EINVAL,
		"mprotect of an address inside a page: EINVAL");
	check(mprotect(p, 0, PROT_READ) == 0, "mprotect of nothing is fine");
	munmap(p, 4 * PAGE);
}

static void places(void)
{
	char *p, *q;

	p = mmap((void *)0xc000000000, MIB, RW, ANON, -1, 0);
	check(p == (void *)0xc000000000, "a hint is taken");
	q = mmap((void *)0xc000000000, MIB, RW, ANON, -1, 0);
	check(q != MAP_FAILED && q != p, "a hint that is taken is only a hint");
	munmap(q, MIB);
	fails((long)mmap(p, MIB, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST,
		"MAP_FIXED_NOREPLACE over a mapping: EEXIST");
	munmap(p, MIB);
	check(mmap(p, MIB, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == p,
		"MAP_FIXED_NOREPLACE takes free room");
	munmap(p, MIB);
	fails((long)mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL,
		"MAP_FIXED inside a page: EINVAL");
	fails((long)mmap(NULL, 0, RW, ANON, -1, 0), EINVAL,
		"no length: EINVAL");
	fails((long)mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL,
		"neither shared nor private: EINVAL");
	fails((long)mmap(NULL, SIZE_MAX - PAGE, RW, ANON, -1, 0), ENOMEM,
		"more than the address space: ENOMEM");
	fails((long)mmap(NULL, 1UL << 47, PROT_NONE, ANON, -1, 0), ENOMEM,
		"all of the address space: ENOMEM");
	fails((long)mmap(NULL, PAGE, RW, MAP_PRIVATE, 77, 0), EBADF,
		"no such file: EBADF");
	fails((long)mmap(
		      (void *)(1UL << 47), PAGE, RW, ANON | MAP_FIXED, -1, 0),
		ENOMEM, "MAP_FIXED beyond the program's half: ENOMEM");
	fails(munmap(p + 1, PAGE), EINVAL, "munmap inside a page: EINVAL");
	fails(munmap(p, 0), EINVAL, "munmap of nothing: EINVAL");
}

static void shared(void)
{
	char *p = mmap(NULL, 128 * MIB, RW,
		MAP_SHARED | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	check(p != MAP_FAILED && (uintptr_t)p + 128 * MIB <= 2048 * MIB,
		"128 MiB of shared memory in the low 2 GiB");
	p[0] = 1;
	p[64 * MIB] = 2;
	p[128 * MIB - 1] = 3;
	check(p[0] == 1 && p[64 * MIB] == 2 && p[128 * MIB - 1] == 3 &&
			p[32 * MIB] == 0,
		"it is backed where it is touched");
	check(madvise(p, PAGE, MADV_DONTNEED) == 0 && p[0] == 1,
		"MADV_DONTNEED leaves shared memory as it is");
	munmap(p, 128 * MIB);
}

static void reservations(void)
{
	char *p = map(8 * TIB, PROT_NONE, ANON | MAP_NORESERVE), *q;

	check(p != MAP_FAILED, "8 TiB are reserved");
	q = mmap(p + TIB, 2 * MIB, RW, ANON | MAP_FIXED, -1, 0);
	check(q == p + TIB, "2 MiB in it become memory");
	memset(q, 7, 2 * MIB);
	check(all(q, 2 * MIB, 7), "they can be used");
	check(!readable(q - 1) && !readable(q + 2 * MIB), "no more than they");
	check(mprotect(p + 5 * TIB, MIB, RW) == 0, "another part gets rights");
	p[5 * TIB] = 9;
	check(munmap(p, 8 * TIB) == 0 && !readable(q), "all of it goes");

	/* An arena of malloc in glibc: aligned, then it grows in steps. */
	p = map(128 * MIB, PROT_NONE, ANON | MAP_NORESERVE);
	q = (char *)(((uintptr_t)p + 64 * MIB - 1) & ~(64 * MIB - 1));
	if (q > p)
		munmap(p, (size_t)(q - p));
	munmap(q + 64 * MIB, (size_t)(p + 128 * MIB - (q + 64 * MIB)));
	for (size_t n = 0; n < 8 * MIB; n += 8192) {
		if (mprotect(q + n, 8192, RW))
			p = NULL;
		q[n + 8191] = 1;
	}
	check(p != NULL, "an arena grows by mprotect in 1024 steps");
	munmap(q, 64 * MIB);
}

int main(void)
{
	anonymous();
	protection();
	places();
	shared();
	reservations();
	return mem_done();
}
