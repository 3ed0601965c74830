/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and addresses of socket calls: wrong pointers, lengths, flags. */
#include "sock-tap.h"

#include <limits.h>
#include <sys/syscall.h>
#include <sys/syscall.h>

#define BAD ((void *)8)

/* The C library would look at the header itself. */
static long raw_sendmsg(int fd, const struct msghdr *m, int flags)
{
	return syscall(SYS_sendmsg, fd, m, flags);
}

static long raw_recvmsg(int fd, struct msghdr *m, int flags)
{
	return syscall(SYS_recvmsg, fd, m, flags);
}

static void messages(int fd[2])
{
	char a[4] = "abcd", b[16];
	struct iovec v[3] = {{a, 2}, {NULL, 0}, {a + 2, 2}};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 3};
	struct iovec *lots = calloc(1025, sizeof(*lots));

	CALL(raw_sendmsg(fd[0], &m, 0));
	CALL(recv(fd[1], b, 4, MSG_WAITALL));
	CHECK(!memcmp(b, "abcd", 4));
	m.msg_iovlen = 1025;
	m.msg_iov = lots;
	CALL(raw_sendmsg(fd[0], &m, 0));
	CALL(raw_recvmsg(fd[0], &m, 0));
	CALL(writev(fd[0], lots, 1025));
	m.msg_iovlen = 1024;
	CALL(raw_sendmsg(fd[0], &m, 0));
	m.msg_iovlen = 1;
	m.msg_iov = BAD;
	CALL(raw_sendmsg(fd[0], &m, 0));
	CALL(raw_sendmsg(fd[0], BAD, 0));
	CALL(raw_recvmsg(fd[0], BAD, MSG_DONTWAIT));
	m.msg_iov = v;
	v[0].iov_len = (size_t)-1;
	CALL(raw_sendmsg(fd[0], &m, 0));
	v[0].iov_len = 2;
	v[0].iov_base = BAD;
	CALL(raw_sendmsg(fd[0], &m, 0));
	v[0].iov_base = a;
	m.msg_name = a;
	m.msg_namelen = (socklen_t)-1;
	CALL(raw_sendmsg(fd[0], &m, 0));
	m.msg_name = BAD;
	m.msg_namelen = 16;
	CALL(raw_sendmsg(fd[0], &m, 0));
	m.msg_name = NULL;
	CALL(raw_sendmsg(fd[0], &m, 0));
	m.msg_control = BAD;
	m.msg_controllen = 32;
	CALL(raw_sendmsg(fd[0], &m, 0));
	m.msg_controllen = (size_t)INT_MAX + 1;
	CALL(raw_sendmsg(fd[0], &m, 0));
	CALL(recv(fd[1], b, 2, MSG_WAITALL));
	m.msg_controllen = 0;
	CALL(send(fd[0], BAD, 4, 0));
	CALL(send(fd[0], BAD, 0, 0));
	CALL(write(fd[0], BAD, 4));
	CALL(recv(fd[1], BAD, 4, MSG_DONTWAIT));
	CALL(write(fd[0], a, 4));
	sock_events(fd[1], POLLIN, 5000);
	CALL(recv(fd[1], BAD, 4, 0));
	CALL(read(fd[1], BAD, 4));
	CALL(read(fd[1], b, 0));
	CALL(recv(fd[1], b, 4, 0));
	free(lots);
}

static void flags(int fd[2])
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof(from)};
	char b[8];
	struct iovec v = {b, 8};

	CALL(recv(fd[0], b, 1, MSG_OOB));
	CALL(recv(fd[0], b, 1, MSG_ERRQUEUE));
	CALL(write(fd[1], "wxyz", 4));
	sock_events(fd[0], POLLIN, 5000);
	CALL(recvfrom(fd[0], b, 1, 0, SA(&from), &len));
	CHECK(len == 0);
	m.msg_iov = &v;
	m.msg_iovlen = 1;
	CALL(raw_recvmsg(fd[0], &m, MSG_PEEK | MSG_TRUNC));
	CHECK(m.msg_namelen == 0 && !(m.msg_flags & ~MSG_TRUNC));
	CALL(recv(fd[0], NULL, 2, MSG_TRUNC));
	CALL(recv(fd[0], b, 8, 0));
	CALL(recv(fd[0], b, 8, MSG_DONTWAIT | MSG_WAITALL));
	CALL(sock_set(fd[0], SOL_SOCKET, SO_RCVLOWAT, 3));
	CALL(write(fd[1], "12", 2));
	sock_show("two of three", fd[0], 0);
	CALL(write(fd[1], "3", 1));
	sock_show("three of three", fd[0], POLLIN);
	CALL(recv(fd[0], b, 8, 0));
}

static void addresses(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a = sock_addr(0);
	char small[4];
	socklen_t len = 4;

	CALL(bind(fd, BAD, sizeof(a)));
	CALL(bind(fd, SA(&a), 15));
	CALL(bind(fd, SA(&a), 129));
	CALL(bind(fd, SA(&a), 128));
	CALL(getsockname(fd, SA(small), &len));
	CHECK(len == sizeof(a));
	CALL(getsockname(fd, BAD, &len));
	CALL(getsockname(fd, SA(&a), BAD));
	len = (socklen_t)-1;
	CALL(getsockname(fd, SA(&a), &len));
	len = 0;
	CALL(getsockname(fd, BAD, &len));
	CALL(connect(fd, SA(&a), 1));
	CALL(connect(fd, SA(&a), 15));
	a.sin_family = 99;
	CALL(connect(fd, SA(&a), sizeof(a)));
	CALL(bind(0, SA(&a), sizeof(a)));
	CALL(bind(99, SA(&a), sizeof(a)));
	CALL(shutdown(fd, 7));
	CALL(shutdown(99, 0));
	close(fd);
}

static void as_files(int fd[2])
{
	struct stat st;
	char b[4];
	int n = 1;

	CALL(fstat(fd[0], &st));
	CHECK(S_ISSOCK(st.st_mode));
	CALL(lseek(fd[0], 0, SEEK_SET));
	CALL(pread(fd[0], b, 1, 0));
	CALL(ftruncate(fd[0], 0));
	CALL(ioctl(fd[0], FIONBIO, &n));
	CALL(read(fd[0], b, 1));
	CALL(fcntl(fd[0], F_SETOWN, getpid()));
	CHECK(fcntl(fd[0], F_GETOWN) == getpid());
	CALL(write(fd[1], "abc", 3));
	sock_events(fd[0], POLLIN, 5000);
	CALL(ioctl(fd[0], FIONREAD, &n));
	CHECK(n == 3);
	CALL(ioctl(fd[0], SIOCATMARK, &n));
	CALL(ioctl(fd[0], 0x1234, &n));
	CALL(ioctl(fd[0], FIONREAD, BAD));
	CALL(read(fd[0], b, 4));
	n = dup(fd[0]);
	CALL(write(n, "dup", 3));
	CALL(close(n));
	CALL(recv(fd[1], b, 3, MSG_WAITALL));
}

int main(void)
{
	int fd[2];

	sock_pair(fd);
	messages(fd);
	flags(fd);
	as_files(fd);
	close(fd[0]);
	close(fd[1]);
	addresses();
	return tap_done();
}
