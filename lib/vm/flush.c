/* SPDX-License-Identifier: Apache-2.0 */
/* The program has ended: what it sent gets the time to arrive. */
#include "vm/flush.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { FLUSH_MS = 2000, LOOK_MS = 20 };

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t end_of_flush(const struct session *s)
{
	int64_t end = now_ms() + FLUSH_MS;

	if (s->draining && end < s->drain_ms + s->plan->drain_ms)
		end = s->drain_ms + s->plan->drain_ms;
	if (s->deadline_ms && end > s->deadline_ms)
		end = s->deadline_ms;
	return end;
}

/* 1: a signal says that it is enough. */
static int is_ended(struct session *s)
{
	struct signalfd_siginfo si;
	int ended = 0;

	while (read(s->signals, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			machine_reap(&s->m);
		else if (si.ssi_signo != SIGWINCH)
			ended = 1;
	}
	return ended || !s->m.pid;
}

void flush_peers(struct session *s)
{
	struct pollfd p[2] = {
		{.fd = s->signals, .events = POLLIN},
		{.fd = forward_fd(s->forward), .events = POLLIN},
	};
	int64_t end = end_of_flush(s);

	forward_drain(s->forward);
	while (!is_ended(s) && now_ms() < end &&
		forward_unsent(s->forward, s->m.pid)) {
		if (poll(p, 2, LOOK_MS) > 0 && p[1].revents)
			forward_work(s->forward);
	}
}
