/* SPDX-License-Identifier: Apache-2.0 */
/* A server for net-cards.t: each connection begins with a line about it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 5000 };

/* A line of the console, whole. */
__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
	char line[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (write(1, line, strlen(line)) < 0)
		_exit(1);
}

static void set(int fd, int level, int name, int v)
{
	if (setsockopt(fd, level, name, &v, sizeof(v)) < 0)
		say("option %d: %s\n", name, strerror(errno));
}

/* "echo": all that comes goes back. */
static void echo(int fd)
{
	char b[16384];
	ssize_t n;

	while ((n = read(fd, b, sizeof(b))) > 0)
		if (write(fd, b, (size_t)n) != n)
			return;
}

/* "dial HOST PORT": who is there, seen from our end. */
static void dial(int fd, const char *host, const char *port)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
	struct addrinfo *a;
	char b[100];
	ssize_t n;
	int s;

	if (getaddrinfo(host, port, &hints, &a) != 0)
		return;
	s = socket(a->ai_family, SOCK_STREAM, 0);
	if (connect(s, a->ai_addr, a->ai_addrlen) < 0) {
		n = snprintf(b, sizeof(b), "connect: %s\n", strerror(errno));
	} else {
		n = read(s, b, sizeof(b));
	}
	if (n > 0 && write(fd, b, (size_t)n) != n)
		say("dial: no answer\n");
	close(s);
	freeaddrinfo(a);
}

/* "idle": nothing is sent; keepalive finds out that the peer has gone. */
static void idle(int fd)
{
	char b;

	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 2);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 2);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
	say("idle begins\n");
	say("idle: %s\n", read(fd, &b, 1) < 0 ? strerror(errno) : "read");
}

/* "push": it is sent to a peer that does not acknowledge it any more. */
static void push(int fd)
{
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 8000);
	say("push begins\n");
	while (send(fd, "x", 1, MSG_NOSIGNAL) == 1)
		usleep(200000);
	say("push: %s\n", strerror(errno));
}

static void *serve(void *arg)
{
	char line[100] = "", host[64], port[8];
	int fd = (int)(long)arg;
	size_t n = 0;

	while (n < sizeof(line) - 1 && read(fd, line + n, 1) == 1 &&
		line[n] != '\n')
		n++;
	if (!strcmp(line, "echo\n"))
		echo(fd);
	else if (!strcmp(line, "idle\n"))
		idle(fd);
	else if (!strcmp(line, "push\n"))
		push(fd);
	else if (sscanf(line, "dial %63s %7s", host, port) == 2)
		dial(fd, host, port);
	close(fd);
	return NULL;
}

int main(void)
{
	struct sockaddr_in6 a = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(PORT),
	};
	int s = socket(AF_INET6, SOCK_STREAM, 0), fd;
	pthread_t t;

	if (bind(s, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(s, 32) < 0)
		return 1;
	say("ready\n");
	while ((fd = accept(s, NULL, NULL)) >= 0) {
		if (pthread_create(&t, NULL, serve, (void *)(long)fd) != 0)
			return 1;
		pthread_detach(t);
	}
	return 1;
}
