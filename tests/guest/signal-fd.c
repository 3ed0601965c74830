/* SPDX-License-Identifier: Apache-2.0 */
/* signalfd: reading signals, waiting for them by poll and epoll. */
/* guest: status 0 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "file-tap.h"

static sigset_t set_of(int a, int b)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, a);
	if (b)
		sigaddset(&s, b);
	return s;
}

static int ready(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, ms) == 1 && p.revents == POLLIN;
}

static volatile sig_atomic_t handled;
static void handler(int sig)
{
	handled = sig;
}

static void records(int fd)
{
	struct signalfd_siginfo r[3];
	union sigval v = {.sival_ptr = (void *)0xabcdef012345};

	CALL(read(fd, r, sizeof(r)));
	CHECK(!ready(fd, 0));
	raise(SIGUSR1);
	CHECK(ready(fd, 0));
	CHECK(read(fd, r, sizeof(r)) == sizeof(r[0]));
	CHECK(r[0].ssi_signo == SIGUSR1 && r[0].ssi_code == SI_TKILL);
	CHECK((int)r[0].ssi_pid == getpid() && r[0].ssi_uid == getuid());
	CHECK(!ready(fd, 0));
	sigqueue(getpid(), SIGRTMIN + 1, v);
	sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 2});
	kill(getpid(), SIGUSR1);
	CHECK(read(fd, r, sizeof(r)) == sizeof(r));
	CHECK(r[0].ssi_signo == SIGUSR1 && r[0].ssi_code == SI_USER);
	CHECK((int)r[1].ssi_signo == SIGRTMIN + 1 && r[1].ssi_code == SI_QUEUE);
	CHECK(r[1].ssi_ptr == 0xabcdef012345);
	CHECK(r[1].ssi_int == 0xef012345 - 0x100000000);
	CHECK((int)r[2].ssi_signo == SIGRTMIN + 1 && r[2].ssi_int == 2);
	CALL(read(fd, r, sizeof(r)));
	CALL(read(fd, r, sizeof(r[0]) - 1));
	CALL(write(fd, r, sizeof(r[0])));
	raise(SIGUSR1);
	CALL(read(fd, (void *)8, sizeof(r[0])));
}

static void waiting(int fd)
{
	struct epoll_event e = {.events = EPOLLIN, .data.u64 = 5};
	struct itimerval t = {{0, 0}, {0, 20000}};
	struct signalfd_siginfo r;
	int ep = epoll_create1(0);
	sigset_t s = set_of(SIGALRM, SIGUSR1), old;

	sigprocmask(SIG_BLOCK, &s, &old);
	CHECK(signalfd(fd, &s, 0) == fd);
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
	setitimer(ITIMER_REAL, &t, NULL);
	e.data.u64 = 0;
	CHECK(epoll_wait(ep, &e, 1, 30000) == 1 && e.data.u64 == 5);
	CHECK(read(fd, &r, sizeof(r)) == sizeof(r));
	CHECK(r.ssi_signo == SIGALRM && r.ssi_code == SI_KERNEL);
	CHECK(epoll_wait(ep, &e, 1, 0) == 0);
	setitimer(ITIMER_REAL, &t, NULL);
	CHECK(ready(fd, 30000));
	CHECK(read(fd, &r, sizeof(r)) == sizeof(r));
	close(ep);

	/* A read that waits: for one of its own, or until a handler ran. */
	fcntl(fd, F_SETFL, 0);
	setitimer(ITIMER_REAL, &t, NULL);
	CHECK(read(fd, &r, sizeof(r)) == sizeof(r) && r.ssi_signo == SIGALRM);
	s = set_of(SIGUSR1, 0);
	CHECK(signalfd(fd, &s, 0) == fd);
	sigprocmask(SIG_SETMASK, &old, NULL);
	siginterrupt(SIGALRM, 1);
	setitimer(ITIMER_REAL, &t, NULL);
	CALL(read(fd, &r, sizeof(r)));
	CHECK(handled == SIGALRM);
}

static void errors(int fd)
{
	sigset_t s = set_of(SIGUSR1, 0);

	CALL(syscall(SYS_signalfd4, -1, &s, 8, 1));
	CALL(syscall(SYS_signalfd4, -1, &s, 4, 0));
	CALL(syscall(SYS_signalfd4, -1, 8L, 8, 0));
	CALL(signalfd(0, &s, 0));
	CALL(signalfd(999, &s, 0));
	CALL(lseek(fd, 0, SEEK_SET));
}

int main(void)
{
	sigset_t s = set_of(SIGUSR1, SIGRTMIN + 1);
	int fd;

	signal(SIGALRM, handler);
	sigprocmask(SIG_BLOCK, &s, NULL);
	fd = OPEN(signalfd(-1, &s, SFD_NONBLOCK | SFD_CLOEXEC));
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
	records(fd);
	waiting(fd);
	errors(fd);
	close(fd);
	return tap_done();
}
