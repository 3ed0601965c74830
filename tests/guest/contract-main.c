/* SPDX-License-Identifier: Apache-2.0 */
/* One program for the container contract: does what its first word says. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysinfo.h>
#include <termios.h>
#include <unistd.h>

extern char **environ;

static int print_list(char **v)
{
	for (; *v; v++)
		fwrite(*v, 1, strlen(*v) + 1, stdout);
	return 0;
}

static int copy(int from)
{
	char b[8192];
	ssize_t n;

	while ((n = read(from, b, sizeof(b))) > 0) {
		for (ssize_t at = 0, k; at < n; at += k) {
			k = write(1, b + at, (size_t)(n - at));
			if (k <= 0)
				return 3;
		}
	}
	return n < 0 ? 4 : 0;
}

static int print_file(const char *path)
{
	FILE *f = fopen(path, "r");
	int r;

	if (!f) {
		printf("%s: %s\n", path, strerror(errno));
		return 1;
	}
	r = copy(fileno(f));
	fclose(f);
	return r;
}

static int print_memory(void)
{
	struct sysinfo s;

	if (sysinfo(&s) < 0)
		return 1;
	printf("%llu\n", (unsigned long long)s.totalram * s.mem_unit);
	return 0;
}

static int print_tty(void)
{
	struct termios t;
	struct winsize w = {0};

	usleep(700000); /* an engine tells the size after the start */
	for (int fd = 0; fd < 3; fd++)
		printf("%d ", isatty(fd));
	if (ioctl(0, TIOCGWINSZ, &w) == 0)
		printf("%ux%u", w.ws_row, w.ws_col);
	if (tcgetattr(0, &t) == 0)
		printf(" echo=%d", (t.c_lflag & ECHO) != 0);
	puts("");
	return 0;
}

/* Raw mode: a key arrives without a newline behind it, and is not echoed. */
static int read_key(void)
{
	struct termios t, raw;
	char c = 0;

	if (tcgetattr(0, &t) < 0)
		return 1;
	raw = t;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(0, TCSANOW, &raw) < 0)
		return 2;
	printf("ready\n");
	fflush(stdout);
	if (read(0, &c, 1) != 1)
		return 3;
	printf("key=%02x\n", (unsigned char)c);
	return tcsetattr(0, TCSANOW, &t) < 0 ? 4 : 0;
}

static int two_streams(void)
{
	for (int i = 0; i < 100; i++) {
		printf("out %d\n", i);
		fflush(stdout);
		fprintf(stderr, "err %d\n", i);
	}
	return 0;
}

static int fail_hard(void)
{
	*(volatile int *)8 = 1; /* no page is there */
	return 0;
}

/* Writes to more and more memory, until there is none. */
static int fill_memory(void)
{
	enum { PIECE = 1 << 20 };
	char *p;

	while ((p = malloc(PIECE)))
		memset(p, 1, PIECE);
	return errno == ENOMEM ? 0 : 4;
}

static void wait_forever(int busy)
{
	puts("waiting");
	fflush(stdout);
	for (;;) {
		if (!busy)
			sleep(1000);
	}
}

static volatile sig_atomic_t caught;

static void catch (int sig)
{
	caught = sig;
}

/* A clean end that takes longer than a moment. */
static int end_cleanly(void)
{
	signal(SIGTERM, catch);
	signal(SIGQUIT, catch);
	puts("waiting");
	fflush(stdout);
	while (!caught)
		usleep(10000);
	sleep(2);
	printf("caught %d\n", caught);
	return 5;
}

static int print_where(void)
{
	char name[256], cwd[4096];

	if (gethostname(name, sizeof(name)) < 0 || !getcwd(cwd, sizeof(cwd)))
		return 1;
	printf("%s %s\n", name, cwd);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "args";
	const char *arg = argc > 2 ? argv[2] : "0";

	if (!strcmp(what, "exit"))
		return atoi(arg);
	if (!strcmp(what, "args"))
		return print_list(argv + 1);
	if (!strcmp(what, "env"))
		return print_list(environ);
	if (!strcmp(what, "env-sleep")) {
		print_list(environ);
		wait_forever(0);
	}
	if (!strcmp(what, "fill"))
		return fill_memory();
	if (!strcmp(what, "cat"))
		return copy(0);
	if (!strcmp(what, "file"))
		return print_file(arg);
	if (!strcmp(what, "memory"))
		return print_memory();
	if (!strcmp(what, "tty"))
		return print_tty();
	if (!strcmp(what, "key"))
		return read_key();
	if (!strcmp(what, "streams"))
		return two_streams();
	if (!strcmp(what, "abort"))
		abort();
	if (!strcmp(what, "segv"))
		return fail_hard();
	if (!strcmp(what, "where"))
		return print_where();
	if (!strcmp(what, "catch"))
		return end_cleanly();
	if (!strcmp(what, "sleep") || !strcmp(what, "spin"))
		wait_forever(!strcmp(what, "spin"));
	fprintf(stderr, "unknown word %s\n", what);
	return 2;
}
