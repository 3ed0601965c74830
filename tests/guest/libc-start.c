/* SPDX-License-Identifier: Apache-2.0 */
/* What a program finds when it starts, and what happens when it ends. */
/* guest: args one "two words" "" 'quo"te' -- --x=y 'a,b' "$(printf 'l\nm')" */
/* guest: env GREETING=hello EMPTY= */
/* guest: status 7 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static int order;
static __thread int tls_data = 42;
static __thread char tls_zero[100];
static char bss[70000];

__attribute__((constructor(101))) static void first(void)
{
	printf("constructor %d\n", ++order);
}

__attribute__((constructor)) static void second(void)
{
	printf("constructor %d\n", ++order);
}

__attribute__((destructor)) static void last(void)
{
	puts("destructor");
}

static void at_exit_1(void)
{
	puts("atexit 1");
}

static void at_exit_2(void)
{
	puts("atexit 2");
	atexit(at_exit_1);
}

int main(int argc, char **argv)
{
	const unsigned char *random = (void *)getauxval(AT_RANDOM);
	size_t i, set = 0;

	printf("argc %d\n", argc);
	for (i = 1; argv[i]; i++)
		printf("%zu [%s]\n", i, argv[i]);
	printf("GREETING %s\n", getenv("GREETING"));
	printf("EMPTY %s\n", getenv("EMPTY") ? getenv("EMPTY") : "unset");
	printf("absent %d\n", getenv("GREETINGS") == NULL);
	printf("tls %d\n", tls_data);
	for (i = 0; i < sizeof(tls_zero); i++)
		set += tls_zero[i] != 0;
	for (i = 0; i < sizeof(bss); i++)
		set += bss[i] != 0;
	printf("zero %zu\n", set);
	for (set = 0, i = 0; random && i < 16; i++)
		set += random[i] != 0;
	printf("random %d\n", set > 4);
	printf("page %lu %ld\n", getauxval(AT_PAGESZ), sysconf(_SC_PAGESIZE));
	printf("aligned %d\n", (uintptr_t)__builtin_frame_address(0) % 16 == 0);
	errno = 0;
	printf("close %d %d\n", close(9999), errno);
	setenv("NEW", "value", 1);
	unsetenv("GREETING");
	printf("env %s %d\n", getenv("NEW"), getenv("GREETING") == NULL);
	atexit(at_exit_1);
	atexit(at_exit_2);
	return 7;
}
