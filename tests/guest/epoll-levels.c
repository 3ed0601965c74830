/* SPDX-License-Identifier: Apache-2.0 */
/* epoll: errors, level, edge, oneshot, what closing does. */
#include "file-tap.h"

#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>

static struct epoll_event got[64];

static int ctl(int ep, int op, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event e = {.events = events, .data.u64 = data};

	return epoll_ctl(ep, op, fd, &e);
}

static int by_data(const void *a, const void *b)
{
	const struct epoll_event *x = a, *y = b;

	return (int)x->data.u64 - (int)y->data.u64;
}

/* What a wait reports at once; in which order is nobody's promise. */
static int wait_show(int ep, int max)
{
	int n = epoll_wait(ep, got, max, 0);

	if (n > 1)
		qsort(got, n, sizeof(got[0]), by_data);
	for (int i = 0; i < n; i++)
		printf("# %llu: %x\n", (unsigned long long)got[i].data.u64,
			got[i].events);
	return n;
}

static void errors(void)
{
	struct epoll_event e = {.events = EPOLLIN};
	int ep, p[2], null;

	CALL(epoll_create(0));
	CALL(epoll_create(-1));
	CALL(epoll_create1(1));
	OPEN(ep = epoll_create(1));
	CALL(close(ep));
	OPEN(ep = epoll_create1(EPOLL_CLOEXEC));
	CALL(fcntl(ep, F_GETFD));
	CALL(fcntl(ep, F_GETFL));
	CALL(pipe(p));
	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, 999, &e));
	CALL(epoll_ctl(999, EPOLL_CTL_ADD, p[0], &e));
	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &e));
	CALL(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &e));
	CALL(epoll_ctl(ep, 77, p[0], &e));
	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], (void *)16));
	CALL(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
	CALL(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
	CALL(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
	CALL(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], (void *)16));
	CALL(epoll_wait(ep, got, 0, 0));
	CALL(epoll_wait(ep, got, -1, 0));
	CALL(epoll_wait(ep, got, INT32_MAX, 0));
	CALL(epoll_wait(999, got, 1, 0));
	CALL(epoll_wait(p[0], got, 1, 0));
	CALL(ctl(ep, EPOLL_CTL_ADD, p[1], EPOLLOUT, 1));
	CALL(epoll_wait(ep, (void *)16, 1, 0));
	CALL(ctl(ep, EPOLL_CTL_MOD, p[1], EPOLLOUT | EPOLLONESHOT, 1));
	CALL(epoll_wait(ep, (void *)16, 1, 0));
	CALL(wait_show(ep, 1));
	CALL(wait_show(ep, 1));
	OPEN(null = open("file", O_RDWR | O_CREAT, 0600));
	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, null, &e));
	CALL(epoll_ctl(ep, EPOLL_CTL_MOD, null, &e));
	CALL(close(null));
	OPEN(null = open(".", O_RDONLY));
	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, null, &e));
	CALL(close(null));
	OPEN(null = open("/dev/null", O_RDWR));
	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, null, &e));
	CALL(close(null));
	OPEN(null = open("file", O_PATH));
	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, null, &e));
	CALL(close(null));
	CALL(read(ep, got, 100));
	CALL(write(ep, got, 100));
	CALL(lseek(ep, 5, SEEK_SET));
	CALL(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLEXCLUSIVE, 0));
	CALL(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN, 0));
	CALL(ctl(ep, EPOLL_CTL_MOD, p[1], EPOLLOUT | EPOLLEXCLUSIVE, 0));
	CALL(ctl(ep, EPOLL_CTL_DEL, p[0], 0, 0));
	CALL(ctl(ep, EPOLL_CTL_ADD, p[0],
		EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 0));
	CALL(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLRDHUP,
		0));
	CALL(close(p[0]));
	CALL(close(p[1]));
	CALL(close(ep));
}

static void levels(void)
{
	int ep = epoll_create1(0), p[2];
	char c[8];

	CALL(pipe(p));
	CALL(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
	CALL(ctl(ep, EPOLL_CTL_ADD, p[1], EPOLLOUT, 2));
	CALL(wait_show(ep, 8));
	CALL(write(p[1], "abc", 3));
	CALL(wait_show(ep, 8));
	CALL(wait_show(ep, 8));
	CALL(ctl(ep, EPOLL_CTL_MOD, p[1], 0, 2));
	CALL(wait_show(ep, 8));
	CALL(read(p[0], c, 8));
	CALL(wait_show(ep, 8));
	CALL(ctl(ep, EPOLL_CTL_MOD, p[1], EPOLLOUT | EPOLLIN, 3));
	CALL(wait_show(ep, 8));
	CALL(close(p[0]));
	CALL(wait_show(ep, 8));
	CALL(ctl(ep, EPOLL_CTL_MOD, p[1], 0, 3));
	CALL(wait_show(ep, 8));
	CALL(close(p[1]));
	CALL(wait_show(ep, 8));
	CALL(pipe(p));
	CALL(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLRDHUP, 4));
	CALL(close(p[1]));
	CALL(wait_show(ep, 8));
	CALL(close(p[0]));
	CALL(wait_show(ep, 8));
	CALL(close(ep));
}

static void edges(void)
{
	int ep = epoll_create1(0), p[2];
	char c[8];

	CALL(pipe(p));
	CALL(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET, 1));
	CALL(write(p[1], "abc", 3));
	CALL(wait_show(ep, 8));
	CALL(wait_show(ep, 8));
	CALL(write(p[1], "d", 1));
	CALL(wait_show(ep, 8));
	CALL(read(p[0], c, 2));
	CALL(wait_show(ep, 8));
	CALL(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 2));
	CALL(wait_show(ep, 8));
	CALL(wait_show(ep, 8));
	CALL(write(p[1], "e", 1));
	CALL(read(p[0], c, 8));
	CALL(wait_show(ep, 8));
	CALL(write(p[1], "f", 1));
	CALL(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 3));
	CALL(wait_show(ep, 8));
	CALL(wait_show(ep, 8));
	CALL(write(p[1], "g", 1));
	CALL(wait_show(ep, 8));
	CALL(close(p[1]));
	CALL(wait_show(ep, 8));
	CALL(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT | EPOLLET, 4));
	CALL(wait_show(ep, 8));
	CALL(wait_show(ep, 8));
	CALL(close(p[0]));
	CALL(close(ep));
}

/* A counter: reading is an event of writers, not of readers. */
static void counters(void)
{
	int ep = epoll_create1(0), e = eventfd(0, EFD_SEMAPHORE);
	uint64_t v = 3;

	CALL(ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN | EPOLLET, 1));
	CALL(write(e, &v, 8));
	CALL(wait_show(ep, 8));
	CALL(read(e, &v, 8));
	CALL(wait_show(ep, 8));
	CALL(ctl(ep, EPOLL_CTL_MOD, e, EPOLLIN | EPOLLOUT | EPOLLET, 2));
	CALL(wait_show(ep, 8));
	CALL(wait_show(ep, 8));
	CALL(read(e, &v, 8));
	CALL(wait_show(ep, 8));
	CALL(close(e));
	CALL(close(ep));
}

/* An item lasts as long as the open file, and is known by its descriptor. */
static void duplicates(void)
{
	int ep = epoll_create1(0), p[2], d, old;

	CALL(pipe(p));
	d = dup(p[0]);
	CALL(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
	CALL(ctl(ep, EPOLL_CTL_ADD, d, EPOLLIN, 2));
	CALL(write(p[1], "x", 1));
	CALL(wait_show(ep, 8));
	old = p[0];
	CALL(close(old));
	CALL(wait_show(ep, 8));
	CALL(ctl(ep, EPOLL_CTL_DEL, old, 0, 0));
	CALL(dup2(d, old) == old);
	CALL(ctl(ep, EPOLL_CTL_ADD, old, EPOLLIN, 1));
	CALL(ctl(ep, EPOLL_CTL_DEL, old, 0, 0));
	CALL(wait_show(ep, 8));
	CALL(close(old));
	CALL(close(d));
	CALL(wait_show(ep, 8));
	CALL(close(p[1]));
	CALL(pipe(p));
	CALL(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 3));
	CALL(wait_show(ep, 8));
	CALL(close(p[1]));
	CALL(wait_show(ep, 8));
	CALL(close(p[0]));
	CALL(close(ep));
}

/* Each round begins where the last one ended. */
static void fairness(void)
{
	int ep = epoll_create1(0), e[5], seen[5] = {0};

	for (int i = 0; i < 5; i++) {
		e[i] = eventfd(1, 0);
		ctl(ep, EPOLL_CTL_ADD, e[i], EPOLLIN, i);
	}
	for (int i = 0; i < 5; i++) {
		CALL(epoll_wait(ep, got, 2, 0));
		seen[got[0].data.u64]++;
		seen[got[1].data.u64]++;
	}
	for (int i = 0; i < 5; i++)
		CALL(seen[i]);
	CALL(epoll_wait(ep, got, 64, 0));
	for (int i = 0; i < 5; i++)
		close(e[i]);
	CALL(epoll_wait(ep, got, 64, 0));
	CALL(close(ep));
}

static long ms_since(const struct timespec *a)
{
	struct timespec b;

	clock_gettime(CLOCK_MONOTONIC, &b);
	return (b.tv_sec - a->tv_sec) * 1000 +
	       (b.tv_nsec - a->tv_nsec) / 1000000;
}

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

static void limits(void)
{
	int ep = epoll_create1(0);
	struct timespec a, ts = {0, 20000000};
	sigset_t set;

	sigemptyset(&set);
	clock_gettime(CLOCK_MONOTONIC, &a);
	CALL(epoll_wait(ep, got, 1, 20));
	CHECK(ms_since(&a) >= 19);
	clock_gettime(CLOCK_MONOTONIC, &a);
	CALL(epoll_pwait(ep, got, 1, 20, &set));
	CHECK(ms_since(&a) >= 19);
	CALL(syscall(SYS_epoll_pwait, ep, got, 1, 0, &set, 4));
	CALL(syscall(SYS_epoll_pwait, ep, got, 1, 0, 16, 8));
	CALL(syscall(SYS_epoll_pwait, ep, got, 1, 0, NULL, 4));
	clock_gettime(CLOCK_MONOTONIC, &a);
	CALL(syscall(SYS_epoll_pwait2, ep, got, 1, &ts, NULL, 0));
	CHECK(ms_since(&a) >= 19);
	ts.tv_nsec = 0;
	CALL(syscall(SYS_epoll_pwait2, ep, got, 1, &ts, &set, 8));
	ts.tv_nsec = -1;
	CALL(syscall(SYS_epoll_pwait2, ep, got, 1, &ts, &set, 8));
	CALL(syscall(SYS_epoll_pwait2, ep, got, 1, 16, &set, 8));
	CALL(close(ep));
}

int main(void)
{
	tap_enter("epoll-levels");
	errors();
	levels();
	edges();
	counters();
	duplicates();
	fairness();
	limits();
	return tap_done();
}
