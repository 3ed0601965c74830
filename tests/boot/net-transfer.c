// SPDX-License-Identifier: Apache-2.0
/*
 * Transfers whose every byte is checked, in both directions; a plain Linux
 * program that is the server in a guest and the client on the host.
 *   net-transfer serve                    on TCP and UDP port 5000, for ever
 *   net-transfer get|put HOST BYTES SEED  from, to the server
 *   net-transfer deaf HOST BYTES SEED     as get, from a host that misses parts
 *   net-transfer ping HOST COUNT SIZE     datagrams that come back
 * A client sends what it wants in one line: "get SEED BYTES" or "put ...".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { CONNS = 256, PIECE = 65536, LINE = 32 };
static const char port[] = "5000";

/* A stream of numbers; who knows the seed knows each byte. */
struct stream {
	uint32_t state;
	uint64_t left;
};

static size_t make(struct stream *s, unsigned char *p, size_t n)
{
	if (n > s->left)
		n = s->left;
	for (size_t i = 0; i < n; i++) {
		s->state = s->state * 1664525 + 1013904223;
		p[i] = s->state >> 24;
	}
	s->left -= n;
	return n;
}

/* Whether these bytes are the next of the stream. */
static int check(struct stream *s, const unsigned char *p, size_t n)
{
	static unsigned char want[PIECE];

	return make(s, want, n) == n && !memcmp(want, p, n);
}

struct conn {
	enum { REQUEST, GET, PUT, ANSWER } state;
	struct stream s;
	char line[LINE];
	size_t nline, npiece, off;
	unsigned char *piece; /* of a GET, being sent */
};

static struct pollfd fds[CONNS + 2];
static struct conn conns[CONNS + 2];
static unsigned char buf[PIECE];

static void drop(int i)
{
	free(conns[i].piece);
	close(fds[i].fd);
	fds[i].fd = -1;
}

static void begin(int i, const char *line)
{
	struct conn *c = &conns[i];
	unsigned seed;
	unsigned long n;
	char what[8];

	if (sscanf(line, "%7s %u %lu", what, &seed, &n) != 3) {
		drop(i);
		return;
	}
	c->s = (struct stream){seed, n};
	c->state = strcmp(what, "get") ? PUT : GET;
	if (c->state == GET) {
		fds[i].events = POLLOUT;
		c->piece = malloc(PIECE);
		c->npiece = c->off = 0;
	}
}

static void answer(int i, const char *text)
{
	if (write(fds[i].fd, text, strlen(text)) < 0)
		perror("answer");
	drop(i);
}

static void readable(int i)
{
	struct conn *c = &conns[i];
	ssize_t n;

	if (c->state == REQUEST) {
		/* No byte of what follows the line. */
		n = read(fds[i].fd, c->line + c->nline, 1);
		if (n <= 0 || ++c->nline == LINE)
			drop(i);
		else if (c->line[c->nline - 1] == '\n')
			begin(i, c->line);
		return;
	}
	n = read(fds[i].fd, buf, sizeof(buf));
	if (n <= 0)
		drop(i);
	else if (!check(&c->s, buf, n))
		answer(i, "wrong\n");
	else if (!c->s.left)
		answer(i, "right\n");
}

static void writable(int i)
{
	struct conn *c = &conns[i];
	ssize_t n;

	if (c->off == c->npiece) {
		c->off = 0;
		c->npiece = make(&c->s, c->piece, PIECE);
	}
	if (!c->npiece) {
		drop(i);
		return;
	}
	n = write(fds[i].fd, c->piece + c->off, c->npiece - c->off);
	if (n < 0 && errno != EAGAIN)
		drop(i);
	else if (n > 0)
		c->off += n;
}

static void new_conn(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

	for (int i = 2; fd >= 0 && i < CONNS + 2; i++) {
		if (fds[i].fd >= 0)
			continue;
		fds[i] = (struct pollfd){fd, POLLIN, 0};
		conns[i] = (struct conn){0};
		return;
	}
	if (fd >= 0)
		close(fd);
}

static void echo(int fd)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(
		fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len);

	if (n >= 0)
		sendto(fd, buf, n, 0, (struct sockaddr *)&from, len);
}

static int serve(void)
{
	struct sockaddr_in6 a = {
		.sin6_family = AF_INET6, .sin6_port = htons(5000)};

	for (int i = 0; i < CONNS + 2; i++)
		fds[i].fd = -1;
	for (int i = 0; i < 2; i++) {
		fds[i].fd = socket(AF_INET6, i ? SOCK_DGRAM : SOCK_STREAM, 0);
		fds[i].events = POLLIN;
		if (bind(fds[i].fd, (struct sockaddr *)&a, sizeof(a)) ||
			(!i && listen(fds[i].fd, 511))) {
			perror("port 5000");
			return 1;
		}
	}
	puts("ready");
	fflush(stdout);
	while (poll(fds, CONNS + 2, -1) >= 0) {
		if (fds[0].revents)
			new_conn(fds[0].fd);
		if (fds[1].revents)
			echo(fds[1].fd);
		for (int i = 2; i < CONNS + 2; i++) {
			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			if (fds[i].events == POLLOUT)
				writable(i);
			else
				readable(i);
		}
	}
	return 1;
}

/* --- the client ---------------------------------------------------------- */

static int dial(const char *host, int type)
{
	struct addrinfo hints = {.ai_socktype = type}, *a;
	int fd;

	if (getaddrinfo(host, port, &hints, &a)) {
		fprintf(stderr, "%s: no such host\n", host);
		exit(2);
	}
	fd = socket(a->ai_family, type, 0);
	if (connect(fd, a->ai_addr, a->ai_addrlen)) {
		perror(host);
		exit(1);
	}
	freeaddrinfo(a);
	return fd;
}

/*
 * Of what arrives from now on, one in 64 is lost, and of one in 20 all but the
 * beginning. On a card that has segments cut, they come here in large ones:
 * no other loss on the way would hit them.
 */
static void lose(int fd)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),        /* TCP's flags */
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 4, 0), /* FIN */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			(unsigned)SKF_AD_OFF + SKF_AD_RANDOM),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 63),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 4, 0, 2),
		BPF_STMT(BPF_RET | BPF_K, ~0U),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 4000),
	};
	struct sock_fprog p = {sizeof(code) / sizeof(*code), code};

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof(p))) {
		perror("a filter");
		exit(1);
	}
}

/* Now and then the window closes. */
static void pause_at(uint64_t left, size_t n)
{
	if (left / 262144 != (left + n) / 262144)
		usleep(100000);
}

static int transfer(const char *what, const char *host, uint64_t n, int seed)
{
	struct stream s = {seed, n};
	int fd = dial(host, SOCK_STREAM), deaf = !strcmp(what, "deaf");
	ssize_t r;

	dprintf(fd, "%s %d %lu\n", deaf ? "get" : what, seed, n);
	if (strcmp(what, "put") != 0) {
		if (deaf)
			lose(fd);
		while ((r = read(fd, buf, sizeof(buf))) > 0) {
			if (!check(&s, buf, r))
				return fprintf(stderr, "a wrong byte\n");
			if (deaf)
				pause_at(s.left, r);
		}
		if (r < 0 || s.left)
			return fprintf(
				stderr, "%lu bytes are missing: %m\n", s.left);
		return 0;
	}
	while (s.left) {
		size_t m = make(&s, buf, sizeof(buf)), at = 0;

		for (; at < m; at += r) {
			r = write(fd, buf + at, m - at);
			if (r < 0)
				return fprintf(stderr, "write: %m\n");
		}
	}
	r = read(fd, buf, sizeof(buf));
	if (r == 6 && !memcmp(buf, "right\n", 6))
		return 0;
	return fprintf(stderr, "the answer is %.*s\n", (int)r, buf);
}

/* How many of COUNT datagrams came back, as they were. */
static int ping(const char *host, int count, unsigned size)
{
	static unsigned char back[PIECE];
	struct timeval wait = {.tv_usec = 500000};
	int fd = dial(host, SOCK_DGRAM), ok = 0;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	for (int i = 0; i < count; i++) {
		struct stream s = {i, size};

		make(&s, buf, size);
		if (send(fd, buf, size, 0) < 0)
			continue;
		if (recv(fd, back, sizeof(back), 0) == (ssize_t)size)
			ok += !memcmp(buf, back, size);
	}
	printf("%d\n", ok);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return serve();
	if (!strcmp(argv[1], "ping"))
		return ping(argv[2], atoi(argv[3]), atoi(argv[4]));
	return !!transfer(argv[1], argv[2], atol(argv[3]), atoi(argv[4]));
}
