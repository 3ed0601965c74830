/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets that threads share: blocking calls, two writers, shutdown. */
#include "sock-tap.h"

#include <pthread.h>

enum { CLIENTS = 10, ROUNDS = 100, PIECE = 700 };

static int port, listener;

static void *echo(void *arg)
{
	int fd = (int)(long)arg;
	char b[PIECE];
	long n;

	while ((n = recv(fd, b, sizeof(b), 0)) > 0)
		if (send(fd, b, n, MSG_NOSIGNAL) != n)
			break;
	close(fd);
	return NULL;
}

static void *accept_all(void *arg)
{
	pthread_t t[CLIENTS];
	int n = 0;

	(void)arg;
	for (; n < CLIENTS; n++) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			break;
		pthread_create(&t[n], NULL, echo, (void *)(long)fd);
	}
	for (int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	return (void *)(long)n;
}

static void *client(void *arg)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char out[PIECE], in[PIECE];
	long right = 0;

	memset(out, (int)(long)arg + 'a', sizeof(out));
	if (sock_connect(fd, port))
		return NULL;
	for (int i = 0; i < ROUNDS; i++) {
		if (send(fd, out, sizeof(out), MSG_NOSIGNAL) != PIECE)
			break;
		if (recv(fd, in, sizeof(in), MSG_WAITALL) != PIECE)
			break;
		right += !memcmp(in, out, PIECE);
	}
	close(fd);
	return (void *)right;
}

static void server(void)
{
	pthread_t s, t[CLIENTS];
	long right = 0;
	void *r;

	listener = sock_listen(CLIENTS);
	port = sock_port(listener);
	pthread_create(&s, NULL, accept_all, NULL);
	for (long i = 0; i < CLIENTS; i++)
		pthread_create(&t[i], NULL, client, (void *)i);
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(t[i], &r);
		right += (long)r;
	}
	pthread_join(s, &r);
	CHECK((long)r == CLIENTS);
	CHECK(right == CLIENTS * ROUNDS);
	close(listener);
}

static int shared[2];

static void *write_pieces(void *arg)
{
	char b[PIECE];

	memset(b, (int)(long)arg, sizeof(b));
	for (int i = 0; i < ROUNDS * 5; i++)
		if (send(shared[0], b, sizeof(b), MSG_NOSIGNAL) != PIECE)
			return NULL;
	return arg;
}

/* Each piece arrives in one, whoever wrote it. */
static void writers(void)
{
	pthread_t t[3];
	char b[PIECE];
	int whole = 0;

	sock_pair(shared);
	for (long i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, write_pieces, (void *)('x' + i));
	for (int i = 0; i < 3 * ROUNDS * 5; i++) {
		int same = 0;

		if (recv(shared[1], b, PIECE, MSG_WAITALL) != PIECE)
			break;
		for (int j = 0; j < PIECE; j++)
			same += b[j] == b[0];
		whole += same == PIECE;
	}
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	CHECK(whole == 3 * ROUNDS * 5);
	close(shared[0]);
	close(shared[1]);
}

static void *blocked_read(void *arg)
{
	char c;

	return (void *)(long)recv(*(int *)arg, &c, 1, 0);
}

static void *blocked_accept(void *arg)
{
	long r = accept(*(int *)arg, NULL, NULL);

	return (void *)(r < 0 ? (long)-errno : r);
}

static void *blocked_write(void *arg)
{
	static char b[1 << 20];
	long r = send(*(int *)arg, b, sizeof(b), MSG_NOSIGNAL);

	return (void *)(r > 0 && r < (long)sizeof(b) ? 1L : r);
}

/* shutdown wakes who waits in another thread. */
static void woken(void)
{
	int fd[2], l = sock_listen(1);
	pthread_t t;
	void *r;

	sock_pair(fd);
	pthread_create(&t, NULL, blocked_read, &fd[0]);
	usleep(50000);
	CALL(shutdown(fd[0], SHUT_RD));
	pthread_join(t, &r);
	CHECK((long)r == 0);
	pthread_create(&t, NULL, blocked_accept, &l);
	usleep(50000);
	CALL(shutdown(l, SHUT_RD));
	pthread_join(t, &r);
	CHECK((long)r == -EINVAL);
	sock_set(fd[1], SOL_SOCKET, SO_SNDBUF, 20000);
	pthread_create(&t, NULL, blocked_write, &fd[1]);
	usleep(50000);
	CALL(shutdown(fd[1], SHUT_WR));
	pthread_join(t, &r);
	CHECK((long)r == 1 || (long)r == 1 << 20);
	close(fd[0]);
	close(fd[1]);
	close(l);
}

int main(void)
{
	server();
	writers();
	woken();
	return tap_done();
}
