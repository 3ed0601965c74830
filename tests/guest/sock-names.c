/* SPDX-License-Identifier: Apache-2.0 */
/* getaddrinfo and getnameinfo, with a name server of the test's own. */
/* guest: only here */
#include "sock-tap.h"

#include <netdb.h>
#include <pthread.h>

static int server;

/* Answers for one.test and two.test; all other names are not there. */
static void answer(unsigned char *q, long n, struct sockaddr_in *to)
{
	static const unsigned char one[] = {
		0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1};
	static const unsigned char two[] = {0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 60,
		0, 16, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
	int type = q[n - 3], known = !memcmp(q + 17, "test", 4);

	q[2] |= 0x80;
	q[3] = 0x80 | (known ? 0 : 3);
	if (known && type == 1 && q[13] == 'o') {
		q[7] = 1;
		memcpy(q + n, one, sizeof(one));
		n += sizeof(one);
	} else if (known && type == 28 && q[13] == 't') {
		q[7] = 1;
		memcpy(q + n, two, sizeof(two));
		n += sizeof(two);
	}
	sendto(server, q, n, 0, SA(to), sizeof(*to));
}

static void *serve(void *arg)
{
	unsigned char q[600];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	long n;

	while ((n = recvfrom(server, q, 512, 0, SA(&from), &len)) > 16)
		answer(q, n, &from);
	return arg;
}

static void look(const char *name, int family)
{
	struct addrinfo hint = {.ai_family = family,
				.ai_socktype = SOCK_STREAM},
			*list;
	char text[80];
	int err = getaddrinfo(name, "80", &hint, &list);

	printf("# %s, %d: %s", name, family, err ? gai_strerror(err) : "found");
	for (struct addrinfo *a = err ? NULL : list; a; a = a->ai_next) {
		getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL,
			0, NI_NUMERICHOST);
		printf(" %s", text);
	}
	printf("\n");
	if (!err)
		freeaddrinfo(list);
	if (!strcmp(name, "one.test") && family == AF_INET)
		CHECK(!err && !strcmp(text, "192.0.2.1"));
	if (!strcmp(name, "two.test") && family == AF_UNSPEC)
		CHECK(!err && !strcmp(text, "2001:db8::2"));
	if (!strcmp(name, "none.example"))
		CHECK(err == EAI_NONAME);
	if (!strcmp(name, "known"))
		CHECK(!err && !strcmp(text, "192.0.2.9"));
	if (!strcmp(name, "localhost") && family == AF_INET)
		CHECK(!err && !strcmp(text, "127.0.0.1"));
}

int main(void)
{
	struct sockaddr_in a = sock_addr(53);
	char host[64];
	pthread_t t;

	server = socket(AF_INET, SOCK_DGRAM, 0);
	CALL(bind(server, SA(&a), sizeof(a)));
	tap_put("/etc/resolv.conf", "nameserver 127.0.0.1\n");
	tap_put("/etc/hosts", "127.0.0.1 localhost\n192.0.2.9 known\n");
	CALL(pthread_create(&t, NULL, serve, NULL));
	look("one.test", AF_INET);
	look("two.test", AF_UNSPEC);
	look("none.example", AF_UNSPEC);
	look("known", AF_INET);
	look("localhost", AF_INET);
	a.sin_addr.s_addr = htonl(0xc0000209);
	CHECK(!getnameinfo(SA(&a), sizeof(a), host, sizeof(host), NULL, 0, 0) &&
		!strcmp(host, "known"));
	shutdown(server, SHUT_RD);
	return tap_done();
}
