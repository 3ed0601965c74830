/* SPDX-License-Identifier: Apache-2.0 */
/* AF_UNIX: many steps in random order, with the answer of each. */
#include "unix-tap.h"

#include <stdint.h>

enum { SLOTS = 10, NAMES = 5, STEPS = 6000, WAITING_MAX = 8 };

static int fd[SLOTS];
static int sent_to[SLOTS]; /* messages that may wait there */
static char pattern[64], buf[64];

/* The same numbers everywhere. */
static unsigned pick(unsigned n)
{
	static uint64_t state = 12345;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(state >> 33) % n;
}

static const char *name(unsigned i)
{
	static char s[32];

	snprintf(s, sizeof(s), i % 2 ? "@slipway-random-%u" : "name%u", i);
	return s;
}

static int type_of(unsigned i)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};

	return types[i % 3];
}

static void say(int step, const char *what, unsigned slot, long r)
{
	unsigned sum = 0;

	for (long i = 0; i < r && i < (long)sizeof(buf); i++)
		sum = sum * 31 + (unsigned char)buf[i];
	if (r < 0)
		printf("# %d %s %u: %s\n", step, what, slot, strerror(errno));
	else
		printf("# %d %s %u = %ld %x\n", step, what, slot, r, sum);
	memset(buf, 0, sizeof(buf));
}

static int is_open(int r, unsigned slot)
{
	if (r < 0)
		return r;
	if (fd[slot] >= 0)
		close(fd[slot]);
	fd[slot] = r;
	sent_to[slot] = 0;
	return 0;
}

/* How much waits nobody knows exactly, so nobody gets much. */
static int may_send(void)
{
	int n = 0;

	for (int i = 0; i < SLOTS; i++)
		n = sent_to[i] > n ? sent_to[i] : n;
	return n < WAITING_MAX;
}

static void count_sent(long r)
{
	for (int i = 0; r >= 0 && i < SLOTS; i++)
		sent_to[i]++;
}

static long receive(unsigned s, int flags)
{
	struct sockaddr_un a;
	socklen_t n = sizeof(a);
	long r = recvfrom(
		fd[s], buf, 1 + pick(40), flags | MSG_DONTWAIT, (void *)&a, &n);

	if (r >= 0 && n > 0)
		unix_show(&a, n);
	return r;
}

static void drain(void)
{
	for (int i = 0; i < SLOTS; i++) {
		while (recv(fd[i], buf, sizeof(buf), MSG_DONTWAIT) > 0)
			;
		sent_to[i] = 0;
	}
	memset(buf, 0, sizeof(buf));
}

static void step(int k)
{
	unsigned s = pick(SLOTS), t = pick(SLOTS), n = pick(NAMES);
	int p[2];
	long r;

	switch (pick(20)) {
	case 0:
		r = socket(AF_UNIX, type_of(pick(3)) | SOCK_NONBLOCK, 0);
		say(k, "socket", s, is_open((int)r, s));
		break;
	case 1:
		r = socketpair(AF_UNIX, type_of(pick(3)) | SOCK_NONBLOCK, 0, p);
		if (!r) {
			is_open(p[0], s);
			is_open(p[1], (s + 1) % SLOTS);
		}
		say(k, "pair", s, r);
		break;
	case 2:
	case 3:
		say(k, "bind", s, unix_bind(fd[s], name(n)));
		break;
	case 4:
		say(k, "listen", s, listen(fd[s], (int)pick(3)));
		break;
	case 5:
	case 6:
	case 7:
		say(k, "connect", s, unix_connect(fd[s], name(n)));
		break;
	case 8:
	case 9:
		if (s == t)
			break;
		r = accept4(fd[s], NULL, NULL, SOCK_NONBLOCK);
		say(k, "accept", s, is_open((int)r, t));
		break;
	case 10:
	case 11:
		if (!may_send())
			drain();
		r = send(fd[s], pattern + pick(20), 1 + pick(40),
			MSG_NOSIGNAL | MSG_DONTWAIT);
		count_sent(r);
		say(k, "send", s, r);
		break;
	case 12:
		if (!may_send())
			drain();
		r = unix_send(fd[s], "hello", name(n));
		count_sent(r);
		say(k, "sendto", s, r);
		break;
	case 13:
	case 14:
		say(k, "recv", s, receive(s, 0));
		break;
	case 15:
		say(k, "peek", s,
			receive(s, MSG_PEEK | (pick(2) ? MSG_TRUNC : 0)));
		break;
	case 16:
		say(k, "ready", s, unix_ready(fd[s]));
		break;
	case 17:
		/* Kernels differ about datagrams that are shut. */
		if (pick(3) || unix_option(fd[s], SO_TYPE) == SOCK_DGRAM)
			break;
		say(k, "shutdown", s, shutdown(fd[s], (int)pick(3)));
		break;
	case 18:
		say(k, "name", s, unix_name(fd[s], (int)pick(2)));
		break;
	case 19:
		if (n % 2 == 0)
			say(k, "unlink", s, unlink(name(n)));
		else
			say(k, "error", s, unix_option(fd[s], SO_ERROR));
		break;
	}
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	tap_enter("unix-random");
	for (unsigned i = 0; i < sizeof(pattern); i++)
		pattern[i] = (char)('a' + i % 26);
	for (unsigned i = 0; i < SLOTS; i++)
		fd[i] = socket(AF_UNIX, type_of(i) | SOCK_NONBLOCK, 0);
	for (int k = 0; k < STEPS; k++)
		step(k);
	tap_check("all steps were made", 1);
	return tap_done();
}
