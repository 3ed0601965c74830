/* SPDX-License-Identifier: Apache-2.0 */
/* guest: cflags -pthread */
/* Pipes and AF_UNIX between threads: sleeping readers, writers, clients. */
#include "unix-tap.h"

#include <pthread.h>
#include <stdint.h>

enum { BYTES = 3000000, WRITERS = 4, RECORDS = 400, RECORD = 1000 };

static int bad;

static void failed(int is)
{
	if (is)
		__atomic_add_fetch(&bad, 1, __ATOMIC_RELAXED);
}

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 31 + i / 1009);
}

/* --- one writes, one reads, both sleep ------------------------------------*/

static void *writer(void *arg)
{
	static char out[50000];
	size_t sent = 0;

	while (sent < BYTES) {
		size_t n = 1 + sent * 7919 % sizeof(out);
		long r;

		n = n < BYTES - sent ? n : BYTES - sent;
		for (size_t i = 0; i < n; i++)
			out[i] = (char)byte_at(sent + i);
		r = write((int)(long)arg, out, n);
		failed(r <= 0);
		if (r <= 0)
			break;
		sent += r;
	}
	close((int)(long)arg);
	return NULL;
}

static void flow(int from, int to)
{
	static char in[40000];
	size_t got = 0, wrong = 0;
	pthread_t t;
	long n;

	pthread_create(&t, NULL, writer, (void *)(long)to);
	while ((n = read(from, in, 1 + got * 104729 % sizeof(in))) > 0) {
		for (long i = 0; i < n; i++)
			wrong += (unsigned char)in[i] != byte_at(got + i);
		got += n;
	}
	CALL(got);
	CALL(wrong);
	pthread_join(t, NULL);
	close(from);
	CALL(bad);
}

/* --- whole records of several writers -------------------------------------*/

static int records_to;

static void *recorder(void *arg)
{
	char out[RECORD];

	memset(out, 'a' + (int)(long)arg, sizeof(out));
	for (int i = 0; i < RECORDS; i++)
		failed(write(records_to, out, RECORD) != RECORD);
	return NULL;
}

static void records(int from, int to)
{
	int count[WRITERS] = {0}, mixed = 0;
	pthread_t t[WRITERS];
	char in[RECORD];

	records_to = to;
	for (long i = 0; i < WRITERS; i++)
		pthread_create(&t[i], NULL, recorder, (void *)i);
	for (int i = 0; i < WRITERS * RECORDS; i++) {
		size_t got = 0;

		while (got < RECORD) {
			long n = read(from, in + got, RECORD - got);

			if (n <= 0)
				break;
			got += n;
		}
		for (int k = 1; k < RECORD; k++)
			mixed += in[k] != in[0];
		if (in[0] >= 'a' && in[0] < 'a' + WRITERS)
			count[in[0] - 'a']++;
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(t[i], NULL);
	CALL(mixed);
	for (int i = 0; i < WRITERS; i++)
		CALL(count[i]);
	close(from);
	close(to);
}

/* --- clients and a server -------------------------------------------------*/

static void *client(void *arg)
{
	const char *name = arg;
	char c[8];

	for (int i = 0; i < 50; i++) {
		int s = socket(AF_UNIX, SOCK_STREAM, 0);

		/* The queue is short: this waits for its place. */
		failed(unix_connect(s, name) != 0);
		failed(send(s, "ask", 3, 0) != 3);
		failed(recv(s, c, 8, 0) != 6);
		failed(recv(s, c, 8, 0) != 0);
		close(s);
	}
	return NULL;
}

static int listener, left;

static void *server(void *arg)
{
	char c[8];

	(void)arg;
	while (__atomic_sub_fetch(&left, 1, __ATOMIC_RELAXED) >= 0) {
		int s = accept(listener, NULL, NULL);

		failed(s < 0);
		failed(recv(s, c, 8, 0) != 3);
		failed(send(s, "answer", 6, 0) != 6);
		close(s);
	}
	return NULL;
}

static void service(char *name)
{
	pthread_t c[5], s[3];

	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	CALL(unix_bind(listener, name));
	CALL(listen(listener, 1));
	left = 250;
	for (int i = 0; i < 3; i++)
		pthread_create(&s[i], NULL, server, NULL);
	for (int i = 0; i < 5; i++)
		pthread_create(&c[i], NULL, client, name);
	for (int i = 0; i < 5; i++)
		pthread_join(c[i], NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(s[i], NULL);
	CALL(bad);
	close(listener);
}

/* --- datagrams into a full queue ------------------------------------------*/

static void *sender(void *arg)
{
	int s = socket(AF_UNIX, SOCK_DGRAM, 0);
	uint32_t k;

	failed(unix_connect(s, arg) != 0);
	for (k = 0; k < 2000; k++)
		failed(send(s, &k, sizeof(k), 0) != sizeof(k));
	close(s);
	return NULL;
}

static void datagrams(char *name)
{
	int s = socket(AF_UNIX, SOCK_DGRAM, 0);
	uint32_t k, sum = 0;
	pthread_t t[3];

	CALL(unix_bind(s, name));
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, sender, name);
	poll(NULL, 0, 20);
	for (int i = 0; i < 6000; i++) {
		failed(recv(s, &k, sizeof(k), 0) != sizeof(k));
		sum += k;
	}
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	CALL(sum);
	CALL(bad);
	close(s);
}

/* --- who sleeps learns of the end -----------------------------------------*/

static void *reader(void *arg)
{
	char c;

	return (void *)read((int)(long)arg, &c, 1);
}

static void ends(void)
{
	int p[2];
	pthread_t t;
	void *r;

	CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	pthread_create(&t, NULL, reader, (void *)(long)p[0]);
	poll(NULL, 0, 20);
	CALL(shutdown(p[1], SHUT_WR));
	pthread_join(t, &r);
	CALL((long)r);
	pthread_create(&t, NULL, reader, (void *)(long)p[1]);
	poll(NULL, 0, 20);
	CALL(shutdown(p[1], SHUT_RD));
	pthread_join(t, &r);
	CALL((long)r);
	close(p[0]);
	close(p[1]);
	CALL(pipe(p));
	pthread_create(&t, NULL, reader, (void *)(long)p[0]);
	poll(NULL, 0, 20);
	CALL(close(p[1]));
	pthread_join(t, &r);
	CALL((long)r);
	CALL(close(p[0]));
}

int main(void)
{
	static char name[] = "service", to[] = "@slipway-datagrams";
	int p[2];

	signal(SIGPIPE, SIG_IGN);
	tap_enter("unix-threads");
	CALL(pipe(p));
	flow(p[0], p[1]);
	CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	flow(p[0], p[1]);
	CALL(pipe(p));
	records(p[0], p[1]);
	CALL(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, p));
	records(p[0], p[1]);
	service(name);
	datagrams(to);
	ends();
	return tap_done();
}
