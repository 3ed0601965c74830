/* SPDX-License-Identifier: Apache-2.0 */
/* Bad pointers in system calls are EFAULT, never the end. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "mem-tap.h"

#define PAGE 4096UL

enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS };

static const char constant[] = "rodata";

/* Not known to be bad at compile time. */
static void *volatile bad[] = {(void *)8, (void *)0x7fffffffe000,
	(void *)0x7fffffffffff, (void *)0xffff888000000000,
	(void *)0xffffffffffffff00, (void *)0xdead000000000000};

int main(void)
{
	int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", 1);
	char *p = mmap(NULL, 3 * PAGE, RW, ANON, -1, 0), *edge;
	char *volatile code = (char *)(uintptr_t)main;
	char *volatile ro = (char *)(uintptr_t)constant;
	struct iovec v[2];
	char st[256];

	munmap(p + 2 * PAGE, PAGE);
	edge = p + 2 * PAGE;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		void *at = bad[i];

		printf("# pointer %p\n", at);
		fails(syscall(SYS_read, zero, at, 100), EFAULT, "read");
		fails(syscall(SYS_stat, at, st), EFAULT, "stat of that name");
		fails(syscall(SYS_stat, "/dev/zero", at), EFAULT,
			"stat to there");
		fails(syscall(SYS_uname, at), EFAULT, "uname");
		fails(syscall(SYS_nanosleep, at, NULL), EFAULT, "nanosleep");
		fails(syscall(SYS_readv, zero, at, 2), EFAULT, "readv");
		fails(syscall(SYS_getcwd, at, 100), EFAULT, "getcwd");
	}
	fails(read(zero, ro, 1), EFAULT, "read to a constant");
	fails(read(zero, code, 1), EFAULT, "read to code");
	check(strcmp(ro, "rodata") == 0, "the constant is as it was");
	check(read(zero, edge - 10, 10) == 10, "read up to the edge");
	fails(syscall(SYS_stat, memset(edge - 3, 'x', 3), st), EFAULT,
		"a name that runs over the edge");
	memcpy(edge - 2, "/", 2);
	check(syscall(SYS_stat, edge - 2, st) == 0,
		"a name that ends at the edge");
	v[0] = (struct iovec){p, 5};
	v[1] = (struct iovec){edge, 5};
	check(readv(zero, v, 2) == 5, "readv stops at the bad part");
	v[1].iov_len = SIZE_MAX;
	fails(writev(null, v, 2), EINVAL, "writev of too much: EINVAL");
	return mem_done();
}
