/* SPDX-License-Identifier: Apache-2.0 */
/* Cancelling threads: in calls that wait, and never with a result lost. */
/* guest: status 0 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>

#include "file-tap.h"

static int in, out, ep, pair[2];
static sem_t started, never;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_t other;
static volatile int cleaned, destroyed;
static pthread_key_t key;

static void cleanup(void *arg)
{
	cleaned += (int)(intptr_t)arg;
}

static void destroy(void *value)
{
	destroyed += (int)(intptr_t)value;
}

static void in_read(void)
{
	char c;

	(void)!read(in, &c, 1);
}

static void in_pause(void)
{
	pause();
}

static void in_sleep(void)
{
	sleep(1000);
}

static void in_sem(void)
{
	sem_wait(&never);
}

static void unlock(void *arg)
{
	pthread_mutex_unlock(arg);
}

static void in_cond(void)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, &mutex);
	pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(1);
}

static void in_cond_timed(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += 1000;
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, &mutex);
	pthread_cond_timedwait(&cond, &mutex, &t);
	pthread_cleanup_pop(1);
}

static void in_poll(void)
{
	struct pollfd p = {.fd = in, .events = POLLIN};

	poll(&p, 1, -1);
}

static void in_select(void)
{
	fd_set s;

	FD_ZERO(&s);
	FD_SET(in, &s);
	select(in + 1, &s, NULL, NULL, NULL);
}

static void in_epoll(void)
{
	struct epoll_event e;

	epoll_wait(ep, &e, 1, -1);
}

static void in_recv(void)
{
	char c;

	recv(pair[0], &c, 1, 0);
}

static void in_sigwait(void)
{
	sigset_t s;
	siginfo_t i;

	sigemptyset(&s);
	sigaddset(&s, SIGUSR2);
	sigwaitinfo(&s, &i);
}

static void in_suspend(void)
{
	sigset_t s;

	sigemptyset(&s);
	sigsuspend(&s);
}

static void in_join(void)
{
	pthread_join(other, NULL);
}

static void in_write(void)
{
	static char b[65536];

	for (;;)
		(void)!write(pair[0], b, sizeof(b));
}

static void in_testcancel(void)
{
	for (;;)
		pthread_testcancel();
}

static void in_loop(void)
{
	volatile int v = 0;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	for (;;)
		v++;
}

static const struct place {
	const char *name;
	void (*wait)(void);
} places[] = {
	{"read", in_read},
	{"pause", in_pause},
	{"sleep", in_sleep},
	{"sem_wait", in_sem},
	{"pthread_cond_wait", in_cond},
	{"pthread_cond_timedwait", in_cond_timed},
	{"poll", in_poll},
	{"select", in_select},
	{"epoll_wait", in_epoll},
	{"recv", in_recv},
	{"sigwaitinfo", in_sigwait},
	{"sigsuspend", in_suspend},
	{"pthread_join", in_join},
	{"write", in_write},
	{"pthread_testcancel", in_testcancel},
	{"a loop, asynchronously", in_loop},
};

static void *start(void *arg)
{
	const struct place *p = arg;

	pthread_setspecific(key, (void *)100);
	pthread_cleanup_push(cleanup, (void *)1);
	pthread_cleanup_push(cleanup, (void *)10);
	sem_post(&started);
	p->wait();
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return NULL;
}

static void spin(unsigned n)
{
	for (volatile unsigned i = 0; i < n; i++)
		;
}

/* At once, and when it surely waits. */
static void cancel_in(const struct place *p)
{
	struct timespec t = {0, 3000000};
	pthread_t thread;
	void *result;
	int good = 1;

	for (int i = 0; i < 2; i++) {
		cleaned = destroyed = 0;
		pthread_create(&thread, NULL, start, (void *)(uintptr_t)p);
		sem_wait(&started);
		if (i)
			nanosleep(&t, NULL);
		pthread_cancel(thread);
		pthread_join(thread, &result);
		good &= result == PTHREAD_CANCELED && cleaned == 11 &&
			destroyed == 100;
	}
	tap_check(p->name, good);
}

static volatile unsigned taken;

/* Each byte that was read is counted before the next may be cancelled. */
static void *take(void *arg)
{
	char c;

	(void)arg;
	sem_post(&started);
	while (read(in, &c, 1) == 1)
		taken++;
	return NULL;
}

static void nothing_lost(void)
{
	static const char bytes[200];
	char rest[400];
	int lost = 0;

	for (unsigned i = 0; i < 150; i++) {
		struct pollfd p = {.fd = in, .events = POLLIN};
		pthread_t thread;
		long left = 0;

		taken = 0;
		pthread_create(&thread, NULL, take, NULL);
		sem_wait(&started);
		(void)!write(out, bytes, sizeof(bytes) / 2);
		spin(i * 97 % 3000);
		(void)!write(out, bytes, sizeof(bytes) / 2);
		spin(i * 131 % 5000);
		pthread_cancel(thread);
		pthread_join(thread, NULL);
		if (poll(&p, 1, 0) == 1)
			left = read(in, rest, sizeof(rest));
		lost += taken + left != sizeof(bytes);
	}
	CHECK(lost == 0);
}

/* Cancelled at any place on the way into a call that would not return. */
static void on_the_way(void)
{
	static const struct place read_place = {"read", in_read};
	int good = 1;

	for (unsigned i = 0; i < 400; i++) {
		pthread_t thread;
		void *result;

		pthread_create(
			&thread, NULL, start, (void *)(uintptr_t)&read_place);
		spin(i * 61 % 4001);
		pthread_cancel(thread);
		pthread_join(thread, &result);
		good &= result == PTHREAD_CANCELED;
	}
	CHECK(good);
}

static void *disabled(void *arg)
{
	struct timespec t = {0, 1000000};
	int old;

	(void)arg;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	sem_post(&started);
	sem_wait(&never); /* is posted after the cancellation */
	nanosleep(&t, NULL);
	pthread_testcancel();
	cleaned = 5;
	pthread_setcancelstate(old, NULL);
	pthread_testcancel();
	return NULL;
}

static void states(void)
{
	pthread_t thread;
	void *result;

	cleaned = 0;
	pthread_create(&thread, NULL, disabled, NULL);
	sem_wait(&started);
	CHECK(!pthread_cancel(thread));
	sem_post(&never);
	CHECK(!pthread_join(thread, &result));
	CHECK(result == PTHREAD_CANCELED && cleaned == 5);
}

static void *forever(void *arg)
{
	in_pause();
	return arg;
}

int main(void)
{
	struct epoll_event e = {.events = EPOLLIN};
	sigset_t s;
	int p[2];

	setvbuf(stdout, NULL, _IONBF, 0);
	sem_init(&started, 0, 0);
	sem_init(&never, 0, 0);
	pthread_key_create(&key, destroy);
	if (pipe(p) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 9;
	in = p[0];
	out = p[1];
	ep = epoll_create1(0);
	epoll_ctl(ep, EPOLL_CTL_ADD, in, &e);
	sigemptyset(&s);
	sigaddset(&s, SIGUSR2);
	sigprocmask(SIG_BLOCK, &s, NULL);
	pthread_create(&other, NULL, forever, NULL);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		cancel_in(&places[i]);
	CHECK(!pthread_cancel(other) && !pthread_join(other, NULL));
	nothing_lost();
	on_the_way();
	sem_destroy(&never);
	sem_init(&never, 0, 0);
	states();
	return tap_done();
}
