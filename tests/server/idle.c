/* SPDX-License-Identifier: Apache-2.0 */
/* Many connections that stay: idle HOST PORT COUNT PATH [HOLD-COMMAND] */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * Opens COUNT connections, one after the other (QEMU forwards a port with
 * a queue for one), and asks for PATH on each. Runs the command while all are
 * open and idle, then asks again on every one of them, AHEAD at a time. Every
 * answer must be the first one's bytes (but for the time, which is masked).
 * Prints one line.
 */
enum { AHEAD = 64, ANSWER_MAX = 8192, TIMEOUT_MS = 60000 };

static struct addrinfo *server;
static char request[512];
static char first[ANSWER_MAX];
static size_t first_len;

static void fail(const char *what, int i)
{
	printf("connection %d: %s (%s)\n", i, what, strerror(errno));
	exit(1);
}

static void resolve(const char *host, const char *port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};

	if (getaddrinfo(host, port, &hints, &server) != 0) {
		printf("%s: no such host\n", host);
		exit(1);
	}
}

static int dial(int i)
{
	int fd = socket(server->ai_family, SOCK_STREAM, 0);

	if (fd < 0)
		fail("socket", i);
	if (connect(fd, server->ai_addr, server->ai_addrlen) < 0)
		fail("connect", i);
	return fd;
}

static void ask(int fd, int i)
{
	size_t len = strlen(request);

	if (write(fd, request, len) != (ssize_t)len)
		fail("write", i);
}

static void mask_date(char *s)
{
	char *date = strstr(s, "Date: "), *end = date ? strchr(date, '\r') : 0;

	if (end)
		memset(date, '-', (size_t)(end - date));
}

static void hear(int fd, int i)
{
	char answer[ANSWER_MAX + 1];
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t len = 0, want = first_len ? first_len : ANSWER_MAX;

	while (len < want) {
		ssize_t n;

		/* The first is over when nothing comes for a while. */
		if (poll(&p, 1, first_len || !len ? TIMEOUT_MS : 2000) == 0) {
			if (!first_len && len)
				break;
			errno = ETIMEDOUT;
			fail("no answer", i);
		}
		n = read(fd, answer + len, want - len);
		if (n <= 0)
			fail("read", i);
		len += (size_t)n;
	}
	answer[len] = '\0';
	mask_date(answer);
	if (!first_len) {
		memcpy(first, answer, len);
		first_len = len;
	} else if (memcmp(first, answer, len) != 0) {
		errno = EBADMSG;
		fail("another answer", i);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct rlimit files;
	double start = now(), opened, again;
	int count, *fds, i;

	if (argc != 5 && argc != 6)
		return 2;
	count = atoi(argv[3]);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	resolve(argv[1], argv[2]);
	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n\r\n",
		argv[4]);
	fds = calloc((size_t)count, sizeof(*fds));
	if (!fds)
		return 1;
	for (i = 0; i < count; i++) {
		fds[i] = dial(i);
		ask(fds[i], i);
		hear(fds[i], i);
	}
	opened = now() - start;
	if (argc == 6 && system(argv[5]) != 0) {
		printf("while they were open: %s failed\n", argv[5]);
		return 1;
	}
	start = now();
	for (i = 0; i < count + AHEAD; i++) {
		if (i < count)
			ask(fds[i], i);
		if (i >= AHEAD && i - AHEAD < count)
			hear(fds[i - AHEAD], i - AHEAD);
	}
	again = now() - start;
	printf("%d connections: opened in %.1f s, asked again in %.1f s\n",
		count, opened, again);
	return 0;
}
