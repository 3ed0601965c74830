/* SPDX-License-Identifier: Apache-2.0 */
/* epoll: many steps in random order, with what each wait reports. */
#include "file-tap.h"

#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

enum { POLLS = 4, FILES = 12, STEPS = 8000 };

static int ep[POLLS], fd[FILES];
static char buf[8192];

/* The same numbers everywhere. */
static unsigned pick(unsigned n)
{
	static uint64_t state = 4711;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(state >> 33) % n;
}

static uint32_t some_events(void)
{
	static const uint32_t of[] = {EPOLLIN, EPOLLIN, EPOLLOUT,
		EPOLLIN | EPOLLOUT, EPOLLRDHUP, EPOLLIN | EPOLLRDHUP, 0,
		EPOLLRDNORM, EPOLLIN | EPOLLPRI};
	uint32_t e = of[pick(9)];

	if (pick(2))
		e |= EPOLLET;
	if (!pick(4))
		e |= EPOLLONESHOT;
	if (!pick(8))
		e |= EPOLLEXCLUSIVE;
	return e;
}

static void put(unsigned i, int n)
{
	if (fd[i] >= 0)
		close(fd[i]);
	fd[i] = n;
}

/* New files in the places of two others. */
static void renew(unsigned i)
{
	static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET};
	unsigned j = (i + 1) % FILES;
	int p[2] = {-1, -1};

	switch (pick(3)) {
	case 0:
		put(i, eventfd(pick(2), EFD_NONBLOCK));
		break;
	case 1:
		if (pipe2(p, O_NONBLOCK))
			break;
		put(i, p[0]);
		put(j, p[1]);
		break;
	case 2:
		if (socketpair(AF_UNIX, types[pick(2)] | SOCK_NONBLOCK, 0, p))
			break;
		put(i, p[0]);
		put(j, p[1]);
		break;
	}
}

static void say(int k, const char *what, unsigned a, unsigned b, long r)
{
	if (r < 0)
		printf("# %d %s %u %u: %s\n", k, what, a, b, strerror(errno));
	else
		printf("# %d %s %u %u = %ld\n", k, what, a, b, r);
}

static int by_data(const void *a, const void *b)
{
	const struct epoll_event *x = a, *y = b;

	return (int)x->data.u32 - (int)y->data.u32;
}

/* In which order they come is nobody's promise. */
static long wait_for(unsigned i)
{
	struct epoll_event got[FILES + POLLS];
	int n = epoll_wait(ep[i], got, FILES + POLLS, 0);

	if (n > 1)
		qsort(got, n, sizeof(got[0]), by_data);
	for (int k = 0; k < n; k++)
		printf("#   %u %x\n", got[k].data.u32, got[k].events);
	return n;
}

/* All that is there, so that it does not matter how it is kept. */
static long drain(int f)
{
	long r, all = 0;

	while ((r = read(f, buf, sizeof(buf))) > 0)
		all += r;
	return r < 0 && !all ? r : all;
}

static void step(int k)
{
	unsigned i = pick(FILES), p = pick(POLLS), q = pick(POLLS);
	struct epoll_event e = {.events = some_events(), .data.u32 = i};
	uint64_t one = 1;

	switch (pick(16)) {
	case 0:
		if (pick(4))
			break;
		renew(i);
		say(k, "renew", i, 0, 0);
		break;
	case 1:
	case 2:
	case 3:
		say(k, "add", p, i, epoll_ctl(ep[p], EPOLL_CTL_ADD, fd[i], &e));
		break;
	case 4:
	case 5:
		say(k, "mod", p, i, epoll_ctl(ep[p], EPOLL_CTL_MOD, fd[i], &e));
		break;
	case 6:
		if (pick(3))
			break;
		say(k, "del", p, i, epoll_ctl(ep[p], EPOLL_CTL_DEL, fd[i], &e));
		break;
	case 7:
	case 8:
	case 9:
		say(k, "write", i, 0, write(fd[i], &one, 8));
		break;
	case 10:
	case 11:
		say(k, "read", i, 0, drain(fd[i]));
		break;
	case 12:
	case 13:
	case 14:
		say(k, "wait", p, 0, wait_for(p));
		break;
	case 15:
		if (pick(3) == 0) {
			say(k, "shutdown", i, 0, shutdown(fd[i], pick(3)));
		} else if (p < q) {
			e.data.u32 = 100 + q;
			e.events |= EPOLLIN;
			say(k, "nest", p, q,
				epoll_ctl(ep[p],
					pick(2) ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
					ep[q], &e));
		}
		break;
	}
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < FILES; i++)
		fd[i] = -1;
	for (int i = 0; i < POLLS; i++)
		ep[i] = epoll_create1(0);
	for (unsigned i = 0; i < FILES; i++)
		renew(i);
	for (int k = 0; k < STEPS; k++)
		step(k);
	tap_check("all steps were made", 1);
	return tap_done();
}
