/* SPDX-License-Identifier: Apache-2.0 */
/* lib/vm: forwarding of ports by QEMU's monitor, and the relay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "abi/channel.h"
#include "core/mem.h"
#include "vm/forward.h"
#include "vm/publish.h"
#include "vm/relay.h"
#include "vm/unsent.h"
#include "vm-port.h"

/* --- forwarding --------------------------------------------------------------
 */

/* A QEMU that writes down what it is told; commands with "81" fail. It says
 * twice that something waits for a peer, then that nothing does. */
struct fake {
	int fd;
	int asked; /* for its connections */
	struct buf commands;
};

static const char *answer(struct fake *f, const char *command)
{
	if (strstr(command, ":81-"))
		return "Could not";
	if (strcmp(command, "info usernet") != 0)
		return "";
	return f->asked++ < 2
		       ? "Hub -1 (user):\\r\\n"
			 "  Protocol[State]    FD  Source Address  Port   "
			 "Dest. Address  Port RecvQ SendQ\\r\\n"
			 "  TCP[HOST_FORWARD]  9        *  8080       "
			 "10.0.2.15 "
			 "   80     0     0\\r\\n"
			 "  TCP[FIN_WAIT_1]   12        127.0.0.1  8080       "
			 "10.0.2.15    80  4096     0\\r\\n"
		       : "Hub -1 (user):\\r\\n"
			 "  TCP[ESTABLISHED]  12        127.0.0.1  8080       "
			 "10.0.2.15    80     0  4096\\r\\n"
			 "  UDP[236 sec]      13        127.0.0.1  8080       "
			 "10.0.2.15    80     9     0\\r\\n";
}

static void *fake_monitor(void *arg)
{
	struct fake *f = arg;
	FILE *in = fdopen(dup(f->fd), "r");
	char line[1024], text[512];
	int id;

	dprintf(f->fd, "{\"QMP\": {}}\r\n");
	while (fgets(line, sizeof(line), in)) {
		if (strstr(line, "qmp_capabilities")) {
			dprintf(f->fd, "{\"return\": {}}\r\n");
			continue;
		}
		if (sscanf(line,
			    "{\"execute\":\"human-monitor-command\","
			    "\"arguments\":{\"command-line\":\"%511[^\"]\"},"
			    "\"id\":%d}",
			    text, &id) != 2)
			break;
		buf_addf(&f->commands, "%s;", text);
		dprintf(f->fd,
			"{\"event\": \"X\"}\r\n{\"return\": \"%s\", "
			"\"id\": %d}\r\n",
			answer(f, text), id);
	}
	fclose(in);
	return NULL;
}

static void tell(struct forward *f, int protocol, int open, unsigned port)
{
	struct channel_port c = {.protocol = (uint8_t)protocol,
		.open = (uint8_t)open,
		.port = (uint16_t)port};
	struct err e = {0};

	assert_int_equal(forward_port(f, (const unsigned char *)&c, &e), 0);
}

static void open_and_close(struct forward *f)
{
	tell(f, 6, 1, 80);
	tell(f, 6, 1, 80);
	tell(f, 17, 1, 80);
	tell(f, 6, 1, 81);
	tell(f, 6, 0, 80);
	tell(f, 17, 0, 80);
	tell(f, 6, 0, 80);
	tell(f, 6, 0, 81);
}

static void open_and_end(struct forward *f)
{
	tell(f, 6, 1, 80);
	tell(f, 17, 1, 80);
	forward_drain(f);
	tell(f, 6, 1, 82);
	tell(f, 6, 0, 82);
	tell(f, 6, 0, 80);
	assert_int_equal(forward_unsent(f, getpid()), 1);
	assert_int_equal(forward_unsent(f, getpid()), 1);
	assert_int_equal(forward_unsent(f, getpid()), 0);
}

static char *told(const struct vm_net *n, void (*play)(struct forward *f))
{
	struct fake fake = {0};
	struct forward *f;
	pthread_t t;
	int fd[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	fake.fd = fd[1];
	assert_int_equal(fcntl(fd[1], F_SETFL, 0), 0);
	assert_int_equal(pthread_create(&t, NULL, fake_monitor, &fake), 0);
	f = forward_new(n, fd[0]);
	play(f);
	forward_free(f);
	close(fd[0]);
	shutdown(fd[1], SHUT_RDWR);
	pthread_join(t, NULL);
	close(fd[1]);
	return buf_steal(&fake.commands);
}

static void ports_are_open_while_the_guest_listens(void **state)
{
	struct vm_net n = {.forward = VM_FORWARD_LOOPBACK};
	struct vm_publishes l = {0};
	_free_ char *own = told(&n, open_and_close), *published = NULL;
	struct err e;

	(void)state;
	assert_string_equal(own, "hostfwd_add user tcp:127.0.0.1:80-:80;"
				 "hostfwd_add user udp:127.0.0.1:80-:80;"
				 "hostfwd_add user tcp:127.0.0.1:81-:81;"
				 "hostfwd_remove user udp:127.0.0.1:80;"
				 "hostfwd_remove user tcp:127.0.0.1:80;");
	vm_publish_add(&l, "127.0.0.2:8080:80", &e);
	vm_publish_add(&l, "9090:90", &e);
	n.forward = VM_FORWARD_PUBLISHED;
	n.publish = &l;
	published = told(&n, open_and_close);
	assert_string_equal(published,
		"hostfwd_add user tcp:127.0.0.2:8080-:80;"
		"hostfwd_remove user tcp:127.0.0.2:8080;");
	vm_publishes_free(&l);
}

static void the_end_closes_ports_and_waits_for_peers(void **state)
{
	const struct vm_net n = {.forward = VM_FORWARD_LOOPBACK};
	_free_ char *own = told(&n, open_and_end);

	(void)state;
	assert_string_equal(own, "hostfwd_add user tcp:127.0.0.1:80-:80;"
				 "hostfwd_add user udp:127.0.0.1:80-:80;"
				 "hostfwd_remove user tcp:127.0.0.1:80;"
				 "info usernet;info usernet;info usernet;");
}

static void what_a_peer_has_not_read_is_unsent(void **state)
{
	static char data[1 << 20];
	unsigned port;
	int l = bound(SOCK_STREAM, AF_INET, &port), size = 4096, s, c;
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port)};
	struct pollfd p = {.events = POLLIN};
	ssize_t n, sent;

	(void)state;
	p.fd = c = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(c, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	assert_int_equal(
		connect(c, (struct sockaddr *)(void *)&a, sizeof(a)), 0);
	s = accept(l, NULL, NULL);
	assert_int_equal(unsent_by(getpid()), 0);
	sent = send(s, data, sizeof(data), MSG_DONTWAIT);
	assert_true(sent > 0);
	assert_int_equal(unsent_by(getpid()), 1);
	while (sent > 0 && poll(&p, 1, 10000) == 1 &&
		(n = read(c, data, sizeof(data))) > 0)
		sent -= n;
	assert_int_equal(sent, 0);
	/* The last bytes' acknowledgement may be under way. */
	for (int i = 0; i < 1000 && unsent_by(getpid()); i++)
		poll(NULL, 0, 10);
	assert_int_equal(unsent_by(getpid()), 0);
	close(s);
	close(c);
	close(l);
}

static void a_guest_that_tells_nonsense_is_ended(void **state)
{
	static const struct channel_port bad[] = {
		{6, 0, 80}, {6, 2, 80}, {1, 1, 80}, {6, 1, 0}};
	struct vm_net n = {.forward = VM_FORWARD_PUBLISHED};
	struct forward *f = forward_new(&n, -1);
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
			forward_port(f, (const unsigned char *)&bad[i], &e),
			-EPROTO);
	forward_free(f);
}

/* --- the relay
 * ---------------------------------------------------------------- */

/* Works until `fd` has something to read, ten seconds at most. */
static int relay_until(struct relay *r, int fd)
{
	struct pollfd p[2] = {{.fd = fd, .events = POLLIN},
		{.fd = relay_fd(r), .events = POLLIN}};

	for (int i = 0; i < 100000; i++) {
		if (poll(p, 2, 10000) <= 0)
			return -1;
		if (p[1].revents)
			relay_work(r);
		if (p[0].revents)
			return 0;
	}
	return -1;
}

static int connect_v6(unsigned port, int type)
{
	struct sockaddr_in6 a = {.sin6_family = AF_INET6,
		.sin6_addr = in6addr_loopback,
		.sin6_port = htons((uint16_t)port)};
	int fd = socket(AF_INET6, type, 0);

	assert_int_equal(
		connect(fd, (struct sockaddr *)(void *)&a, sizeof(a)), 0);
	return fd;
}

/* A relay to `inner` at a free port of ::1; skips where there is none. */
static int open_relay(struct relay *r, int type, unsigned inner, unsigned *at)
{
	struct sockaddr_in6 a = {
		.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	int fd = bound(type, AF_INET6, at), id;

	if (fd < 0)
		skip();
	close(fd);
	a.sin6_port = htons((uint16_t)*at);
	id = relay_open(r, type == SOCK_DGRAM, &a, (uint16_t)inner);
	assert_true(id >= 0);
	return id;
}

static void connections_pass_with_both_their_ends(void **state)
{
	enum { TOTAL = 1 << 20 };
	static char data[TOTAL], back[4096];
	struct relay *r = relay_new();
	unsigned inner, outer;
	int listener = bound(SOCK_STREAM, AF_INET, &inner);
	int id = open_relay(r, SOCK_STREAM, inner, &outer), c, s;
	size_t sent = 0, got = 0;
	ssize_t n;

	(void)state;
	for (size_t i = 0; i < TOTAL; i++)
		data[i] = (char)(i * 2654435761u >> 13);
	c = connect_v6(outer, SOCK_STREAM);
	fcntl(c, F_SETFL, O_NONBLOCK);
	assert_int_equal(relay_until(r, listener), 0);
	s = accept(listener, NULL, NULL);
	relay_close(r, id); /* the connection stays */
	while (got < TOTAL) {
		n = send(c, data + sent, TOTAL - sent, MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
		if (sent == TOTAL && n > 0)
			shutdown(c, SHUT_WR);
		assert_int_equal(relay_until(r, s), 0);
		n = read(s, back, sizeof(back));
		assert_true(n > 0);
		assert_memory_equal(back, data + got, n);
		got += (size_t)n;
	}
	assert_int_equal(relay_until(r, s), 0);
	assert_int_equal(read(s, back, 1), 0);
	assert_int_equal(write(s, "bye", 3), 3);
	assert_int_equal(relay_until(r, c), 0);
	assert_int_equal(read(c, back, 8), 3);
	close(s);
	assert_int_equal(relay_until(r, c), 0);
	assert_int_equal(read(c, back, 8), 0);
	close(c);
	close(listener);
	relay_free(r);
}

static void a_connection_that_nobody_takes_is_reset(void **state)
{
	struct relay *r = relay_new();
	unsigned inner, outer;
	int listener = bound(SOCK_STREAM, AF_INET, &inner), c;
	char b;

	(void)state;
	close(listener);
	open_relay(r, SOCK_STREAM, inner, &outer);
	c = connect_v6(outer, SOCK_STREAM);
	assert_int_equal(relay_until(r, c), 0);
	assert_int_equal(read(c, &b, 1), -1);
	assert_int_equal(errno, ECONNRESET);
	close(c);
	relay_free(r);
}

static void datagrams_find_back_to_their_peers(void **state)
{
	enum { PEERS = 200 };
	struct relay *r = relay_new();
	unsigned inner, outer;
	int server = bound(SOCK_DGRAM, AF_INET, &inner), peer[PEERS];
	struct sockaddr_storage from;
	socklen_t len;
	char b[64];

	(void)state;
	open_relay(r, SOCK_DGRAM, inner, &outer);
	for (int i = 0; i < PEERS; i++) {
		int k = i;

		/* Old peers are forgotten, not mixed up. */
		peer[i] = connect_v6(outer, SOCK_DGRAM);
		assert_int_equal(send(peer[k], &k, sizeof(k), 0), sizeof(k));
		assert_int_equal(relay_until(r, server), 0);
		len = sizeof(from);
		assert_int_equal(
			recvfrom(server, b, sizeof(b), 0,
				(struct sockaddr *)(void *)&from, &len),
			sizeof(k));
		assert_int_equal(sendto(server, b, sizeof(k), 0,
					 (struct sockaddr *)(void *)&from, len),
			sizeof(k));
		assert_int_equal(relay_until(r, peer[i]), 0);
		assert_int_equal(recv(peer[i], b, sizeof(b), 0), sizeof(k));
		assert_memory_equal(b, &k, sizeof(k));
	}
	for (int i = 0; i < PEERS; i++)
		close(peer[i]);
	close(server);
	relay_free(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_are_open_while_the_guest_listens),
		cmocka_unit_test(the_end_closes_ports_and_waits_for_peers),
		cmocka_unit_test(what_a_peer_has_not_read_is_unsent),
		cmocka_unit_test(a_guest_that_tells_nonsense_is_ended),
		cmocka_unit_test(connections_pass_with_both_their_ends),
		cmocka_unit_test(a_connection_that_nobody_takes_is_reset),
		cmocka_unit_test(datagrams_find_back_to_their_peers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
