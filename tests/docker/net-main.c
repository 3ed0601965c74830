/* SPDX-License-Identifier: Apache-2.0 */
/* The program of net.t: a server and a client, as a container and a machine. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 7000, WEB = 7080, CONNS = 16, LINE = 4096 };

static int fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

/* A socket that hears both families, or IPv4 where that is all there is. */
static int server_socket(int type, int port)
{
	struct sockaddr_in6 a6 = {
		.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	struct sockaddr_in a4 = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET6, type, 0), on = 1, off = 0, r;

	if (fd >= 0) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		r = bind(fd, (struct sockaddr *)&a6, sizeof(a6));
	} else {
		fd = socket(AF_INET, type, 0);
		if (fd < 0)
			return -1;
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		r = bind(fd, (struct sockaddr *)&a4, sizeof(a4));
	}
	if (r < 0 || (type == SOCK_STREAM && listen(fd, 64) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void name_of(const struct sockaddr_storage *a, char out[64])
{
	const struct sockaddr_in6 *v6 = (const void *)a;
	const struct sockaddr_in *v4 = (const void *)a;

	out[0] = 0;
	if (a->ss_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, out, 64);
	else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, out, 64);
	else
		inet_ntop(AF_INET6, &v6->sin6_addr, out, 64);
}

/* One request, one answer, to its end. */
static void serve(int fd, const char *what)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	char line[LINE], name[64];
	int c = accept(fd, (struct sockaddr *)&a, &len);
	ssize_t n, total = 0;

	if (c < 0)
		return;
	name_of(&a, name);
	if (*what)
		dprintf(c, "%s", what);
	else
		dprintf(c, "from %s: ", name);
	while (!*what && (n = read(c, line, sizeof(line))) > 0) {
		for (ssize_t at = 0, w; at < n; at += w) {
			w = write(c, line + at, (size_t)(n - at));
			if (w <= 0)
				break;
		}
		total += n;
	}
	/* A web server that is asked reads the question. */
	if (*what)
		n = read(c, line, sizeof(line));
	shutdown(c, SHUT_WR);
	while (read(c, line, sizeof(line)) > 0)
		;
	close(c);
	printf("served %s %ld\n", name, (long)total);
	fflush(stdout);
}

static void serve_udp(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	char in[LINE], out[LINE + 80], name[64];
	ssize_t n =
		recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&a, &len);
	int k;

	if (n < 0)
		return;
	name_of(&a, name);
	k = snprintf(out, 80, "from %s: ", name);
	memcpy(out + k, in, (size_t)n);
	sendto(fd, out, (size_t)(k + n), 0, (struct sockaddr *)&a, len);
}

static volatile sig_atomic_t begin, sick;

static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		begin = 1;
	else
		sick = 1;
}

/* SIGUSR1: the silence is over; SIGUSR2: the web server ends. */
static void wait_for_signals(int silent)
{
	struct sigaction sa = {.sa_handler = on_signal};
	sigset_t block, old;

	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	sigprocmask(SIG_BLOCK, &block, &old);
	printf("waiting\n");
	fflush(stdout);
	while (silent && !begin)
		sigsuspend(&old);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static int server(int silent)
{
	struct pollfd p[3];

	wait_for_signals(silent);
	p[0].fd = server_socket(SOCK_STREAM, PORT);
	p[1].fd = server_socket(SOCK_DGRAM, PORT);
	p[2].fd = server_socket(SOCK_STREAM, WEB);
	if (p[0].fd < 0 || p[1].fd < 0 || p[2].fd < 0)
		return fail("listen");
	printf("listening\n");
	fflush(stdout);
	for (;;) {
		for (int i = 0; i < 3; i++) {
			p[i].events = POLLIN;
			p[i].revents = 0;
		}
		if (sick && p[2].fd >= 0) {
			close(p[2].fd);
			p[2].fd = -1;
		}
		if (poll(p, 3, 500) < 0) {
			if (errno == EINTR)
				continue;
			return fail("poll");
		}
		if (p[0].revents)
			serve(p[0].fd, "");
		if (p[1].revents)
			serve_udp(p[1].fd);
		if (p[2].fd >= 0 && p[2].revents)
			serve(p[2].fd, "HTTP/1.1 200 OK\r\n"
				       "Content-Length: 3\r\n"
				       "Connection: close\r\n\r\nok\n");
	}
}

static int connect_to(const char *host, const char *port, int type)
{
	struct addrinfo want = {.ai_socktype = type}, *list, *a;
	int fd = -1, r = getaddrinfo(host, port, &want, &list);

	if (r) {
		printf("%s: %s\n", host, gai_strerror(r));
		return -1;
	}
	for (a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	if (fd < 0)
		fail("connect");
	return fd;
}

/* Sends the text, or that many bytes, and shows the answer. */
static int ask(const char *host, const char *port, const char *text)
{
	int fd = connect_to(host, port, SOCK_STREAM);
	char b[LINE];
	ssize_t n;

	if (fd < 0)
		return 1;
	if (write(fd, text, strlen(text)) < 0)
		return fail("write");
	shutdown(fd, SHUT_WR);
	while ((n = read(fd, b, sizeof(b))) > 0)
		fwrite(b, 1, (size_t)n, stdout);
	if (n < 0)
		return fail("read");
	printf("\n");
	return 0;
}

static int ask_udp(const char *host, const char *port, const char *text)
{
	int fd = connect_to(host, port, SOCK_DGRAM);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char b[LINE];
	ssize_t n;

	if (fd < 0)
		return 1;
	/* Datagrams may be lost. */
	for (int i = 0; i < 5; i++) {
		if (send(fd, text, strlen(text), 0) < 0)
			return fail("send");
		if (poll(&p, 1, 2000) > 0) {
			n = recv(fd, b, sizeof(b), 0);
			if (n < 0)
				return fail("recv");
			printf("%.*s\n", (int)n, b);
			return 0;
		}
	}
	printf("no answer\n");
	return 1;
}

/* A megabyte there and back. */
static int bulk(const char *host, const char *port)
{
	enum { TOTAL = 1 << 20 };
	static unsigned char out[TOTAL], in[TOTAL + 100];
	int fd = connect_to(host, port, SOCK_STREAM);
	struct pollfd p = {.fd = fd};
	size_t sent = 0, got = 0;
	unsigned char *body;
	ssize_t n;

	if (fd < 0)
		return 1;
	for (size_t i = 0; i < TOTAL; i++)
		out[i] = (unsigned char)(i * 2654435761u >> 11);
	for (;;) {
		p.events = POLLIN | (sent < TOTAL ? POLLOUT : 0);
		if (poll(&p, 1, 20000) <= 0)
			return fail("stalled");
		if (sent < TOTAL && (p.revents & POLLOUT)) {
			n = send(fd, out + sent, TOTAL - sent, MSG_DONTWAIT);
			if (n < 0 && errno != EAGAIN)
				return fail("send");
			sent += n > 0 ? (size_t)n : 0;
			if (sent == TOTAL)
				shutdown(fd, SHUT_WR);
		}
		if (p.revents & (POLLIN | POLLHUP)) {
			n = read(fd, in + got, sizeof(in) - got);
			if (n < 0)
				return fail("read");
			if (n == 0)
				break;
			got += (size_t)n;
		}
	}
	body = memchr(in, ' ', got);
	body = body ? memchr(body + 1, ' ', got - (size_t)(body + 1 - in))
		    : NULL;
	if (!body || got - (size_t)(body + 1 - in) != TOTAL ||
		memcmp(body + 1, out, TOTAL) != 0) {
		printf("%zu bytes came back\n", got);
		return 1;
	}
	printf("same\n");
	return 0;
}

/* Many at once: each is connected before the first asks. */
static int burst(const char *host, const char *port)
{
	enum { MANY = 60 };
	int fd[MANY], n = 0;
	char b[LINE];
	size_t got;
	ssize_t k;

	for (int i = 0; i < MANY; i++) {
		fd[i] = connect_to(host, port, SOCK_STREAM);
		if (fd[i] < 0)
			return 1;
	}
	for (int i = 0; i < MANY; i++) {
		if (send(fd[i], "x", 1, MSG_NOSIGNAL) != 1)
			return fail("send");
		shutdown(fd[i], SHUT_WR);
	}
	for (int i = 0; i < MANY; i++) {
		for (got = 0; (k = read(fd[i], b + got, LINE - got)) > 0;)
			got += (size_t)k;
		n += k == 0 && got && b[got - 1] == 'x';
	}
	printf("%d of %d\n", n, MANY);
	return n != MANY;
}

/* The MTU of an interface. */
static int mtu(const char *name)
{
	struct ifreq q = {0};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(q.ifr_name, sizeof(q.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, SIOCGIFMTU, &q) < 0)
		return fail("mtu");
	printf("%d\n", q.ifr_mtu);
	return 0;
}

static int resolve(const char *host)
{
	struct addrinfo want = {.ai_socktype = SOCK_STREAM}, *list, *a;
	struct sockaddr_storage s;
	char name[64];
	int r = getaddrinfo(host, NULL, &want, &list);

	if (r) {
		printf("%s\n", gai_strerror(r));
		return 1;
	}
	for (a = list; a; a = a->ai_next) {
		memcpy(&s, a->ai_addr, a->ai_addrlen);
		name_of(&s, name);
		printf("%s\n", name);
	}
	freeaddrinfo(list);
	return 0;
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "server";

	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(word, "server"))
		return server(argc > 2);
	if (!strcmp(word, "ask") && argc == 5)
		return ask(argv[2], argv[3], argv[4]);
	if (!strcmp(word, "ask-udp") && argc == 5)
		return ask_udp(argv[2], argv[3], argv[4]);
	if (!strcmp(word, "bulk") && argc == 4)
		return bulk(argv[2], argv[3]);
	if (!strcmp(word, "burst") && argc == 4)
		return burst(argv[2], argv[3]);
	if (!strcmp(word, "mtu") && argc == 3)
		return mtu(argv[2]);
	if (!strcmp(word, "resolve") && argc == 3)
		return resolve(argv[2]);
	if (!strcmp(word, "quit"))
		return 0;
	return 2;
}
