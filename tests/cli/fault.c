/* SPDX-License-Identifier: Apache-2.0 */
/* A library for LD_PRELOAD that lets one call of many fail, counted over the
 * slipway processes of a build. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * FAULT_FILE  the counter that the processes share: an unsigned long
 * FAULT_AT    the call that fails, from 1; 0: none, only count
 * FAULT_HOW   an error's number: that call fails; -N: that and all later ones;
 *             "short": writes a part of it
 */
static volatile unsigned long *count;
static unsigned long fault_at;
static long fault_how;
static int fault_short;

__attribute__((constructor)) static void start(void)
{
	const char *file = getenv("FAULT_FILE");
	const char *at = getenv("FAULT_AT"), *how = getenv("FAULT_HOW");
	const char *self = program_invocation_short_name;
	void *p;
	int fd;

	if (!file || !at || !how ||
		(strcmp(self, "slipway") != 0 && !strstr(self, "-keel-")))
		return;
	fault_at = strtoul(at, NULL, 10);
	fault_short = strcmp(how, "short") == 0;
	fault_how = strtol(how, NULL, 10);
	fd = openat(AT_FDCWD, file, O_RDWR | O_CLOEXEC);
	p = fd < 0 ? MAP_FAILED
		   : mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE,
			     MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		count = p;
	if (fd >= 0)
		close(fd);
}

/*
 * The number of the error that this call shall have; -1: none, -2: short. Of
 * many writes to one file in a row, only the first few count.
 */
static long next_fault(int fd)
{
	static int last = -1, run;
	unsigned long n;

	if (!count)
		return -1;
	run = fd >= 0 && fd == last ? run + 1 : 0;
	last = fd;
	n = __atomic_add_fetch(count, run < 3, __ATOMIC_SEQ_CST);
	if (!fault_at || n < fault_at)
		return -1;
	if (fault_how < 0)
		return -fault_how;
	if (n > fault_at || run >= 3)
		return -1;
	return fault_short ? -2 : fault_how;
}

static int fails(void)
{
	long how = next_fault(-1);

	if (how < 0)
		return 0;
	errno = (int)how;
	return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* Terminals and pipes are not what a full disk is about. */
static int is_file(int fd)
{
	struct stat st;
	int saved = errno;
	int yes = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	errno = saved;
	return yes;
}

#define WRITES(name, params, args)                            \
	ssize_t name params                                   \
	{                                                     \
		long how = is_file(fd) ? next_fault(fd) : -1; \
                                                              \
		if (how == -2 && n > 1)                       \
			n /= 2;                               \
		if (how < 0)                                  \
			return REAL(name) args;               \
		errno = (int)how;                             \
		return -1;                                    \
	}
WRITES(write, (int fd, const void *p, size_t n), (fd, p, n))
WRITES(pwrite, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
WRITES(pwrite64, (int fd, const void *p, size_t n, off64_t at), (fd, p, n, at))

#define FAILS(name, params, args)                      \
	int name params                                \
	{                                              \
		return fails() ? -1 : REAL(name) args; \
	}
FAILS(ftruncate, (int fd, off_t n), (fd, n))
FAILS(ftruncate64, (int fd, off64_t n), (fd, n))
FAILS(fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n))
FAILS(fallocate64, (int fd, int mode, off64_t at, off64_t n), (fd, mode, at, n))
FAILS(fdatasync, (int fd), (fd))
FAILS(fsync, (int fd), (fd))
FAILS(rename, (const char *a, const char *b), (a, b))
FAILS(renameat2, (int d, const char *a, int f, const char *b, unsigned flags),
	(d, a, f, b, flags))
FAILS(mkdir, (const char *path, mode_t mode), (path, mode))
FAILS(mkostemp, (char *path, int flags), (path, flags))
FAILS(mkostemp64, (char *path, int flags), (path, flags))
FAILS(symlink, (const char *to, const char *path), (to, path))
FAILS(chmod, (const char *path, mode_t mode), (path, mode))
FAILS(fchmod, (int fd, mode_t mode), (fd, mode))

FAILS(utimensat,
	(int d, const char *path, const struct timespec t[2], int flags),
	(d, path, t, flags))

FILE *tmpfile(void)
{
	return fails() ? NULL : REAL(tmpfile)();
}

/* The file is closed, but what was written before is lost. */
int close(int fd)
{
	int wrote = is_file(fd) && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
	int bad = wrote && fails(), why = errno;
	int r = REAL(close)(fd);

	if (bad)
		errno = why;
	return bad ? -1 : r;
}

char *mkdtemp(char *path)
{
	return fails() ? NULL : REAL(mkdtemp)(path);
}

/* Only what makes a file. */
int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return (flags & O_CREAT) && fails() ? -1
					    : REAL(open)(path, flags, mode);
}
