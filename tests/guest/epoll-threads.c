/* SPDX-License-Identifier: Apache-2.0 */
/* guest: cflags -pthread */
/* epoll in several threads: each event is taken once, nobody sleeps on. */
#include "file-tap.h"

#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

enum { THREADS = 6, EVENTS = 3000, STOP = 1000000 };

static int ep, taken[THREADS], errors, pipes[2][2];

static void add(int to, int fd, uint32_t events, uint32_t data)
{
	struct epoll_event e = {.events = events, .data.u32 = data};

	errors += epoll_ctl(to, EPOLL_CTL_ADD, fd, &e) != 0;
}

static void start(pthread_t *t, void *(*fn)(void *), int n)
{
	for (int i = 0; i < n; i++)
		errors += pthread_create(&t[i], NULL, fn, (void *)(long)i) != 0;
}

static void join(const pthread_t *t, int n)
{
	for (int i = 0; i < n; i++)
		errors += pthread_join(t[i], NULL) != 0;
}

/* Takes tokens one at a time until it gets the one that ends it. */
static void *oneshot(void *arg)
{
	struct epoll_event e;
	uint64_t v;

	for (;;) {
		if (epoll_wait(ep, &e, 1, -1) != 1)
			break;
		if (e.data.u32 == STOP)
			break;
		if (read((int)e.data.u32, &v, 8) != 8)
			__atomic_add_fetch(&errors, 1, __ATOMIC_RELAXED);
		taken[(long)arg]++;
		e.events = EPOLLIN | EPOLLONESHOT | EPOLLET;
		if (epoll_ctl(ep, EPOLL_CTL_MOD, (int)e.data.u32, &e))
			__atomic_add_fetch(&errors, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static int sum(void)
{
	int n = 0;

	for (int i = 0; i < THREADS; i++)
		n += taken[i];
	return n;
}

static void await(int n)
{
	for (int i = 0; i < 20000 && sum() < n; i++)
		poll(NULL, 0, 1);
}

static void oneshots(void)
{
	int s = eventfd(0, EFD_SEMAPHORE), stop = eventfd(0, 0);
	pthread_t t[THREADS];
	uint64_t v = 1;

	ep = epoll_create1(0);
	add(ep, s, EPOLLIN | EPOLLONESHOT | EPOLLET, s);
	start(t, oneshot, THREADS);
	for (int i = 0; i < EVENTS; i++)
		errors += write(s, &v, 8) != 8;
	await(EVENTS);
	CALL(sum());
	/* One level for all: each that wakes passes it on. */
	add(ep, stop, EPOLLIN, STOP);
	errors += write(stop, &v, 8) != 8;
	join(t, THREADS);
	CALL(errors);
	close(s);
	close(stop);
	close(ep);
}

/* A token is written by each who gets one, so that there is always one. */
static void *ring(void *arg)
{
	int me = (int)(long)arg % 2;
	struct epoll_event e;
	char c;

	while (epoll_wait(ep, &e, 1, -1) == 1 && e.data.u32 != STOP) {
		if (read(pipes[e.data.u32][0], &c, 1) != 1)
			continue; /* another one was first */
		if (__atomic_add_fetch(&taken[0], 1, __ATOMIC_RELAXED) <
			EVENTS) {
			if (write(pipes[me][1], &c, 1) != 1)
				__atomic_add_fetch(
					&errors, 1, __ATOMIC_RELAXED);
		}
	}
	return NULL;
}

static void rings(void)
{
	int stop = eventfd(0, 0);
	pthread_t t[THREADS];
	uint64_t v = 1;

	memset(taken, 0, sizeof(taken));
	ep = epoll_create1(0);
	for (int i = 0; i < 2; i++) {
		errors += pipe2(pipes[i], O_NONBLOCK) != 0;
		add(ep, pipes[i][0], EPOLLIN, i);
	}
	start(t, ring, THREADS);
	errors += write(pipes[0][1], "x", 1) != 1;
	await(EVENTS);
	CALL(sum());
	add(ep, stop, EPOLLIN, STOP);
	errors += write(stop, &v, 8) != 8;
	join(t, THREADS);
	CALL(errors);
	close(stop);
	close(ep);
}

static int shared_pipe[2], own_ep[THREADS];

/* Of all epoll files one at least learns of each byte. */
static void *exclusive(void *arg)
{
	struct epoll_event e;
	char c;

	for (;;) {
		if (epoll_wait(own_ep[(long)arg], &e, 1, -1) != 1)
			break;
		if (e.data.u32 == STOP)
			break;
		if (read(shared_pipe[0], &c, 1) == 1)
			__atomic_add_fetch(&taken[0], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void exclusives(void)
{
	int stop = eventfd(0, 0);
	pthread_t t[THREADS];
	uint64_t v = 1;

	memset(taken, 0, sizeof(taken));
	errors += pipe2(shared_pipe, O_NONBLOCK) != 0;
	for (int i = 0; i < THREADS; i++) {
		own_ep[i] = epoll_create1(0);
		add(own_ep[i], shared_pipe[0], EPOLLIN | EPOLLEXCLUSIVE, 1);
		add(own_ep[i], stop, EPOLLIN, STOP);
	}
	start(t, exclusive, THREADS);
	for (int i = 0; i < EVENTS; i++) {
		errors += write(shared_pipe[1], "x", 1) != 1;
		if (i % 100 == 99)
			await(i + 1);
	}
	await(EVENTS);
	CALL(taken[0]);
	errors += write(stop, &v, 8) != 8;
	join(t, THREADS);
	CALL(errors);
	for (int i = 0; i < THREADS; i++)
		close(own_ep[i]);
	close(stop);
}

static void *sleeper(void *arg)
{
	struct epoll_event e;

	return (void *)(long)(epoll_wait((int)(long)arg, &e, 1, -1) == 1);
}

static long woken_by(pthread_t t)
{
	void *r;

	pthread_join(t, &r);
	return (long)r;
}

/* What changes while a thread waits wakes it. */
static void changes(void)
{
	struct epoll_event e = {.events = EPOLLOUT};
	int inner = epoll_create1(0), p[2], s = eventfd(0, 0);
	uint64_t v = 1;
	pthread_t t;

	ep = epoll_create1(0);
	errors += pipe(p) != 0;
	pthread_create(&t, NULL, sleeper, (void *)(long)ep);
	poll(NULL, 0, 20);
	add(ep, p[1], EPOLLOUT, 1);
	CALL(woken_by(t));
	e.events = 0;
	CALL(epoll_ctl(ep, EPOLL_CTL_MOD, p[1], &e));
	pthread_create(&t, NULL, sleeper, (void *)(long)ep);
	poll(NULL, 0, 20);
	e.events = EPOLLOUT;
	CALL(epoll_ctl(ep, EPOLL_CTL_MOD, p[1], &e));
	CALL(woken_by(t));
	CALL(epoll_ctl(ep, EPOLL_CTL_DEL, p[1], &e));
	add(ep, p[0], EPOLLIN, 1);
	pthread_create(&t, NULL, sleeper, (void *)(long)ep);
	poll(NULL, 0, 20);
	CALL(close(p[1]));
	CALL(woken_by(t));
	CALL(close(p[0]));
	add(ep, inner, EPOLLIN, 1);
	add(inner, s, EPOLLIN, 1);
	pthread_create(&t, NULL, sleeper, (void *)(long)ep);
	poll(NULL, 0, 20);
	CALL(write(s, &v, 8));
	CALL(woken_by(t));
	close(s);
	close(inner);
	close(ep);
	CALL(errors);
}

int main(void)
{
	oneshots();
	rings();
	exclusives();
	changes();
	return tap_done();
}
