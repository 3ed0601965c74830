/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other end of socket-server.c: socket-client PORT CONNECTIONS UP DOWN
 * makes so many connections to 127.0.0.1 at once. Without arguments it
 * prints a port that is free.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "socket-pattern.h"

struct end {
	size_t head, up, down;
};

static uint32_t want[2];
static int wrong;

static struct sockaddr_in address(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return a;
}

static int free_port(void)
{
	struct sockaddr_in a = address(0);
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&a, len) ||
		getsockname(fd, (struct sockaddr *)&a, &len))
		return 1;
	printf("%d\n", ntohs(a.sin_port));
	return 0;
}

static void send_some(int fd, struct end *e)
{
	unsigned char b[16384];
	size_t n = want[0] - e->up;
	long r;

	if (e->head < sizeof(want)) {
		r = send(fd, (char *)want + e->head, sizeof(want) - e->head,
			MSG_NOSIGNAL);
		e->head += r > 0 ? r : 0;
		return;
	}
	n = n < sizeof(b) ? n : sizeof(b);
	pattern_fill(b, e->up, n);
	r = send(fd, b, n, MSG_NOSIGNAL);
	e->up += r > 0 ? r : 0;
}

/* false: nothing more comes. */
static int read_some(int fd, struct end *e)
{
	unsigned char b[16384];
	long r = recv(fd, b, sizeof(b), 0);

	if (r < 0 && errno == EAGAIN)
		return 1;
	if (r <= 0)
		return 0;
	wrong += pattern_wrong(b, e->down, r) != 0;
	e->down += r;
	return 1;
}

static int run(struct pollfd *p, struct end *e, int n)
{
	int left = n, good = 0;

	while (left && poll(p, n, 60000) > 0) {
		for (int i = 0; i < n; i++) {
			int more = 1;

			if (!p[i].revents)
				continue;
			if (p[i].revents & POLLOUT)
				send_some(p[i].fd, &e[i]);
			if (p[i].revents & (POLLIN | POLLHUP | POLLERR))
				more = read_some(p[i].fd, &e[i]);
			p[i].events = POLLIN;
			if (e[i].up < want[0] || e[i].head < sizeof(want))
				p[i].events |= POLLOUT;
			if (more && (e[i].up < want[0] || e[i].down < want[1]))
				continue;
			good += e[i].up == want[0] && e[i].down == want[1];
			close(p[i].fd);
			p[i].fd = -1;
			left--;
		}
	}
	return good;
}

/* The port is forwarded a moment after the server listens; and QEMU's
 * own listener has room for one connection, so that a second in the same
 * moment costs its peer a second. */
static int open_to(const struct sockaddr_in *a)
{
	for (int i = 0; i < 500; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		usleep(20000);
		if (!connect(fd, (const struct sockaddr *)a, sizeof(*a)))
			return fd;
		close(fd);
	}
	return -1;
}

int main(int argc, char **argv)
{
	int n = argc > 4 ? atoi(argv[2]) : 0, good;
	struct pollfd *p = calloc(n + 1, sizeof(*p));
	struct end *e = calloc(n + 1, sizeof(*e));
	struct sockaddr_in a;

	if (argc < 5)
		return free_port();
	a = address(atoi(argv[1]));
	want[0] = strtoul(argv[3], NULL, 10);
	want[1] = strtoul(argv[4], NULL, 10);
	for (int i = 0; i < n; i++) {
		p[i].fd = open_to(&a);
		p[i].events = POLLIN | POLLOUT;
		if (p[i].fd < 0) {
			perror("connect");
			return 1;
		}
		fcntl(p[i].fd, F_SETFL, O_NONBLOCK);
	}
	good = run(p, e, n);
	printf("%d of %d good, %d wrong\n", good, n, wrong);
	return good != n || wrong;
}
