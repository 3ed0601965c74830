/* SPDX-License-Identifier: Apache-2.0 */
/* Signals and calls that wait for files: interrupted, made again, masked. */
#include "file-tap.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

static volatile int runs;
static int answer_to = -1; /* where the handler sends a byte, the 2nd time */

static void handler(int sig)
{
	(void)sig;
	if (++runs == 2 && answer_to >= 0)
		runs += write(answer_to, "12345678", 8) != 8;
}

static void install(int flags)
{
	struct sigaction a = {.sa_handler = handler, .sa_flags = flags};

	sigaction(SIGALRM, &a, NULL);
}

/* SIGALRM soon, and again. */
static void alarm_on(void)
{
	struct itimerval t = {{0, 20000}, {0, 20000}};

	runs = 0;
	setitimer(ITIMER_REAL, &t, NULL);
}

static void alarm_off(void)
{
	struct itimerval t = {{0, 0}, {0, 0}};

	setitimer(ITIMER_REAL, &t, NULL);
}

#define INTERRUPTED(call)         \
	do {                      \
		alarm_on();       \
		CALL(call);       \
		alarm_off();      \
		CHECK(runs >= 1); \
	} while (0)

static void waits(int flags)
{
	struct epoll_event e;
	struct timespec ts = {1000, 0};
	struct timeval tv = {1000, 0};
	int ep = epoll_create1(0), p[2];
	struct pollfd f = {.events = POLLIN};
	sigset_t none;
	fd_set in;

	install(flags);
	sigemptyset(&none);
	CALL(pipe(p));
	f.fd = p[0];
	FD_ZERO(&in);
	FD_SET(p[0], &in);
	INTERRUPTED(epoll_wait(ep, &e, 1, -1));
	INTERRUPTED(epoll_wait(ep, &e, 1, 1000000));
	INTERRUPTED(epoll_pwait(ep, &e, 1, -1, &none));
	INTERRUPTED(poll(&f, 1, -1));
	INTERRUPTED(poll(&f, 1, 1000000));
	INTERRUPTED(ppoll(&f, 1, &ts, &none));
	INTERRUPTED(select(p[0] + 1, &in, NULL, NULL, NULL));
	/* The C library may not tell what is left. */
	INTERRUPTED(syscall(SYS_select, p[0] + 1, &in, NULL, NULL, &tv));
	CHECK(tv.tv_sec >= 900 && tv.tv_sec < 1000);
	INTERRUPTED(pselect(p[0] + 1, &in, NULL, NULL, &ts, &none));
	close(p[0]);
	close(p[1]);
	close(ep);
}

/* Reads end without SA_RESTART; with it they end when there is data. */
static void reads(int flags)
{
	struct timeval limit = {1000, 0};
	struct itimerspec far = {{0, 0}, {1000, 0}};
	int p[2], s[2], e = eventfd(0, 0), t;
	char c[8];

	install(flags);
	CALL(pipe(p));
	CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	answer_to = p[1];
	INTERRUPTED(read(p[0], c, 8));
	answer_to = e;
	INTERRUPTED(read(e, c, 8));
	answer_to = s[1];
	INTERRUPTED(recv(s[0], c, 8, 0));
	answer_to = -1;
	CALL(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	CALL(fcntl(s[0], F_SETFL, O_NONBLOCK));
	while (read(s[0], c, 8) > 0)
		;
	CALL(fcntl(s[0], F_SETFL, 0));
	INTERRUPTED(recv(s[0], c, 8, 0));
	t = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(t, 0, &far, NULL);
	if (!flags)
		INTERRUPTED(read(t, c, 8));
	close(t);
	close(e);
	for (int i = 0; i < 2; i++) {
		close(p[i]);
		close(s[i]);
	}
}

static int is_blocked(void)
{
	sigset_t now;

	sigprocmask(SIG_SETMASK, NULL, &now);
	return sigismember(&now, SIGALRM);
}

/* The mask is that of the call for just the call. */
static void masks(void)
{
	struct epoll_event e = {.events = EPOLLIN};
	struct timespec soon = {0, 10000000};
	int ep = epoll_create1(0), p[2];
	struct pollfd f = {.events = POLLIN};
	sigset_t none, alrm;

	install(0);
	sigemptyset(&none);
	sigemptyset(&alrm);
	sigaddset(&alrm, SIGALRM);
	CALL(sigprocmask(SIG_SETMASK, &alrm, NULL));
	runs = 0;
	CALL(raise(SIGALRM));
	CALL(epoll_wait(ep, &e, 1, 10));
	CALL(runs);
	CALL(epoll_pwait(ep, &e, 1, 10, &alrm));
	CALL(runs);
	CALL(epoll_pwait(ep, &e, 1, -1, &none));
	CALL(runs);
	CALL(is_blocked());
	CALL(raise(SIGALRM));
	CALL(ppoll(NULL, 0, &soon, &alrm));
	CALL(ppoll(NULL, 0, NULL, &none));
	CALL(runs);
	CALL(is_blocked());
	CALL(raise(SIGALRM));
	CALL(pselect(0, NULL, NULL, NULL, NULL, &none));
	CALL(runs);
	CALL(is_blocked());
	/* What is ready comes first, and the signal still waits. */
	CALL(pipe(p));
	CALL(write(p[1], "x", 1));
	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
	CALL(raise(SIGALRM));
	CALL(epoll_pwait(ep, &e, 1, -1, &none));
	f.fd = p[0];
	CALL(ppoll(&f, 1, NULL, &none));
	CALL(runs);
	CALL(sigprocmask(SIG_SETMASK, &none, NULL));
	CALL(runs);
	CALL(is_blocked());
	close(p[0]);
	close(p[1]);
	close(ep);
}

int main(void)
{
	waits(0);
	waits(SA_RESTART);
	reads(0);
	reads(SA_RESTART);
	masks();
	return tap_done();
}
