/* SPDX-License-Identifier: Apache-2.0 */
/* Pipes, poll and select. */
#include "file-tap.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>

static char buf[100000];

static void pipes(void)
{
	int p[2], n;
	struct stat st;

	CALL(pipe2(p, 0x12345));
	CALL(pipe2((int *)16, 0));
	CALL(pipe2(p, O_NONBLOCK | O_CLOEXEC));
	CALL(fcntl(p[0], F_GETFL));
	CALL(fcntl(p[1], F_GETFL));
	CALL(fcntl(p[0], F_GETFD));
	CALL(fstat(p[0], &st));
	CALL(st.st_mode);
	CALL(read(p[0], buf, 10));
	CALL(write(p[1], "hello", 5));
	CALL(ioctl(p[0], FIONREAD, &n));
	CALL(n);
	CALL(read(p[0], buf, 3));
	CALL(read(p[0], buf, 10));
	CALL(read(p[0], buf, 0));
	CALL(write(p[0], "x", 1));
	CALL(read(p[1], buf, 1));
	CALL(lseek(p[0], 0, SEEK_SET));
	CALL(pread(p[0], buf, 1, 0));
	CALL(pwrite(p[1], buf, 1, 0));
	CALL(ftruncate(p[1], 0));
	CALL(fsync(p[1]));
	CALL(syscall(SYS_getdents64, p[0], buf, 100));
	CALL(fcntl(p[0], F_GETPIPE_SZ));
	CALL(write(p[1], buf, sizeof(buf)));
	CALL(write(p[1], buf, 1));
	CALL(read(p[0], buf, 4096));
	CALL(write(p[1], buf, 4096));
	CALL(write(p[1], buf, 1));
	CALL(read(p[0], buf, sizeof(buf)));
	CALL(write(p[1], (char *)16, 10));
	CALL(write(p[1], "abc", 3));
	CALL(read(p[0], (char *)16, 10));
	CALL(close(p[1]));
	CALL(read(p[0], buf, 10));
	CALL(read(p[0], buf, 10));
	CALL(close(p[0]));
	CALL(pipe(p));
	CALL(close(p[0]));
	signal(SIGPIPE, SIG_IGN);
	CALL(write(p[1], "x", 1));
	CALL(close(p[1]));
}

static void show(struct pollfd *p, int n)
{
	for (int i = 0; i < n; i++)
		printf("# %d: %x\n", i, p[i].revents);
}

static void polls(void)
{
	struct pollfd p[5] = {{.events = POLLIN}, {.events = POLLOUT},
		{.events = POLLIN | POLLOUT}, {.fd = 999, .events = POLLIN},
		{.fd = -5, .events = POLLIN, .revents = 77}};
	int fds[2], null;

	CALL(pipe(fds));
	p[0].fd = fds[0];
	p[1].fd = fds[1];
	p[2].fd = OPEN(open("f", O_RDWR | O_CREAT, 0600));
	CALL(poll(p, 5, 1000));
	show(p, 5);
	CALL(poll(p, 1, 0));
	CALL(poll(p, 1, 30));
	CALL(write(fds[1], "x", 1));
	CALL(poll(p, 1, -1));
	show(p, 1);
	p[0].events = 0;
	CALL(poll(p, 1, 0));
	CALL(poll(NULL, 0, 10));
	CALL(poll((struct pollfd *)16, 1, 0));
	CALL(close(fds[1]));
	p[0].events = POLLIN;
	CALL(poll(p, 1, -1));
	show(p, 1);
	CALL(read(fds[0], buf, 10));
	CALL(poll(p, 1, -1));
	show(p, 1);
	CALL(close(fds[0]));
	CALL(pipe(fds));
	CALL(close(fds[0]));
	p[1].fd = fds[1];
	CALL(poll(p + 1, 1, -1));
	show(p + 1, 1);
	CALL(close(fds[1]));
	null = OPEN(open("/dev/null", O_RDWR));
	p[0].fd = null;
	p[0].events = POLLIN | POLLOUT | POLLPRI;
	CALL(poll(p, 1, -1));
	show(p, 1);
	CALL(close(null));
	CALL(syscall(SYS_poll, p, 1u << 30, 0));
}

static void selects(void)
{
	struct timeval tv = {0, 20000};
	struct timespec ts = {0, 20000000};
	fd_set in, out;
	int fds[2];
	sigset_t mask;

	CALL(pipe(fds));
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(fds[0], &in);
	FD_SET(fds[1], &out);
	CALL(select(fds[1] + 1, &in, &out, NULL, NULL));
	CALL(FD_ISSET(fds[0], &in));
	CALL(FD_ISSET(fds[1], &out));
	FD_SET(fds[0], &in);
	CALL(select(fds[0] + 1, &in, NULL, NULL, &tv));
	CALL(FD_ISSET(fds[0], &in));
	CALL(write(fds[1], "x", 1));
	FD_SET(fds[0], &in);
	FD_SET(fds[1], &out);
	CALL(select(fds[1] + 1, &in, &out, &in, NULL));
	/* Not above 63: Linux drops what is beyond its table, and would wait.
	 */
	FD_ZERO(&in);
	FD_SET(60, &in);
	CALL(select(61, &in, NULL, NULL, NULL));
	CALL(select(-1, NULL, NULL, NULL, NULL));
	CALL(select(0, NULL, NULL, NULL, &tv));
	tv.tv_usec = -1;
	CALL(syscall(SYS_select, 0, NULL, NULL, NULL, &tv));
	CALL(pselect(0, NULL, NULL, NULL, &ts, NULL));
	sigemptyset(&mask);
	FD_ZERO(&in);
	FD_SET(fds[0], &in);
	CALL(pselect(fds[0] + 1, &in, NULL, NULL, &ts, &mask));
	CALL(ppoll(&(struct pollfd){.fd = fds[0], .events = POLLIN}, 1, &ts,
		&mask));
	CALL(syscall(SYS_ppoll, NULL, 0, &ts, &mask, 4));
	ts.tv_nsec = 1000000000;
	CALL(syscall(SYS_ppoll, NULL, 0, &ts, NULL, 0));
}

static void waits(void)
{
	struct timespec a, b;
	long ms;

	clock_gettime(CLOCK_MONOTONIC, &a);
	CALL(poll(NULL, 0, 50));
	clock_gettime(CLOCK_MONOTONIC, &b);
	ms = (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
	CHECK(ms >= 49 && ms < 2000);
}

int main(void)
{
	tap_enter("file-poll");
	pipes();
	polls();
	selects();
	waits();
	return tap_done();
}
