/* SPDX-License-Identifier: Apache-2.0 */
/* epoll files that watch each other; many items. */
#include "file-tap.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

static struct epoll_event got[4096];

static int add(int ep, int fd, unsigned events)
{
	struct epoll_event e = {.events = events, .data.fd = fd};

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

static void nested(void)
{
	int a = epoll_create1(0), b = epoll_create1(0), e = eventfd(0, 0);
	struct pollfd p = {.fd = a, .events = POLLIN | POLLOUT};
	uint64_t v = 1;

	CALL(add(a, b, EPOLLIN));
	CALL(add(b, e, EPOLLIN));
	CALL(add(b, a, EPOLLIN));
	CALL(epoll_wait(a, got, 8, 0));
	CALL(poll(&p, 1, 0));
	CALL(write(e, &v, 8));
	CALL(epoll_wait(a, got, 8, 0));
	CALL(got[0].events);
	CALL(got[0].data.fd == b);
	CALL(poll(&p, 1, -1));
	CALL(p.revents);
	CALL(epoll_wait(b, got, 8, 0));
	CALL(got[0].data.fd == e);
	CALL(read(e, &v, 8));
	CALL(epoll_wait(a, got, 8, 0));
	CALL(poll(&p, 1, 0));
	CALL(write(e, &v, 8));
	CALL(epoll_wait(a, got, 8, 0));
	CALL(close(b));
	CALL(epoll_wait(a, got, 8, 0));
	CALL(close(a));
	CALL(close(e));
}

static void edge(void)
{
	int a = epoll_create1(0), b = epoll_create1(0), e = eventfd(0, 0);
	uint64_t v = 1;

	CALL(add(a, b, EPOLLIN | EPOLLET));
	CALL(add(b, e, EPOLLIN));
	CALL(write(e, &v, 8));
	CALL(epoll_wait(a, got, 8, 0));
	CALL(epoll_wait(a, got, 8, 0));
	CALL(write(e, &v, 8));
	CALL(epoll_wait(a, got, 8, 0));
	CALL(close(e));
	CALL(epoll_wait(a, got, 8, 0));
	CALL(close(a));
	CALL(close(b));
}

/* A chain is refused at some length, and so is a ring. */
static void deep(void)
{
	int ep[16], i, err = 0;

	for (i = 0; i < 16; i++)
		ep[i] = epoll_create1(0);
	CALL(add(ep[0], ep[1], EPOLLIN));
	CALL(add(ep[1], ep[2], EPOLLIN));
	CALL(add(ep[2], ep[0], EPOLLIN));
	CALL(add(ep[2], ep[1], EPOLLIN));
	CALL(add(ep[2], ep[3], EPOLLIN));
	/* From the inside out, as every kernel counts. */
	for (i = 5; i < 15 && !err; i++)
		err = add(ep[i + 1], ep[i], EPOLLIN);
	CHECK(err && errno == ELOOP && i >= 9);
	for (i = 0; i < 16; i++)
		close(ep[i]);
}

/* Thousands, of which few are ready. */
static void many(void)
{
	enum { N = 3000 };
	static int e[N];
	struct rlimit r = {N + 100, N + 100};
	int ep = epoll_create1(0), failed = 0, n;
	uint64_t v = 1;

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max < N + 100 ? r.rlim_max : N + 100;
	setrlimit(RLIMIT_NOFILE, &r);
	for (int i = 0; i < N; i++) {
		e[i] = eventfd(0, EFD_NONBLOCK);
		failed += e[i] < 0 || add(ep, e[i], EPOLLIN);
	}
	CALL(failed);
	CALL(epoll_wait(ep, got, 4096, 0));
	for (int i = 0; i < N; i += 100)
		failed += write(e[i], &v, 8) != 8;
	CALL(epoll_wait(ep, got, 10, 0));
	CALL(epoll_wait(ep, got, 4096, 0));
	for (int i = 0; i < N; i++)
		failed += write(e[i], &v, 8) != 8;
	n = epoll_wait(ep, got, 4096, 0);
	CALL(n);
	for (int i = 0; i < N; i += 2)
		failed += epoll_ctl(ep, EPOLL_CTL_DEL, e[i], NULL) != 0;
	CALL(epoll_wait(ep, got, 4096, 0));
	for (int i = 0; i < N; i++)
		failed += read(e[i], &v, 8) != 8;
	CALL(epoll_wait(ep, got, 4096, 0));
	for (int i = 0; i < N; i++)
		failed += close(e[i]);
	CALL(failed);
	CALL(close(ep));
}

int main(void)
{
	nested();
	edge();
	deep();
	many();
	return tap_done();
}
