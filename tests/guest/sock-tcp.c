/* SPDX-License-Identifier: Apache-2.0 */
/* TCP sockets: states, what poll says in each, shutdown, errors. */
#include "sock-tap.h"

static void unconnected(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	char c;

	sock_show("fresh", fd, 0);
	CALL(read(fd, &c, 1));
	CALL(send(fd, "x", 1, MSG_NOSIGNAL));
	CALL(getpeername(fd, SA(&a), &len));
	CALL(getsockname(fd, SA(&a), &len));
	CHECK(len == sizeof(a) && a.sin_family == AF_INET && !a.sin_port);
	CALL(shutdown(fd, SHUT_WR));
	CALL(accept(fd, NULL, NULL));
	CALL(close(fd));
}

static void data(void)
{
	char buf[16] = "";
	int fd[2];

	sock_pair(fd);
	sock_show("connected", fd[0], 0);
	CALL(recv(fd[0], buf, 4, MSG_DONTWAIT));
	CALL(write(fd[1], "abcdef", 6));
	sock_show("with data", fd[0], POLLIN);
	CALL(recv(fd[0], buf, 2, MSG_PEEK));
	CHECK(!memcmp(buf, "ab", 2));
	CALL(read(fd[0], buf, 4));
	CHECK(!memcmp(buf, "abcd", 4));
	CALL(recv(fd[0], buf, sizeof(buf), 0));
	CHECK(!memcmp(buf, "ef", 2));
	CALL(shutdown(fd[1], SHUT_WR));
	sock_show("after shutdown, here", fd[1], 0);
	sock_show("after shutdown, there", fd[0], POLLRDHUP);
	CALL(send(fd[1], "x", 1, MSG_NOSIGNAL));
	CALL(read(fd[0], buf, 4));
	CALL(write(fd[0], "back", 4));
	CALL(recv(fd[1], buf, 4, MSG_WAITALL));
	CALL(shutdown(fd[0], SHUT_WR));
	sock_show("both shut down", fd[1], POLLHUP);
	CALL(read(fd[1], buf, 4));
	CALL(close(fd[0]));
	CALL(close(fd[1]));
}

static void resets(void)
{
	struct linger l = {1, 0};
	char buf[8];
	int fd[2];

	sock_pair(fd);
	setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	CALL(close(fd[1]));
	sock_show("reset", fd[0], POLLIN);
	CALL(sock_get(fd[0], SOL_SOCKET, SO_ERROR));
	CALL(read(fd[0], buf, 1));
	CALL(send(fd[0], "x", 1, MSG_NOSIGNAL));
	CALL(shutdown(fd[0], SHUT_RDWR));
	CALL(close(fd[0]));

	/* Closing with data that nobody read resets, too. */
	sock_pair(fd);
	CALL(write(fd[0], "unread", 6));
	sock_show("unread", fd[1], POLLIN);
	CALL(close(fd[1]));
	sock_events(fd[0], POLLHUP, 5000);
	CALL(read(fd[0], buf, 1));
	CALL(read(fd[0], buf, 1));
	CALL(close(fd[0]));

	/* What was received before a reset can be read. */
	sock_pair(fd);
	CALL(write(fd[0], "seen", 4));
	sock_events(fd[1], POLLIN, 5000);
	setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	CALL(close(fd[0]));
	sock_events(fd[1], POLLHUP, 5000);
	CALL(read(fd[1], buf, 8));
	CALL(read(fd[1], buf, 8));
	CALL(read(fd[1], buf, 8));
	CALL(close(fd[1]));
}

static volatile int pipes;

static void on_pipe(int sig)
{
	(void)sig;
	pipes++;
}

static void sigpipe(void)
{
	int fd[2];

	signal(SIGPIPE, on_pipe);
	sock_pair(fd);
	shutdown(fd[0], SHUT_WR);
	CALL(write(fd[0], "x", 1));
	CHECK(pipes == 1);
	CALL(send(fd[0], "x", 1, MSG_NOSIGNAL));
	CHECK(pipes == 1);
	close(fd[0]);
	close(fd[1]);
}

static void connecting(void)
{
	int l = sock_listen(5), port = sock_port(l);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int c;

	CALL(sock_connect(fd, port));
	sock_show("connected without waiting", fd, POLLOUT);
	CALL(sock_get(fd, SOL_SOCKET, SO_ERROR));
	CALL(sock_connect(fd, port));
	CALL(sock_connect(fd, port));
	sock_show("listening with a connection", l, POLLIN);
	c = OPEN(accept4(l, SA(&a), &len, SOCK_NONBLOCK | SOCK_CLOEXEC));
	CHECK(ntohs(a.sin_port) == sock_port(fd));
	CHECK(fcntl(c, F_GETFL) & O_NONBLOCK);
	CHECK(fcntl(c, F_GETFD) == FD_CLOEXEC);
	sock_show("listening", l, 0);
	CALL(fcntl(l, F_SETFL, O_NONBLOCK));
	CALL(accept(l, NULL, NULL));
	CALL(accept4(l, NULL, NULL, 1));
	CALL(read(l, &a, 1));
	CALL(send(l, &a, 1, MSG_NOSIGNAL));
	CALL(sock_connect(l, port));
	close(c);
	close(fd);
	close(l);

	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CALL(sock_connect(fd, port));
	sock_show("refused", fd, POLLOUT);
	CALL(sock_get(fd, SOL_SOCKET, SO_ERROR));
	close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CALL(sock_connect(fd, port));
	l = sock_listen(1);
	CALL(sock_connect(fd, sock_port(l)));
	close(fd);
	close(l);
}

static void binding(void)
{
	int a = sock_listen(1), port = sock_port(a);
	int b = socket(AF_INET, SOCK_STREAM, 0), c, d;
	struct sockaddr_in addr = sock_addr(0);

	CALL(sock_bind(b, port));
	sock_set(b, SOL_SOCKET, SO_REUSEADDR, 1);
	CALL(sock_bind(b, port));
	sock_set(a, SOL_SOCKET, SO_REUSEADDR, 1);
	CALL(sock_bind(b, port));
	addr.sin_addr.s_addr = htonl(0x08080808);
	CALL(bind(b, SA(&addr), sizeof(addr)));
	CALL(bind(b, SA(&addr), 4));
	addr.sin_family = AF_INET6;
	CALL(bind(b, SA(&addr), sizeof(addr)));
	CALL(sock_bind(b, 0));
	CALL(sock_bind(b, 0));
	close(b);

	/* A connection of a listener that has gone. */
	c = socket(AF_INET, SOCK_STREAM, 0);
	CALL(sock_connect(c, port));
	d = accept(a, NULL, NULL);
	close(a);
	b = socket(AF_INET, SOCK_STREAM, 0);
	sock_set(b, SOL_SOCKET, SO_REUSEADDR, 1);
	CALL(sock_bind(b, port));
	CALL(listen(b, 1));
	close(b);
	close(d);
	sock_events(c, POLLIN, 5000);
	close(c);
	/* Its TIME_WAIT needs SO_REUSEADDR. */
	b = socket(AF_INET, SOCK_STREAM, 0);
	sock_set(b, SOL_SOCKET, SO_REUSEADDR, 1);
	CALL(sock_bind(b, port));
	CALL(listen(b, 1));
	close(b);
}

static void group(void)
{
	int a = socket(AF_INET, SOCK_STREAM, 0);
	int b = socket(AF_INET, SOCK_STREAM, 0), c, got = 0, fd[8];
	struct pollfd p[2];

	sock_set(a, SOL_SOCKET, SO_REUSEPORT, 1);
	sock_set(b, SOL_SOCKET, SO_REUSEPORT, 1);
	CALL(sock_bind(a, 0));
	CALL(sock_bind(b, sock_port(a)));
	CALL(listen(a, 8));
	CALL(listen(b, 8));
	for (int i = 0; i < 8; i++) {
		fd[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (sock_connect(fd[i], sock_port(a)))
			printf("# connect: %s\n", strerror(errno));
	}
	p[0] = (struct pollfd){.fd = a, .events = POLLIN};
	p[1] = (struct pollfd){.fd = b, .events = POLLIN};
	while (got < 8 && poll(p, 2, 5000) > 0) {
		c = accept(p[0].revents ? a : b, NULL, NULL);
		got += c >= 0;
		close(c);
	}
	CHECK(got == 8);
	for (int i = 0; i < 8; i++)
		close(fd[i]);
	close(a);
	c = socket(AF_INET, SOCK_STREAM, 0);
	CALL(sock_connect(c, sock_port(b)));
	close(c);
	close(b);
}

/* A listener that closes resets what it did not accept. */
static void abandoned(void)
{
	int l = sock_listen(4), fd = socket(AF_INET, SOCK_STREAM, 0);
	char c;

	CALL(sock_connect(fd, sock_port(l)));
	close(l);
	sock_events(fd, POLLIN, 5000);
	CALL(read(fd, &c, 1));
	close(fd);
}

int main(void)
{
	unconnected();
	data();
	resets();
	sigpipe();
	connecting();
	binding();
	group();
	abandoned();
	return tap_done();
}
