/* SPDX-License-Identifier: Apache-2.0 */
/* AF_UNIX: streams and packets in order, names, ends, limits. */
#include "unix-tap.h"

static char buf[300000];

static void errors(void)
{
	struct sockaddr_un a;
	socklen_t n = unix_addr(&a, "place");
	int s, p[2];

	OPEN(socket(AF_UNIX, 77, 0));
	OPEN(socket(AF_UNIX, SOCK_RDM, 0));
	OPEN(socket(AF_UNIX, SOCK_STREAM, 7));
	OPEN(s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	CALL(fcntl(s, F_GETFD));
	CALL(fcntl(s, F_GETFL));
	CALL(unix_option(s, SO_TYPE));
	CALL(unix_option(s, SO_DOMAIN));
	CALL(unix_option(s, SO_PROTOCOL));
	CALL(unix_option(s, SO_ACCEPTCONN));
	CALL(unix_ready(s));
	CALL(unix_name(s, 0));
	CALL(unix_name(s, 1));
	CALL(listen(s, 5));
	CALL(accept(s, NULL, NULL));
	CALL(send(s, "x", 1, MSG_NOSIGNAL));
	CALL(recv(s, buf, 1, 0));
	CALL(sendto(s, "x", 1, MSG_NOSIGNAL, (void *)&a, n));
	CALL(bind(s, (void *)&a, 1));
	CALL(bind(s, (void *)&a, 111));
	a.sun_family = AF_INET;
	CALL(bind(s, (void *)&a, n));
	CALL(connect(s, (void *)&a, n));
	CALL(unix_connect(s, "nowhere"));
	CALL(unix_connect(s, "@nowhere-5"));
	CALL(unix_bind(s, "no/such/folder"));
	CALL(tap_put("file", ""));
	CALL(unix_bind(s, "file"));
	CALL(unix_connect(s, "file"));
	CALL(unix_bind(s, "place"));
	CALL(unix_bind(s, "place2"));
	CALL(unix_connect(s, "place"));
	CALL(unix_name(s, 0));
	CALL(lseek(s, 0, SEEK_SET));
	CALL(ftruncate(s, 0));
	CALL(setsockopt(s, 6, 1, &n, sizeof(n)));
	CALL(shutdown(s, 7));
	CALL(close(s));
	OPEN(s = socket(AF_UNIX, SOCK_STREAM, 0));
	CALL(unix_bind(s, "place"));
	CALL(unix_connect(s, "place"));
	CALL(open("place", O_RDWR));
	CALL(unlink("place"));
	CALL(unix_connect(s, "place"));
	CALL(close(s));
	CALL(socketpair(AF_UNIX, SOCK_STREAM, 3, p));
	CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)16));
}

static void accepting(int type, const char *name)
{
	struct sockaddr_un a;
	socklen_t n = sizeof(a);
	struct stat st;
	int l, c, s, d;

	OPEN(l = socket(AF_UNIX, type | SOCK_NONBLOCK, 0));
	CALL(unix_bind(l, name));
	if (*name != '@') {
		CALL(stat(name, &st));
		CALL(st.st_mode);
	}
	OPEN(c = socket(AF_UNIX, type, 0));
	CALL(unix_bind(c, name));
	CALL(unix_connect(c, name));
	CALL(listen(l, 1));
	CALL(unix_option(l, SO_ACCEPTCONN));
	CALL(unix_ready(l));
	CALL(accept(l, NULL, NULL));
	CALL(unix_connect(c, name));
	CALL(unix_connect(c, name));
	CALL(unix_ready(l));
	CALL(unix_ready(c));
	CALL(send(c, "early", 5, 0));
	CALL(unix_name(c, 0));
	CALL(unix_name(c, 1));
	OPEN(s = accept4(l, (void *)&a, &n, SOCK_NONBLOCK));
	unix_show(&a, n);
	CALL(fcntl(s, F_GETFL));
	CALL(unix_ready(l));
	CALL(unix_ready(s));
	CALL(unix_name(s, 0));
	CALL(unix_name(s, 1));
	CALL(recv(s, buf, 3, MSG_PEEK));
	CALL(recv(s, buf, 3, MSG_PEEK | MSG_TRUNC));
	CALL(recv(s, buf, 9, 0));
	CALL(recv(s, buf, 9, 0));
	CALL(send(s, "abc", 3, 0));
	CALL(close(s));
	CALL(unix_ready(c));
	CALL(recv(c, buf, 9, 0));
	CALL(recv(c, buf, 9, 0));
	CALL(send(c, "x", 1, MSG_NOSIGNAL));
	CALL(unix_option(c, SO_ERROR));
	CALL(close(c));
	/* One that is closed before it is accepted. */
	OPEN(c = socket(AF_UNIX, type, 0));
	CALL(unix_connect(c, name));
	CALL(send(c, "abc", 3, 0));
	CALL(close(c));
	OPEN(s = accept(l, NULL, NULL));
	CALL(unix_ready(s));
	CALL(recv(s, buf, 9, 0));
	CALL(recv(s, buf, 9, 0));
	CALL(unix_name(s, 1));
	CALL(close(s));
	/* The listener goes, with connections. */
	OPEN(c = socket(AF_UNIX, type | SOCK_NONBLOCK, 0));
	OPEN(s = socket(AF_UNIX, type | SOCK_NONBLOCK, 0));
	OPEN(d = socket(AF_UNIX, type | SOCK_NONBLOCK, 0));
	CALL(unix_connect(c, name));
	CALL(unix_connect(s, name));
	CALL(unix_connect(d, name));
	CALL(close(l));
	CALL(unix_ready(c));
	CALL(recv(c, buf, 9, 0));
	CALL(recv(c, buf, 9, 0));
	CALL(unix_connect(d, name));
	CALL(close(c));
	CALL(close(s));
	CALL(close(d));
	if (*name != '@')
		CALL(unlink(name));
}

/* What was not read yet makes a close a reset. */
static void resets(int type)
{
	int p[2];

	CALL(socketpair(AF_UNIX, type, 0, p));
	CALL(send(p[0], "abc", 3, 0));
	CALL(send(p[1], "xyz", 3, 0));
	CALL(close(p[1]));
	CALL(unix_ready(p[0]));
	CALL(recv(p[0], buf, 9, MSG_DONTWAIT));
	CALL(recv(p[0], buf, 9, MSG_DONTWAIT));
	CALL(recv(p[0], buf, 9, MSG_DONTWAIT));
	CALL(unix_ready(p[0]));
	CALL(close(p[0]));
}

static void ends(int type)
{
	int p[2];

	CALL(socketpair(AF_UNIX, type, 0, p));
	CALL(unix_ready(p[0]));
	CALL(unix_name(p[0], 0));
	CALL(unix_name(p[0], 1));
	CALL(send(p[0], "abc", 3, 0));
	CALL(shutdown(p[0], SHUT_WR));
	CALL(unix_ready(p[0]));
	CALL(unix_ready(p[1]));
	CALL(send(p[0], "x", 1, MSG_NOSIGNAL));
	CALL(recv(p[1], buf, 9, 0));
	CALL(recv(p[1], buf, 9, 0));
	CALL(recv(p[1], buf, 9, MSG_DONTWAIT));
	CALL(send(p[1], "back", 4, 0));
	CALL(recv(p[0], buf, 9, 0));
	CALL(shutdown(p[1], SHUT_RDWR));
	CALL(unix_ready(p[0]));
	CALL(unix_ready(p[1]));
	CALL(recv(p[0], buf, 9, MSG_DONTWAIT));
	CALL(close(p[0]));
	CALL(close(p[1]));
	CALL(socketpair(AF_UNIX, type, 0, p));
	CALL(send(p[0], "abc", 3, 0));
	CALL(shutdown(p[1], SHUT_RD));
	CALL(send(p[0], "abc", 3, MSG_NOSIGNAL));
	CALL(recv(p[1], buf, 9, 0));
	CALL(recv(p[1], buf, 9, 0));
	CALL(close(p[0]));
	CALL(close(p[1]));
}

/* Much data, in pieces of other sizes than it comes out with. */
static void bulk(void)
{
	static char out[300000];
	size_t sent = 0, got = 0;
	int p[2], bad = 0, full = 0;

	for (size_t i = 0; i < sizeof(buf); i++)
		out[i] = (char)(i * 7 + i / 251);
	CALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p));
	for (int round = 0; got < sizeof(out); round++) {
		size_t part = round % 5 ? 1 + round * 37 % 9000 : 70000;
		long n;

		if (part > sizeof(out) - sent)
			part = sizeof(out) - sent;
		n = part ? send(p[0], out + sent, part, 0) : 0;
		if (n > 0)
			sent += n;
		else
			full += part > 0;
		n = recv(p[1], buf, round % 3 ? 1000 : 5000, 0);
		if (n > 0)
			bad += memcmp(buf, out + got, n) != 0;
		if (n > 0)
			got += n;
	}
	CALL(sent);
	CALL(got);
	CALL(bad);
	CALL(recv(p[1], buf, 1, 0));
	/* Until it is full: then it is not writable, and later it is. */
	while (send(p[0], out, 1000, 0) > 0)
		full++;
	CALL(errno == EAGAIN);
	CALL(unix_ready(p[0]));
	CALL(send(p[0], "x", 1, 0));
	while (recv(p[1], buf, sizeof(buf), 0) > 0)
		;
	CALL(unix_ready(p[0]));
	CALL(send(p[0], out, 0, 0));
	CALL(recv(p[1], buf, 9, 0));
	/* Small ones join, and are counted. */
	for (int i = 0; i < 100; i++)
		send(p[0], out + 3 * i, 3, 0);
	CALL(ioctl(p[1], FIONREAD, &full));
	CALL(full);
	CALL(recv(p[1], buf, 250, MSG_PEEK));
	CALL(memcmp(buf, out, 250));
	CALL(recv(p[1], buf, 1000, MSG_WAITALL));
	CALL(memcmp(buf, out, 300));
	CALL(write(p[0], "abc", 3));
	CALL(read(p[1], buf, 2));
	CALL(read(p[1], buf, 2));
	CALL(send(p[0], (char *)16, 10, 0));
	CALL(send(p[0], "abc", 3, 0));
	CALL(recv(p[1], (char *)16, 10, 0));
	CALL(recv(p[1], buf, 10, 0));
	CALL(close(p[0]));
	CALL(close(p[1]));
}

static void packets(void)
{
	int p[2], n;

	CALL(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, p));
	CALL(send(p[0], "one", 3, 0));
	CALL(send(p[0], "three", 5, 0));
	CALL(send(p[0], "", 0, 0));
	CALL(send(p[0], "four", 4, MSG_EOR));
	CALL(ioctl(p[1], FIONREAD, &n));
	CALL(n);
	CALL(recv(p[1], buf, 9, MSG_PEEK));
	CALL(recv(p[1], buf, 9, 0));
	CALL(recv(p[1], buf, 2, MSG_TRUNC));
	CALL(recv(p[1], buf, 9, 0));
	CALL(recv(p[1], buf, 2, 0));
	CALL(recv(p[1], buf, 9, 0));
	CALL(send(p[0], buf, 100000, 0));
	CALL(recv(p[1], buf, sizeof(buf), 0));
	CALL(send(p[0], buf, sizeof(buf), 0));
	CALL(send(p[0], (char *)16, 10, 0));
	CALL(close(p[1]));
	CALL(unix_ready(p[0]));
	CALL(send(p[0], "x", 1, MSG_NOSIGNAL));
	CALL(recv(p[0], buf, 9, 0));
	CALL(close(p[0]));
}

static void credentials(void)
{
	struct ucred c;
	socklen_t n = sizeof(c);
	int p[2], s;

	CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	CALL(getsockopt(p[0], SOL_SOCKET, SO_PEERCRED, &c, &n));
	CALL(n);
	CHECK(c.pid == getpid() && c.uid == getuid() && c.gid == getgid());
	OPEN(s = socket(AF_UNIX, SOCK_STREAM, 0));
	CALL(getsockopt(s, SOL_SOCKET, SO_PEERCRED, &c, &n));
	CALL(c.pid);
	CALL((int)c.uid);
	CALL(unix_set(s, SO_PASSCRED, 1));
	CALL(unix_option(s, SO_PASSCRED));
	CALL(unix_set(s, SO_SNDBUF, 10000));
	CALL(unix_option(s, SO_SNDBUF));
	CALL(close(s));
	CALL(close(p[0]));
	CALL(close(p[1]));
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	tap_enter("unix-stream");
	errors();
	accepting(SOCK_STREAM, "path");
	accepting(SOCK_STREAM, "@slipway-stream-test");
	accepting(SOCK_SEQPACKET, "./packets");
	resets(SOCK_STREAM);
	resets(SOCK_SEQPACKET);
	ends(SOCK_STREAM);
	ends(SOCK_SEQPACKET);
	bulk();
	packets();
	credentials();
	return tap_done();
}
