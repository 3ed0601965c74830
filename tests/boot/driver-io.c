/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot tests of the drivers run in the guest (and on the host). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static char buf[65536];

static int die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return 99;
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done <= 0)
			return -1;
		p += done;
		n -= done;
	}
	return 0;
}

/* N bytes that do not repeat soon, in one write or in many. */
static int out(size_t n, size_t piece)
{
	char *p = malloc(n + 1);
	uint32_t x = 1;

	if (!p)
		return die("malloc");
	for (size_t i = 0; i < n; i++) {
		x = x * 1103515245 + 12345;
		p[i] = x >> 16;
	}
	for (size_t at = 0; at < n; at += piece) {
		size_t part = n - at < piece ? n - at : piece;

		if (write_all(1, p + at, part))
			return die("write");
	}
	return 0;
}

static int echo(size_t piece)
{
	ssize_t n;

	while ((n = read(0, buf, piece)) > 0) {
		if (write_all(1, buf, n))
			return die("write");
	}
	return n ? die("read") : 0;
}

/* Lines to both streams in turn. */
static int both(int n)
{
	for (int i = 0; i < n; i++) {
		int len = snprintf(buf, sizeof(buf), "%d\n", i);

		if (write_all(1 + (i & 1), buf, len))
			return die("write");
	}
	return 0;
}

static int poll_echo(void)
{
	struct pollfd p = {.fd = 0, .events = POLLIN};
	int flags = fcntl(0, F_GETFL), there;
	ssize_t n;

	if (fcntl(0, F_SETFL, flags | O_NONBLOCK))
		return die("fcntl");
	for (;;) {
		if (poll(&p, 1, -1) != 1 || !(p.revents & POLLIN))
			return die("poll");
		if (ioctl(0, FIONREAD, &there))
			return die("FIONREAD");
		n = read(0, buf, sizeof(buf));
		if (n == 0)
			return 0;
		if (n < 0 || (there < (int)sizeof(buf) && n < there))
			return die("read");
		if (write_all(1, buf, n))
			return die("write");
	}
}

/* Adler-32 of a file, read in pieces of changing size and place. */
static int sum(const char *path)
{
	uint32_t a = 1, b = 0;
	size_t piece = 1;
	ssize_t n;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return die(path);
	while ((n = read(fd, buf, piece)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			a = (a + (uint8_t)buf[i]) % 65521;
			b = (b + a) % 65521;
		}
		piece = piece * 7 % sizeof(buf) + 1;
	}
	if (n < 0)
		return die(path);
	printf("%08x\n", b << 16 | a);
	return 0;
}

static int terminal(void)
{
	struct winsize w;

	for (int fd = 0; fd < 3; fd++) {
		int err = ioctl(fd, TIOCGWINSZ, &w) ? errno : 0;

		printf("%d: tty %d, error %d\n", fd, isatty(fd), err);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "hello";
	const char *arg = argc > 2 ? argv[2] : "0";
	size_t piece = argc > 3 ? strtoul(argv[3], NULL, 10) : 1 << 20;

	if (!strcmp(what, "hello"))
		return write_all(1, "hello\n", 6) ? 99 : 0;
	if (!strcmp(what, "out"))
		return out(strtoul(arg, NULL, 10), piece);
	if (!strcmp(what, "echo"))
		return echo(strtoul(arg, NULL, 10));
	if (!strcmp(what, "both"))
		return both(atoi(arg));
	if (!strcmp(what, "poll"))
		return poll_echo();
	if (!strcmp(what, "sum"))
		return sum(arg);
	if (!strcmp(what, "terminal"))
		return terminal();
	if (!strcmp(what, "status"))
		return atoi(arg);
	return 98;
}
