/* SPDX-License-Identifier: Apache-2.0 */
/* A server that knows nothing of clients at its end: SIGTERM is the end. */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 7000 };

static void say(const char *s)
{
	if (write(1, s, strlen(s)) < 0)
		_exit(9);
}

static void on_term(int sig)
{
	(void)sig;
	say("signal\n");
	_exit(0);
}

static void send_bytes(int fd, long n)
{
	char b[4096];
	long at = 0;

	while (at < n) {
		size_t part = n - at < 4096 ? (size_t)(n - at) : sizeof(b);
		ssize_t done;

		for (size_t i = 0; i < part; i++)
			b[i] = (char)((at + (long)i) % 251);
		done = write(fd, b, part);
		if (done <= 0)
			return;
		at += done;
	}
}

/* Lines: "send N" bytes, "bye N" bytes and the end, "later MS": an answer. */
static void *serve(void *arg)
{
	int fd = (int)(long)arg;
	FILE *in = fdopen(fd, "r");
	char line[64];
	long n;

	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "send %ld", &n) == 1) {
			send_bytes(fd, n);
		} else if (sscanf(line, "bye %ld", &n) == 1) {
			send_bytes(fd, n);
			say("bye\n");
			_exit(0);
		} else if (sscanf(line, "later %ld", &n) == 1) {
			say("later\n");
			usleep((useconds_t)n * 1000);
			send_bytes(fd, 1);
		}
	}
	fclose(in);
	return NULL;
}

int main(void)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
	};
	int s = socket(AF_INET, SOCK_STREAM, 0), on = 1, fd;
	pthread_t t;

	signal(SIGTERM, on_term);
	signal(SIGPIPE, SIG_IGN);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(s, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(s, 16) < 0)
		return 1;
	say("ready\n");
	while ((fd = accept(s, NULL, NULL)) >= 0) {
		if (pthread_create(&t, NULL, serve, (void *)(long)fd) != 0)
			return 1;
		pthread_detach(t);
	}
	return 1;
}
