/* SPDX-License-Identifier: Apache-2.0 */
/* Two thousand connections over loopback at once. */
/* guest: memory 64M */
#include "sock-tap.h"

#include <sys/resource.h>

enum { MANY = 2000 };

static int client[MANY], peer[MANY];

static int fill(int l, int n)
{
	int port = sock_port(l), i;

	for (i = 0; i < n; i++) {
		client[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (client[i] < 0 || sock_connect(client[i], port))
			break;
		peer[i] = accept(l, NULL, NULL);
		if (peer[i] < 0)
			break;
	}
	if (i < n)
		printf("# after %d: %s\n", i, strerror(errno));
	return i;
}

/* Each says its number, in an order that is not that of their making. */
static int talk(int n)
{
	int right = 0;

	for (int i = 0; i < n; i++) {
		int at = (i * 7 + 3) % n, got = -1;

		if (write(client[at], &at, sizeof(at)) == sizeof(at) &&
			recv(peer[at], &got, sizeof(got), MSG_WAITALL) ==
				sizeof(got))
			right += got == at;
	}
	return right;
}

static void drop(int n)
{
	for (int i = 0; i < n; i++) {
		close(i % 2 ? client[i] : peer[i]);
		close(i % 2 ? peer[i] : client[i]);
	}
}

int main(void)
{
	struct rlimit r = {2 * MANY + 100, 2 * MANY + 100};
	int l, n;

	CALL(setrlimit(RLIMIT_NOFILE, &r));
	l = sock_listen(128);
	for (int round = 0; round < 3; round++) {
		n = fill(l, MANY);
		CHECK(n == MANY);
		CHECK(talk(n) == n);
		CHECK(talk(n) == n);
		drop(n);
	}
	close(l);
	return tap_done();
}
