/* SPDX-License-Identifier: Apache-2.0 */
/* From the entry point to main: auxiliary vector, thread, constructors. */
#include <elf.h>
#include <stdint.h>
#include <unistd.h>

#include "libc.h"
#include "syscall.h"

/*
 * Takes the place of musl's file of this name, which opens /dev/null for
 * closed standard streams of a set-user-id program and so would make every
 * program carry files. No such program runs on a base of ours. What other
 * CPUs need of the vector (AT_HWCAP, AT_SYSINFO) is not kept.
 */
extern weak hidden void (*const __init_array_start)(void);
extern weak hidden void (*const __init_array_end)(void);

static void nothing(void)
{
}
weak_alias(nothing, _init);

static void no_guard(void *random)
{
	(void)random;
}
weak_alias(no_guard, __init_ssp);

static void set_name(char *path)
{
	char *s;

	__progname_full = path;
	__progname = path;
	for (s = path; *s; s++)
		if (*s == '/')
			__progname = s + 1;
}

/* Not inlined: its frame must not stay below main's for ever. */
__attribute__((__noinline__)) void __init_libc(char **envp, char *name)
{
	size_t aux[AT_EXECFN + 1] = {0};
	size_t *v;

	__environ = envp;
	while (*envp)
		envp++;
	libc.auxv = (size_t *)(envp + 1);
	for (v = libc.auxv; v[0]; v += 2)
		if (v[0] < sizeof(aux) / sizeof(*aux))
			aux[v[0]] = v[1];
	libc.page_size = aux[AT_PAGESZ];
	if (!name)
		name = (char *)aux[AT_EXECFN];
	set_name(name ? name : "");
	__init_tls(aux);
	__init_ssp((void *)aux[AT_RANDOM]);
	libc.secure = aux[AT_UID] != aux[AT_EUID] ||
		      aux[AT_GID] != aux[AT_EGID] || aux[AT_SECURE];
}

static void run_constructors(void)
{
	void (*const *f)(void) = &__init_array_start;

	_init();
	for (; (uintptr_t)f < (uintptr_t)&__init_array_end; f++)
		(*f)();
}
weak_alias(run_constructors, __libc_start_init);

typedef int main_fn(int, char **, char **);

static int run_main(main_fn *main, int argc, char **argv)
{
	__libc_start_init();
	exit(main(argc, argv, argv + argc + 1));
}

int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
	void (*fini)(void), void (*ldso_fini)(void))
{
	int (*volatile next)(main_fn *, int, char **) = run_main;

	(void)init;
	(void)fini;
	(void)ldso_fini;
	__init_libc(argv + argc + 1, argv[0]);
	/* Volatile: nothing of main moves up before the thread pointer is
	 * set. */
	return next(main, argc, argv);
}
