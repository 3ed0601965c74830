/* SPDX-License-Identifier: Apache-2.0 */
/* What calls answer, one TAP line each: the host's answer is the truth. */
#ifndef FILE_TAP_H
#define FILE_TAP_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int tap_count, tap_failed;

/* Prints the result or the error; both sides must print the same. */
static inline long tap_result(const char *what, long r)
{
	if (r == -1)
		printf("ok %d - %s: %s\n", ++tap_count, what, strerror(errno));
	else
		printf("ok %d - %s = %ld\n", ++tap_count, what, r);
	return r;
}

/* A descriptor's number says nothing. */
static inline int tap_fd(const char *what, int fd)
{
	if (fd == -1)
		printf("ok %d - %s: %s\n", ++tap_count, what, strerror(errno));
	else
		printf("ok %d - %s is open\n", ++tap_count, what);
	return fd;
}

static inline void tap_check(const char *what, int good)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tap_count, what);
	tap_failed += !good;
}

#define CALL(expr)  tap_result(#expr, (long)(expr))
#define OPEN(expr)  tap_fd(#expr, (expr))
#define CHECK(cond) tap_check(#cond, (cond))

static inline int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed > 0;
}

/* What 9P has no words for is left out: `run -v`. */
static inline int on_volume(void)
{
	return getenv("VOLUME") != NULL;
}

/* Each program works in a folder of its own. */
static inline void tap_enter(const char *name)
{
	umask(022);
	if (mkdir(name, 0755) || chdir(name)) {
		printf("Bail out! %s: %s\n", name, strerror(errno));
		exit(1);
	}
}

/* A file with this text. */
static inline int tap_put(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644);
	long n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

/* Its text, as a line of the output. */
static inline void tap_show(const char *path)
{
	char buf[256];
	int fd = open(path, O_RDONLY);
	long n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (n < 0) {
		printf("# %s: %s\n", path, strerror(errno));
	} else {
		buf[n] = 0;
		printf("# %s: \"%s\"\n", path, buf);
	}
	if (fd >= 0)
		close(fd);
}

#endif
