/* SPDX-License-Identifier: Apache-2.0 */
/* AF_UNIX: descriptors and credentials that go along with messages. */
#include "unix-tap.h"

#include <sys/syscall.h>

#ifndef SCM_MAX_FD
#define SCM_MAX_FD 253
#endif

static char control[4096];

/* The C library looks at control data, too, and has limits of its own. */
static long raw_send(int s, const struct msghdr *m, int flags)
{
	return syscall(SYS_sendmsg, s, m, flags);
}

/* Sends text with n descriptors. */
static long give(int s, const char *text, const int *fd, int n)
{
	struct iovec v = {(char *)text, strlen(text)};
	struct msghdr m = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(n * sizeof(int))};
	struct cmsghdr *c = (struct cmsghdr *)control;

	memset(control, 0, sizeof(control));
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(c), fd, n * sizeof(int));
	return raw_send(s, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Receives; the first descriptor goes to *fd, the others are closed. */
static long take(int s, size_t size, size_t room, int flags, int *fd)
{
	static char buf[1000];
	struct iovec v = {buf, size};
	struct msghdr m = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = room};
	long r = recvmsg(s, &m, flags | MSG_DONTWAIT);
	struct ucred u;

	*fd = -1;
	if (r < 0)
		return r;
	printf("# \"%.*s\" flags %x control %zu\n", (int)r, buf, m.msg_flags,
		m.msg_controllen);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		int n = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int)), got;

		printf("# level %d type %d length %zu\n", c->cmsg_level,
			c->cmsg_type, (size_t)c->cmsg_len);
		if (c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&u, CMSG_DATA(c), sizeof(u));
			printf("# of this process: %d\n",
				u.pid == getpid() && u.uid == getuid());
			continue;
		}
		for (int i = 0; i < n; i++) {
			memcpy(&got, CMSG_DATA(c) + i * sizeof(int),
				sizeof(got));
			if (i)
				close(got);
			else
				*fd = got;
		}
	}
	return r;
}

static void files(int type)
{
	int s[2], p[2], fd, many[300];
	char c[8];

	CALL(socketpair(AF_UNIX, type, 0, s));
	CALL(pipe(p));
	CALL(give(s[0], "one", p, 1));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	CALL(fcntl(fd, F_GETFD));
	CALL(write(p[1], "through", 7));
	CALL(read(fd, c, 8));
	CALL(close(fd));
	CALL(give(s[0], "two", p, 2));
	CALL(take(s[1], 100, sizeof(control), MSG_CMSG_CLOEXEC, &fd));
	CALL(fcntl(fd, F_GETFD));
	CALL(close(fd));
	/* A look takes copies. */
	CALL(give(s[0], "look", p, 1));
	CALL(take(s[1], 100, sizeof(control), MSG_PEEK, &fd));
	CALL(close(fd));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	CALL(close(fd));
	/* Less room, none, and nobody who asks. */
	CALL(give(s[0], "half", p, 2));
	CALL(take(s[1], 100, CMSG_LEN(sizeof(int)), 0, &fd));
	CALL(close(fd));
	CALL(give(s[0], "none", p, 2));
	CALL(take(s[1], 100, 0, 0, &fd));
	CALL(give(s[0], "few", p, 1));
	CALL(take(s[1], 100, CMSG_LEN(0), 0, &fd));
	CALL(give(s[0], "read", p, 1));
	CALL(read(s[1], c, 8));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	/* Of the wrong kind. */
	for (int i = 0; i < 300; i++)
		many[i] = p[0];
	CALL(give(s[0], "many", many, SCM_MAX_FD));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	CALL(close(fd));
	CALL(give(s[0], "too many", many, SCM_MAX_FD + 1));
	many[1] = 999;
	CALL(give(s[0], "bad", many, 2));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	/* The only references are on their way, and then gone. */
	CALL(give(s[0], "last", p, 2));
	CALL(close(p[0]));
	CALL(close(p[1]));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	CALL(read(fd, c, 8));
	CALL(close(fd));
	CALL(pipe(p));
	CALL(give(s[0], "lost", p, 1));
	CALL(close(p[0]));
	CALL(write(p[1], "x", 1));
	CALL(close(s[0]));
	CALL(close(s[1]));
	CALL(write(p[1], "x", 1));
	CALL(close(p[1]));
}

/* In a stream, descriptors end a read, and go with their byte. */
static void borders(void)
{
	int s[2], p[2], fd;

	CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	CALL(pipe(p));
	CALL(send(s[0], "plain", 5, 0));
	CALL(give(s[0], "first", p, 1));
	CALL(give(s[0], "second", p, 1));
	CALL(send(s[0], "more", 4, 0));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	CALL(close(fd));
	CALL(take(s[1], 3, sizeof(control), 0, &fd));
	CALL(close(fd));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	CALL(give(s[0], "", p, 1));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	CALL(close(s[0]));
	CALL(close(s[1]));
	CALL(close(p[0]));
	CALL(close(p[1]));
}

static long prove(int s, struct ucred u, size_t len)
{
	struct iovec v = {"me", 2};
	struct msghdr m = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(sizeof(u))};
	struct cmsghdr *c = (struct cmsghdr *)control;

	memset(control, 0, sizeof(control));
	c->cmsg_len = CMSG_LEN(len);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_CREDENTIALS;
	memcpy(CMSG_DATA(c), &u, sizeof(u));
	return raw_send(s, &m, MSG_DONTWAIT);
}

static void credentials(int type)
{
	struct ucred u = {getpid(), getuid(), getgid()};
	int s[2], p[2], fd;

	CALL(socketpair(AF_UNIX, type, 0, s));
	CALL(pipe(p));
	CALL(unix_set(s[1], SO_PASSCRED, 1));
	CALL(send(s[0], "who", 3, 0));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	CALL(give(s[0], "both", p, 1));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	CALL(close(fd));
	CALL(prove(s[0], u, sizeof(u)));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	CALL(prove(s[0], u, sizeof(u) - 4));
	u.pid = 999999999;
	CALL(prove(s[0], u, sizeof(u)) == -1);
	CALL(unix_set(s[1], SO_PASSCRED, 0));
	CALL(send(s[0], "who", 3, 0));
	CALL(take(s[1], 100, sizeof(control), 0, &fd));
	CALL(close(s[0]));
	CALL(close(s[1]));
	CALL(close(p[0]));
	CALL(close(p[1]));
}

static void malformed(void)
{
	struct iovec v = {"x", 1};
	struct msghdr m = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(4)};
	struct cmsghdr *c = (struct cmsghdr *)control;
	int s[2];

	CALL(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	memset(control, 0, sizeof(control));
	*c = (struct cmsghdr){CMSG_LEN(4), SOL_SOCKET, 77};
	CALL(raw_send(s[0], &m, 0));
	*c = (struct cmsghdr){4, SOL_SOCKET, SCM_RIGHTS};
	CALL(raw_send(s[0], &m, 0));
	*c = (struct cmsghdr){CMSG_LEN(400), SOL_SOCKET, SCM_RIGHTS};
	CALL(raw_send(s[0], &m, 0));
	*c = (struct cmsghdr){CMSG_LEN(4), 12345, SCM_RIGHTS};
	CALL(raw_send(s[0], &m, 0));
	*c = (struct cmsghdr){CMSG_LEN(0), SOL_SOCKET, SCM_RIGHTS};
	m.msg_controllen = CMSG_SPACE(0);
	CALL(raw_send(s[0], &m, 0));
	m.msg_control = (void *)16;
	CALL(raw_send(s[0], &m, 0));
	CALL(close(s[0]));
	CALL(close(s[1]));
}

/* Sockets that only wait in their own queues are collected: without that,
 * these are more than the memory holds. */
static void rings(void)
{
	int failed = 0, s[2], t[2];

	for (int i = 0; i < 2000; i++) {
		failed += socketpair(AF_UNIX, SOCK_DGRAM, 0, s) != 0;
		failed += socketpair(AF_UNIX, SOCK_STREAM, 0, t) != 0;
		failed += give(s[0], "ring", s, 2) != 4;
		failed += give(t[0], "ring", s, 2) != 4;
		failed += give(s[1], "ring", t, 2) != 4;
		for (int k = 0; k < 2; k++)
			failed += close(s[k]) + close(t[k]);
	}
	CALL(failed);
}

/* A chain of sockets, each in the queue of the next, ends at once. */
static void chain(void)
{
	enum { N = 500 };
	int failed = 0, s[2], next[2];

	failed += socketpair(AF_UNIX, SOCK_DGRAM, 0, s) != 0;
	for (int i = 0; i < N; i++) {
		failed += socketpair(AF_UNIX, SOCK_DGRAM, 0, next) != 0;
		failed += give(next[0], "chain", s, 2) != 5;
		failed += close(s[0]) + close(s[1]);
		s[0] = next[0];
		s[1] = next[1];
	}
	failed += close(s[0]) + close(s[1]);
	CALL(failed);
}

/* One in a queue that can be reached lives. */
static void reached(void)
{
	int a[2], b[2], fd, again;

	CALL(socketpair(AF_UNIX, SOCK_DGRAM, 0, a));
	CALL(socketpair(AF_UNIX, SOCK_DGRAM, 0, b));
	CALL(give(b[0], "in b", b, 2));
	CALL(give(a[0], "in a", b + 1, 1));
	CALL(close(b[0]));
	CALL(close(b[1]));
	rings();
	CALL(take(a[1], 100, sizeof(control), 0, &fd));
	CALL(take(fd, 100, sizeof(control), 0, &again));
	CALL(close(again));
	CALL(close(fd));
	CALL(close(a[0]));
	CALL(close(a[1]));
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	files(SOCK_STREAM);
	files(SOCK_DGRAM);
	files(SOCK_SEQPACKET);
	borders();
	credentials(SOCK_STREAM);
	credentials(SOCK_DGRAM);
	malformed();
	chain();
	reached();
	return tap_done();
}
