/* SPDX-License-Identifier: Apache-2.0 */
/* The end of connections: lingering, what comes late, who resets first. */
#include "sock-tap.h"

#include <pthread.h>
#include <time.h>

static char buf[1 << 20];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static void set_linger(int fd, int seconds)
{
	struct linger l = {1, seconds};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

static long drain(int fd)
{
	long n = 0, r;

	while ((r = recv(fd, buf, sizeof(buf), 0)) > 0)
		n += r;
	return r ? -1 : n;
}

static void *slow_reader(void *arg)
{
	usleep(300000);
	return (void *)drain(*(int *)arg);
}

/* As much as goes without anybody reading. */
static long stuff(int fd)
{
	long n = 0, r;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while ((r = write(fd, buf, sizeof(buf))) > 0)
		n += r;
	return n;
}

static void lingers(void)
{
	pthread_t t;
	void *got;
	double start;
	int fd[2];
	long n;

	sock_pair(fd);
	set_linger(fd[0], 60);
	n = stuff(fd[0]);
	pthread_create(&t, NULL, slow_reader, &fd[1]);
	start = now();
	CALL(close(fd[0]));
	CHECK(now() - start > 0.2);
	pthread_join(t, &got);
	CHECK((long)got == n);
	close(fd[1]);
	/* Longer than it may: the rest goes on without the socket. */
	sock_pair(fd);
	set_linger(fd[0], 1);
	n = stuff(fd[0]);
	start = now();
	CALL(close(fd[0]));
	CHECK(now() - start > 0.9);
	CHECK(drain(fd[1]) == n);
	close(fd[1]);
}

static void in_the_queue(void)
{
	int l = sock_listen(5), fd = socket(AF_INET, SOCK_STREAM, 0), port;
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	sock_connect(fd, sock_port(l));
	port = sock_port(fd);
	CALL(write(fd, "ab", 2));
	set_linger(fd, 0);
	close(fd);
	usleep(100000);
	fd = OPEN(accept(l, SA(&a), &len));
	CHECK(ntohs(a.sin_port) == port);
	CALL(getpeername(fd, SA(&a), &len));
	CALL(read(fd, buf, 8));
	CALL(read(fd, buf, 8));
	close(fd);
	/* One that said all and closed. */
	fd = socket(AF_INET, SOCK_STREAM, 0);
	sock_connect(fd, sock_port(l));
	CALL(write(fd, "all", 3));
	close(fd);
	usleep(100000);
	fd = OPEN(accept(l, NULL, NULL));
	CALL(read(fd, buf, 8));
	CALL(read(fd, buf, 8));
	CALL(write(fd, "x", 1));
	sock_events(fd, POLLHUP, 5000);
	CALL(send(fd, "x", 1, MSG_NOSIGNAL));
	close(fd);
	close(l);
}

/* Connections on which nothing happened for a while are as they were. */
static void after_a_rest(void)
{
	int a[2], b[2], c[2], d[2];

	sock_pair(a);
	sock_pair(b);
	sock_pair(c);
	sock_pair(d);
	sock_set(d[0], SOL_SOCKET, SO_KEEPALIVE, 1);
	sock_set(d[0], IPPROTO_TCP, TCP_KEEPIDLE, 1);
	sleep(4);
	CALL(write(a[0], "awake", 5));
	CALL(recv(a[1], buf, 5, MSG_WAITALL));
	CALL(write(a[1], "too", 3));
	CALL(recv(a[0], buf, 3, MSG_WAITALL));
	CALL(close(b[0]));
	sock_show("closed by the peer", b[1], POLLIN);
	CALL(read(b[1], buf, 1));
	CALL(shutdown(c[1], SHUT_WR));
	sock_show("shut down by the peer", c[0], POLLIN);
	CALL(write(c[0], "still", 5));
	CALL(recv(c[1], buf, 5, MSG_WAITALL));
	CALL(write(d[0], "alive", 5));
	CALL(recv(d[1], buf, 5, MSG_WAITALL));
	set_linger(d[1], 0);
	CALL(close(d[1]));
	sock_show("reset by the peer", d[0], POLLIN);
	close(a[0]);
	close(a[1]);
	close(b[1]);
	close(c[0]);
	close(c[1]);
	close(d[0]);
}

int main(void)
{
	after_a_rest();
	lingers();
	in_the_queue();
	return tap_done();
}
