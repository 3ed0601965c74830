/* SPDX-License-Identifier: Apache-2.0 */
/* syscall(2): calls whose number is only known when the program runs. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	volatile long number = SYS_mmap + 0 * argc;
	char *p;

	(void)argv;
	/* Six arguments, the last ones on the way through the stack. */
	p = (char *)syscall(number, NULL, 8192, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
	printf("mmap %d\n", p != MAP_FAILED);
	memset(p, 'x', 8192);
	number = SYS_munmap;
	printf("munmap %ld\n", syscall(number, p, 8192));
	number = SYS_getpid;
	printf("getpid %d\n", syscall(number) == getpid());
	number = SYS_write;
	fflush(stdout);
	printf("%ld\n", syscall(number, 1, "by number\n", 10));
	printf("%ld", syscall(number, 99, "x", 1));
	printf(" %d\n", errno == EBADF);
	errno = 0;
	number = 9999;
	printf("%ld", syscall(number));
	printf(" %d\n", errno == ENOSYS);
	errno = 0;
	number = -1;
	printf("%ld", syscall(number));
	printf(" %d\n", errno == ENOSYS);
	return 0;
}
