/* SPDX-License-Identifier: Apache-2.0 */
/* Much data over TCP: both ways at once, sendfile, writev, corked pieces. */
#include "sock-tap.h"

#include <sys/sendfile.h>

enum { TOTAL = 4 << 20, FILE_SIZE = 1234567, PIECES = 300 };

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 31 + (i >> 8) * 7 + (i >> 16));
}

static void fill(char *p, size_t at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (char)byte_at(at + i);
}

static size_t wrong(const char *p, size_t at, size_t n)
{
	size_t bad = 0;

	for (size_t i = 0; i < n; i++)
		bad += p[i] != (char)byte_at(at + i);
	return bad;
}

/* Writes `n` bytes at `step` at a time while the other end reads. */
static void stream(int out, int in, size_t total, size_t step)
{
	static char a[65536], b[50000];
	size_t sent = 0, got = 0, bad = 0;
	struct pollfd p[2] = {{.fd = out}, {.fd = in, .events = POLLIN}};

	fcntl(out, F_SETFL, O_NONBLOCK);
	while (got < total) {
		p[0].events = sent < total ? POLLOUT : 0;
		if (poll(p, 2, 20000) <= 0)
			break;
		while (p[0].revents & POLLOUT && sent < total) {
			size_t n = total - sent < step ? total - sent : step;
			long r;

			fill(a, sent, n);
			r = send(out, a, n, MSG_NOSIGNAL);
			if (r <= 0)
				break;
			sent += r;
		}
		if (p[1].revents & POLLIN) {
			long r = recv(in, b, sizeof(b), 0);

			if (r <= 0)
				break;
			bad += wrong(b, got, r);
			got += r;
		}
	}
	printf("# %zu bytes by %zu, wrong: %zu\n", got, step, bad);
	CHECK(got == total && !bad);
}

static size_t drain(int fd, size_t want)
{
	static char b[30000];
	size_t got = 0, bad = 0;

	while (got < want) {
		size_t n = want - got < sizeof(b) ? want - got : sizeof(b);
		long r = recv(fd, b, n, 0);

		if (r <= 0)
			break;
		bad += wrong(b, got, r);
		got += r;
	}
	return got - bad;
}

static int make_file(void)
{
	static char b[65536];
	int fd = open("big", O_CREAT | O_TRUNC | O_RDWR, 0600);
	size_t at = 0;

	while (at < FILE_SIZE) {
		size_t n =
			FILE_SIZE - at < sizeof(b) ? FILE_SIZE - at : sizeof(b);

		fill(b, at, n);
		at += write(fd, b, n);
	}
	return fd;
}

/* The socket takes what it can, the reader runs between. */
static void by_sendfile(int out, int in, int file)
{
	static char b[30000];
	off_t at = 0;
	size_t got = 0, bad = 0;

	fcntl(out, F_SETFL, O_NONBLOCK);
	while (got < FILE_SIZE) {
		long r = sendfile(out, file, &at, FILE_SIZE - at);

		if (r < 0 && errno != EAGAIN)
			break;
		r = recv(in, b, sizeof(b), r > 0 ? MSG_DONTWAIT : 0);
		if (r < 0 && errno == EAGAIN)
			continue;
		if (r <= 0)
			break;
		bad += wrong(b, got, r);
		got += r;
	}
	CHECK(at == FILE_SIZE && got == FILE_SIZE && !bad);
	CALL(sendfile(out, file, &at, 10));
	at = FILE_SIZE - 5;
	CALL(sendfile(out, file, &at, 10));
	CALL(recv(in, b, 5, MSG_WAITALL));
	at = -1;
	CALL(sendfile(out, file, &at, 10));
	at = 0;
	CALL(sendfile(file, out, &at, 10));
	CALL(lseek(file, 3, SEEK_SET));
	CALL(sendfile(out, file, NULL, 10));
	CALL(lseek(file, 0, SEEK_CUR));
	CALL(recv(in, b, 10, MSG_WAITALL));
	CHECK(!wrong(b, 3, 10));
}

/* Pieces of many sizes, with MSG_MORE, cork, vectors: one stream. */
static void pieces(int out, int in)
{
	static char a[3000];
	size_t at = 0;
	int bad = 0;

	fcntl(out, F_SETFL, 0);
	for (int i = 0; i < PIECES; i++) {
		size_t n = (size_t)i * 37 % 2900 + 1;
		struct iovec v[3] = {
			{a, n / 2}, {NULL, 0}, {a + n / 2, n - n / 2}};

		fill(a, at, n);
		if (i % 10 == 3)
			sock_set(out, IPPROTO_TCP, TCP_CORK, 1);
		if (i % 10 == 7)
			sock_set(out, IPPROTO_TCP, TCP_CORK, 0);
		if (i % 3 == 0)
			at += send(out, a, n, MSG_MORE | MSG_NOSIGNAL);
		else if (i % 3 == 1)
			at += writev(out, v, 3);
		else
			at += write(out, a, n);
		if (i % 50 == 49) {
			sock_set(out, IPPROTO_TCP, TCP_CORK, 0);
			bad += drain(in, at) != at;
			at = 0;
		}
	}
	CHECK(!bad);
}

/* What is held back goes after 200 ms, without another call. */
static void held(int out, int in)
{
	char b[8];

	CALL(sock_set(out, IPPROTO_TCP, TCP_CORK, 1));
	CALL(write(out, "held", 4));
	CALL(recv(in, b, 8, 0));
	CALL(write(out, "more", 4));
	CALL(sock_set(out, IPPROTO_TCP, TCP_CORK, 0));
	CALL(recv(in, b, 8, 0));
	CALL(send(out, "abc", 3, MSG_MORE));
	CALL(send(out, "def", 3, 0));
	CALL(recv(in, b, 6, MSG_WAITALL));
	CHECK(!memcmp(b, "abcdef", 6));
	CALL(sock_set(out, IPPROTO_TCP, TCP_CORK, 1));
	CALL(write(out, "end", 3));
	CALL(shutdown(out, SHUT_WR));
	CALL(recv(in, b, 8, MSG_WAITALL));
}

int main(void)
{
	int fd[2], file;

	tap_enter("bulk");
	file = make_file();
	sock_pair(fd);
	stream(fd[0], fd[1], TOTAL, 65536);
	stream(fd[1], fd[0], TOTAL / 4, 1000);
	stream(fd[0], fd[1], TOTAL / 32, 50);
	fcntl(fd[1], F_SETFL, 0);
	by_sendfile(fd[0], fd[1], file);
	pieces(fd[0], fd[1]);
	held(fd[0], fd[1]);
	close(fd[0]);
	close(fd[1]);
	close(file);
	return tap_done();
}
