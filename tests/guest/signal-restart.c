/* SPDX-License-Identifier: Apache-2.0 */
/* Which calls are made again after a handler, and which end with EINTR. */
/* guest: status 0 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>

#include <sys/select.h>
#include <sys/socket.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>

#include "file-tap.h"

/* Every few ms comes a signal; from the third on, what a call waits for that
 * is made again is made ready. Others would wait for ever but for signals. */
enum { READY_AT = 3, TICK_US = 5000 };

static volatile sig_atomic_t ticks;
static int in, out, event, timer, ep, locked, locks;
static uint32_t word;
static void (*volatile make_ready)(void);

static void tick(int sig)
{
	int e = errno;

	(void)sig;
	if (++ticks >= READY_AT && make_ready)
		make_ready();
	errno = e;
}

static void ticking(int on)
{
	long us = on ? TICK_US : 0;
	struct itimerval t = {{0, us}, {0, us}};

	setitimer(ITIMER_REAL, &t, NULL);
}

static void put_byte(void)
{
	if (write(out, "x", 1) != 1)
		_exit(9);
}

static int can_read(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void take_bytes(void)
{
	static char b[65536];

	if (can_read(in) && read(in, b, sizeof(b)) < 0)
		_exit(9);
}

static void put_event(void)
{
	uint64_t one = 1;

	if (write(event, &one, sizeof(one)) < 0)
		_exit(9);
}

static void take_event(void)
{
	uint64_t v;

	if (can_read(event) && read(event, &v, sizeof(v)) < 0)
		_exit(9);
}

static void change_word(void)
{
	word = 1;
}

static void unlock(void)
{
	struct flock l = {.l_type = F_UNLCK, .l_whence = SEEK_SET};

	flock(locked, LOCK_UN);
	fcntl(locked, F_OFD_SETLK, &l);
}

static char buf[65536];

static long read_pipe(void)
{
	return read(in, buf, 10);
}

static long readv_pipe(void)
{
	struct iovec v = {buf, 10};

	return readv(in, &v, 1);
}

static long write_pipe(void)
{
	fcntl(out, F_SETFL, O_NONBLOCK);
	while (write(out, buf, 4096) > 0)
		;
	fcntl(out, F_SETFL, 0);
	return write(out, buf, 5);
}

static long read_event(void)
{
	uint64_t v;

	return read(event, &v, sizeof(v));
}

static long write_event(void)
{
	uint64_t v = UINT64_MAX - 1;

	if (write(event, &v, sizeof(v)) < 0)
		return -2;
	v = 1;
	return write(event, &v, sizeof(v));
}

static long read_timerfd(void)
{
	uint64_t v;

	return read(timer, &v, sizeof(v));
}

static void fire_timer(void)
{
	struct itimerspec t = {{0, 0}, {0, 1}};

	timerfd_settime(timer, 0, &t, NULL);
}

static int pair[2], server;

static long receive(void)
{
	return recv(pair[0], buf, 10, 0);
}

static long receive_timed(void)
{
	struct timeval t = {100, 0};

	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	return recv(pair[0], buf, 10, 0);
}

static void send_byte(void)
{
	if (send(pair[1], "x", 1, 0) != 1)
		_exit(9);
}

static long send_full(void)
{
	while (send(pair[0], buf, 4096, MSG_DONTWAIT) > 0)
		;
	return send(pair[0], buf, 1, 0);
}

static void receive_all(void)
{
	static char b[65536];

	while (recv(pair[1], b, sizeof(b), MSG_DONTWAIT) > 0)
		;
}

static void listen_at(struct sockaddr_in *a)
{
	socklen_t len = sizeof(*a);

	*a = (struct sockaddr_in){.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	server = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(server, (struct sockaddr *)a, len) || listen(server, 5) ||
		getsockname(server, (struct sockaddr *)a, &len))
		_exit(9);
}

static struct sockaddr_in address;
static int client;

static void connect_to(void)
{
	if (client >= 0)
		return;
	client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	connect(client, (struct sockaddr *)&address, sizeof(address));
}

static long accept_one(void)
{
	int fd;

	client = -1;
	listen_at(&address);
	fd = accept(server, NULL, NULL);
	close(server);
	if (client >= 0)
		close(client);
	if (fd < 0)
		return -1;
	close(fd);
	return 1;
}

static long lock_flock(void)
{
	flock(locked, LOCK_EX);
	return flock(locks, LOCK_EX);
}

static long lock_record(void)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct flock m = l;

	fcntl(locked, F_OFD_SETLK, &l);
	return fcntl(locks, F_OFD_SETLKW, &m);
}

static long wait_futex(void)
{
	word = 0;
	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static long wait_futex_timeout(void)
{
	struct timespec t = {100, 0};

	word = 0;
	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &t, NULL, 0);
}

static long poll_pipe(void)
{
	struct pollfd p = {.fd = in, .events = POLLIN};

	return poll(&p, 1, 100000);
}

static long poll_ever(void)
{
	struct pollfd p = {.fd = in, .events = POLLIN};

	return poll(&p, 1, -1);
}

static long ppoll_pipe(void)
{
	struct pollfd p = {.fd = in, .events = POLLIN};
	struct timespec t = {100, 0};

	return ppoll(&p, 1, &t, NULL);
}

static long select_pipe(void)
{
	struct timeval t = {100, 0};
	fd_set s;

	FD_ZERO(&s);
	FD_SET(in, &s);
	return select(in + 1, &s, NULL, NULL, &t);
}

static long pselect_pipe(void)
{
	fd_set s;

	FD_ZERO(&s);
	FD_SET(in, &s);
	return pselect(in + 1, &s, NULL, NULL, NULL, NULL);
}

static long epoll(void)
{
	struct epoll_event e;

	return epoll_wait(ep, &e, 1, 100000);
}

static long epoll_masked(void)
{
	struct epoll_event e;
	sigset_t s;

	sigemptyset(&s);
	return epoll_pwait(ep, &e, 1, -1, &s);
}

static struct timespec rest;

static long sleep_relative(void)
{
	struct timespec t = {100, 0};

	rest.tv_sec = 0;
	return nanosleep(&t, &rest);
}

static long sleep_clock(void)
{
	struct timespec t = {100, 0};
	int err = clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &rest);

	errno = err;
	return err ? -1 : 0;
}

static long sleep_absolute(void)
{
	struct timespec t;
	int err;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += 100;
	err = clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL);
	errno = err;
	return err ? -1 : 0;
}

static long wait_signal(void)
{
	struct timespec t = {100, 0};
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, SIGUSR2);
	/* The C library would ask again. */
	return syscall(SYS_rt_sigtimedwait, &s, NULL, &t, 8);
}

static long suspend(void)
{
	sigset_t s;

	sigemptyset(&s);
	return sigsuspend(&s);
}

static long read_signalfd(void)
{
	struct signalfd_siginfo r;
	sigset_t s;
	long n;
	int fd;

	sigemptyset(&s);
	sigaddset(&s, SIGUSR2);
	sigprocmask(SIG_BLOCK, &s, NULL);
	fd = signalfd(-1, &s, 0);
	n = read(fd, &r, sizeof(r));
	close(fd);
	return n;
}

static void send_usr2(void)
{
	kill(getpid(), SIGUSR2);
}

static const struct call {
	const char *name;
	long (*call)(void);
	void (*ready)(void); /* NULL: it is never made again */
} calls[] = {
	{"read of a pipe", read_pipe, put_byte},
	{"readv of a pipe", readv_pipe, put_byte},
	{"write to a full pipe", write_pipe, take_bytes},
	{"read of an eventfd", read_event, put_event},
	{"write to an eventfd", write_event, take_event},
	{"read of a timerfd", read_timerfd, fire_timer},
	{"read of a signalfd", read_signalfd, send_usr2},
	{"recv", receive, send_byte},
	{"recv with a timeout", receive_timed, NULL},
	{"send", send_full, receive_all},
	{"accept", accept_one, connect_to},
	{"flock", lock_flock, unlock},
	{"fcntl F_OFD_SETLKW", lock_record, unlock},
	{"futex", wait_futex, change_word},
	{"futex with a timeout", wait_futex_timeout, NULL},
	{"poll", poll_pipe, NULL},
	{"poll without a timeout", poll_ever, NULL},
	{"ppoll", ppoll_pipe, NULL},
	{"select", select_pipe, NULL},
	{"pselect", pselect_pipe, NULL},
	{"epoll_wait", epoll, NULL},
	{"epoll_pwait", epoll_masked, NULL},
	{"nanosleep", sleep_relative, NULL},
	{"clock_nanosleep", sleep_clock, NULL},
	{"clock_nanosleep to a time", sleep_absolute, NULL},
	{"sigtimedwait", wait_signal, NULL},
	{"sigsuspend", suspend, NULL},
	{"pause", (long (*)(void))pause, NULL},
};

static void try_one(const struct call *c, int flags)
{
	struct sigaction a = {.sa_handler = tick, .sa_flags = flags};
	struct epoll_event e = {.events = EPOLLIN};
	char name[100];
	int p[2];

	if (pipe(p))
		_exit(9);
	in = p[0];
	out = p[1];
	event = eventfd(0, 0);
	timer = timerfd_create(CLOCK_MONOTONIC, 0);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		_exit(9);
	ep = epoll_create1(0);
	epoll_ctl(ep, EPOLL_CTL_ADD, in, &e);
	locked = open("lock", O_CREAT | O_RDWR, 0600);
	locks = open("lock", O_RDWR);
	ticks = 0;
	make_ready = flags ? c->ready : NULL;
	snprintf(name, sizeof(name), "%s, %s", c->name,
		flags ? "SA_RESTART" : "no flag");
	sigaction(SIGALRM, &a, NULL);
	ticking(1);
	tap_result(name, c->call());
	ticking(0);
	CHECK(ticks >= (make_ready ? READY_AT : 1));
	close(in);
	close(out);
	close(event);
	close(timer);
	close(pair[0]);
	close(pair[1]);
	close(ep);
	close(locked);
	close(locks);
}

int main(void)
{
	sigset_t s;

	setvbuf(stdout, NULL, _IONBF, 0);
	tap_enter("restart");
	sigemptyset(&s);
	sigaddset(&s, SIGUSR2);
	sigprocmask(SIG_BLOCK, &s, NULL);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct timespec none = {0, 0};

		try_one(&calls[i], 0);
		sigtimedwait(&s, NULL, &none);
		try_one(&calls[i], SA_RESTART);
		sigtimedwait(&s, NULL, &none);
	}
	CHECK(rest.tv_sec >= 90 && rest.tv_sec < 100);
	return tap_done();
}
