/* SPDX-License-Identifier: Apache-2.0 */
/* TAP for the memory tests: they run on the host and in the guest alike. */
#ifndef MEM_TAP_H
#define MEM_TAP_H

#include <errno.h>
#include <stdio.h>

static int mem_tests, mem_failed;

/* `errno` of the host and of the guest are shown, not addresses: both print
 * the same lines. */
static inline void check(int good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++mem_tests, what);
	mem_failed += !good;
}

/* A call that must fail, and how. */
static inline void fails(long result, int error, const char *what)
{
	int e = errno;

	check(result == -1 && e == error, what);
	if (result != -1)
		printf("# it succeeded\n");
	else if (e != error)
		printf("# errno is %d, not %d\n", e, error);
}

static inline int mem_done(void)
{
	printf("1..%d\n", mem_tests);
	return mem_failed > 0;
}

#endif
