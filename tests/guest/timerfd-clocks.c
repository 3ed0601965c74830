/* SPDX-License-Identifier: Apache-2.0 */
/* timerfd: clocks, absolute and periodic times, overruns, readiness. */
#include "file-tap.h"

#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

#define MS 1000000L

static uint64_t now_ns(int clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static struct itimerspec spec(uint64_t value, uint64_t interval)
{
	return (struct itimerspec){
		{interval / 1000000000, interval % 1000000000},
		{value / 1000000000, value % 1000000000}};
}

static int set(int fd, int flags, uint64_t value, uint64_t interval)
{
	struct itimerspec s = spec(value, interval);

	return timerfd_settime(fd, flags, &s, NULL);
}

static void errors(void)
{
	struct itimerspec s = spec(MS, 0);
	int t, p[2];
	uint64_t v;

	CALL(timerfd_create(99, 0));
	CALL(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
	CALL(timerfd_create(CLOCK_MONOTONIC_RAW, 0));
	CALL(timerfd_create(CLOCK_MONOTONIC, 12345));
	OPEN(t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
	CALL(fcntl(t, F_GETFL));
	CALL(fcntl(t, F_GETFD));
	CALL(pipe(p));
	CALL(timerfd_settime(999, 0, &s, NULL));
	CALL(timerfd_settime(p[0], 0, &s, NULL));
	CALL(timerfd_gettime(p[0], &s));
	CALL(timerfd_gettime(999, &s));
	CALL(timerfd_gettime(t, (void *)16));
	CALL(timerfd_settime(t, 4, &s, NULL));
	CALL(timerfd_settime(t, 0, (void *)16, NULL));
	s.it_value.tv_nsec = 1000000000;
	CALL(timerfd_settime(t, 0, &s, NULL));
	s = spec(MS, 0);
	s.it_interval.tv_sec = -1;
	CALL(timerfd_settime(t, 0, &s, NULL));
	CALL(read(t, &v, 7));
	CALL(read(t, &v, 8));
	CALL(write(t, &v, 8));
	CALL(lseek(t, 0, SEEK_SET));
	CALL(close(t));
	CALL(close(p[0]));
	CALL(close(p[1]));
}

static void once(int clock)
{
	struct itimerspec s = spec(0, 0);
	struct pollfd p = {.events = POLLIN | POLLOUT};
	uint64_t v = 0, start = now_ns(CLOCK_MONOTONIC);
	int t;

	OPEN(t = timerfd_create(clock, 0));
	p.fd = t;
	CALL(poll(&p, 1, 0));
	CALL(set(t, 0, 20 * MS, 0));
	CALL(read(t, &v, 8));
	CALL(v);
	CHECK(now_ns(CLOCK_MONOTONIC) - start >= 20 * MS);
	CALL(timerfd_gettime(t, &s));
	CALL(s.it_value.tv_sec + s.it_value.tv_nsec);
	CALL(poll(&p, 1, 0));
	CALL(set(t, TFD_TIMER_ABSTIME, now_ns(clock) + 20 * MS, 0));
	CALL(poll(&p, 1, -1));
	CALL(p.revents);
	CALL(poll(&p, 1, 0));
	CALL(read(t, &v, 8));
	CALL(poll(&p, 1, 0));
	/* Long ago. */
	CALL(set(t, TFD_TIMER_ABSTIME, 1, 0));
	CALL(read(t, &v, 8));
	CALL(v);
	/* A new setting drops what was not read. */
	CALL(set(t, 0, 1, 0));
	CALL(poll(&p, 1, -1));
	CALL(set(t, 0, 3600000 * MS, 3000 * MS));
	CALL(poll(&p, 1, 0));
	CALL(timerfd_gettime(t, &s));
	CALL(s.it_interval.tv_sec);
	CALL(s.it_value.tv_sec >= 3500 && s.it_value.tv_sec < 3600);
	s = spec(0, 0);
	CALL(timerfd_settime(t, 0, &s, &s));
	CALL(s.it_interval.tv_sec);
	CALL(s.it_value.tv_sec >= 3500 && s.it_value.tv_sec < 3600);
	CALL(timerfd_gettime(t, &s));
	CALL(s.it_value.tv_sec + s.it_value.tv_nsec);
	s = spec(UINT64_MAX / 8, 0);
	s.it_value.tv_sec = INT64_MAX;
	CALL(timerfd_settime(t, 0, &s, NULL));
	CALL(timerfd_settime(t, TFD_TIMER_ABSTIME, &s, NULL));
	CALL(poll(&p, 1, 0));
	CALL(close(t));
}

/* Ticks add up while nobody reads. */
static void periodic(int clock)
{
	struct itimerspec s;
	uint64_t v = 0, start, sum = 0, early;
	int t, reads = 0;

	OPEN(t = timerfd_create(clock, 0));
	start = now_ns(clock);
	CALL(set(t, TFD_TIMER_ABSTIME, start - 50 * MS, 10 * MS));
	CALL(read(t, &v, 8));
	CHECK(v >= 6 && v < 100000);
	CALL(timerfd_gettime(t, &s));
	CALL(s.it_interval.tv_nsec);
	CHECK(s.it_value.tv_nsec <= 10 * MS);
	start = now_ns(CLOCK_MONOTONIC);
	CALL(set(t, 0, 5 * MS, 5 * MS));
	while (sum < 10) {
		if (read(t, &v, 8) != 8)
			break;
		sum += v;
		reads++;
	}
	early = sum * 5 * MS > now_ns(CLOCK_MONOTONIC) - start;
	CHECK(sum >= 10 && reads <= 10 && !early);
	CALL(close(t));
}

static void edge(void)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLET};
	int ep = epoll_create1(0), t = timerfd_create(CLOCK_MONOTONIC, 0);
	uint64_t v;

	CALL(epoll_ctl(ep, EPOLL_CTL_ADD, t, &e));
	CALL(set(t, 0, 1, 20 * MS));
	CALL(epoll_wait(ep, &e, 1, -1));
	CALL(e.events);
	/* Nobody reads, so nothing more comes. */
	CALL(epoll_wait(ep, &e, 1, 50));
	CALL(read(t, &v, 8));
	CALL(epoll_wait(ep, &e, 1, -1));
	CALL(close(t));
	CALL(epoll_wait(ep, &e, 1, 30));
	CALL(close(ep));
}

int main(void)
{
	errors();
	once(CLOCK_MONOTONIC);
	once(CLOCK_REALTIME);
	once(CLOCK_BOOTTIME);
	periodic(CLOCK_MONOTONIC);
	periodic(CLOCK_REALTIME);
	edge();
	return tap_done();
}
