/* SPDX-License-Identifier: Apache-2.0 */
/* guest: only here */
/* timerfd while CLOCK_REALTIME is set: the host's is not ours to set. */
#include "file-tap.h"

#include <poll.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>

static void move_clock(int seconds)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += seconds;
	CHECK(!clock_settime(CLOCK_REALTIME, &t));
}

int main(void)
{
	struct itimerspec s = {.it_value.tv_sec = 0};
	int at = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	int cancel = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	int after = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	struct pollfd p = {.fd = at, .events = POLLIN};
	struct timespec now;
	uint64_t v = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	s.it_value.tv_sec = 1000;
	CHECK(!timerfd_settime(after, 0, &s, NULL));
	s.it_value.tv_sec = now.tv_sec + 1000;
	CHECK(!timerfd_settime(at, TFD_TIMER_ABSTIME, &s, NULL));
	CHECK(!timerfd_settime(
		cancel, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &s, NULL));
	move_clock(10);
	CHECK(poll(&p, 1, 0) == 0);
	CHECK(read(cancel, &v, 8) == -1 && errno == ECANCELED);
	CHECK(read(cancel, &v, 8) == -1 && errno == EAGAIN);
	move_clock(2000);
	CHECK(poll(&p, 1, -1) == 1);
	CHECK(read(at, &v, 8) == 8 && v == 1);
	CHECK(read(after, &v, 8) == -1 && errno == EAGAIN);
	CHECK(!timerfd_gettime(after, &s) && s.it_value.tv_sec > 900);
	/* And back: a time that was near is far away. */
	clock_gettime(CLOCK_REALTIME, &now);
	s.it_value.tv_sec = now.tv_sec + 30;
	CHECK(!timerfd_settime(at, TFD_TIMER_ABSTIME, &s, NULL));
	move_clock(-2000);
	CHECK(poll(&p, 1, 0) == 0);
	CHECK(!timerfd_gettime(at, &s) && s.it_value.tv_sec > 1900);
	move_clock(2000);
	CHECK(poll(&p, 1, -1) == 1);
	return tap_done();
}
