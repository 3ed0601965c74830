/* SPDX-License-Identifier: Apache-2.0 */
/* /slipway/health: what HEALTHCHECK runs in the container. */
#include "health.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "vm/ask.h"

/*
 * QEMU takes a connection before it asks the guest: one that the guest
 * refuses ends a moment later, so an open one is watched for that long.
 */
enum { PATIENCE_MS = 10000, REFUSAL_MS = 300, HEAD_MAX = 4096 };

enum { HEALTHY = 0, UNHEALTHY = 1, USAGE = 2 };

static int say(const char *what, const char *why)
{
	printf("%s%s%s\n", what, why ? ": " : "", why ? why : "");
	return UNHEALTHY;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* 1: ready, 0: not until then. */
static int wait_for(int fd, short events, int64_t until)
{
	struct pollfd p = {.fd = fd, .events = events};
	int64_t left;
	int r;

	do {
		left = until - now_ms();
		r = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (r < 0 && errno == EINTR);
	return r > 0;
}

static int connect_to(unsigned port, int64_t until)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	_close_ int fd =
		socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(int);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)(void *)&a, sizeof(a)) < 0) {
		if (errno != EINPROGRESS)
			return -errno;
		if (!wait_for(fd, POLLOUT, until))
			return -ETIMEDOUT;
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
		if (err)
			return -err;
	}
	return steal_fd(fd);
}

static int check_tcp(unsigned port)
{
	int64_t until = now_ms() + PATIENCE_MS;
	_close_ int fd = connect_to(port, until);
	char c;

	if (fd < 0)
		return say("connect", strerror(-fd));
	if (wait_for(fd, POLLIN, now_ms() + REFUSAL_MS) &&
		recv(fd, &c, 1, 0) < 0)
		return say("connect", strerror(errno));
	return HEALTHY;
}

/* Reads until the first line is there. */
static int read_status(int fd, int64_t until, char *line, size_t max)
{
	size_t n = 0;
	ssize_t got;

	while (n < max - 1 && !memchr(line, '\n', n)) {
		if (!wait_for(fd, POLLIN, until))
			return -ETIMEDOUT;
		got = recv(fd, line + n, max - 1 - n, 0);
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	line[n] = 0;
	line[strcspn(line, "\r\n")] = 0;
	return 0;
}

static int check_http(unsigned port, const char *path, unsigned want)
{
	int64_t until = now_ms() + PATIENCE_MS;
	_close_ int fd = connect_to(port, until);
	_free_ char *ask = xasprintf("GET %s HTTP/1.1\r\n"
				     "Host: localhost:%u\r\n"
				     "User-Agent: slipway-health\r\n"
				     "Accept: */*\r\n"
				     "Connection: close\r\n\r\n",
		path, port);
	char line[HEAD_MAX];
	unsigned long status;
	const char *space;
	int r;

	if (fd < 0)
		return say("connect", strerror(-fd));
	if (send(fd, ask, strlen(ask), MSG_NOSIGNAL) != (ssize_t)strlen(ask))
		return say("send", strerror(errno));
	r = read_status(fd, until, line, sizeof(line));
	if (r < 0)
		return say("no answer", strerror(-r));
	space = strncmp(line, "HTTP/", 5) != 0 ? NULL : strchr(line, ' ');
	status = space ? strtoul(space, NULL, 10) : 0;
	if (!status)
		return say("not an HTTP answer", line);
	if (want ? status != want : status < 200 || status > 399)
		return say("answered", line);
	return HEALTHY;
}

/* What the command in the machine said, and whether it did well. */
static int ask_guest(void)
{
	_buf_ struct buf answer = {0};
	struct err e = {0};
	_close_ int fd = ask_connect(&e);
	char b[HEAD_MAX];
	ssize_t n;

	if (fd < 0)
		return say(e.msg, NULL);
	while ((n = recv(fd, b, sizeof(b), 0)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return say("no answer", strerror(errno));
		buf_add(&answer, b, (size_t)n);
	}
	if (!answer.len)
		return say("the machine has ended", NULL);
	fwrite(answer.data + 1, 1, answer.len - 1, stdout);
	return *answer.data == ASK_WELL ? HEALTHY : UNHEALTHY;
}

/* 0 if it is not a number from 1 to max. */
static unsigned number(const char *s, unsigned max)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	return *s < '0' || *s > '9' || *end || n > max ? 0 : (unsigned)n;
}

int health_main(int argc, char **argv)
{
	int http = argc >= 3 && !strcmp(argv[1], "http");
	int tcp = argc == 3 && !strcmp(argv[1], "tcp");
	unsigned port = http || tcp ? number(argv[2], 65535) : 0;
	unsigned status = argc > 4 ? number(argv[4], 999) : 0;

	if (argc == 2 && !strcmp(argv[1], "exec"))
		return ask_guest();
	if (!port || argc > 5 || (argc > 4 && !status) ||
		(argc > 3 && argv[3][0] != '/')) {
		fprintf(stderr, "usage: health tcp PORT\n"
				"       health http PORT [/PATH [STATUS]]\n"
				"       health exec\n");
		return USAGE;
	}
	return tcp ? check_tcp(port)
		   : check_http(port, argc > 3 ? argv[3] : "/", status);
}
