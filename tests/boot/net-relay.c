// SPDX-License-Identifier: Apache-2.0
/*
 * The wire between a tap device and a QEMU (-netdev dgram), as bad as asked.
 *   net-relay TAP FOLDER   until the end of its input; lines of it:
 *       set LOSS REORDER DUP   percent of frames, each way; "ok"
 *       junk N                 frames of noise to the guest; "ok"
 *       syn N ADDRESS PORT     that many connections begun; "ok"
 *   net-relay record NET[;NET]... ARG...   a boot record to standard output
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "abi/record.h"

enum { FRAME = 9300, LATE = 64, KEPT = 32, DELAY_MS = 4 };

struct frame {
	int to;
	unsigned len;
	uint64_t when_ms;
	unsigned char data[FRAME];
};

static int tap, guest;
static unsigned loss, reorder, twice;
static struct frame late[LATE]; /* len 0: free */
static struct frame kept[KEPT]; /* that went to the guest, for junk */
static unsigned nkept;

static unsigned chance(void)
{
	static uint32_t state = 4711;

	state = state * 1664525 + 1013904223;
	return state >> 8;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

static void put(int to, const void *data, unsigned len)
{
	/* A guest that is not there (yet) loses what is sent. */
	if (write(to, data, len) < 0 && errno != ECONNREFUSED &&
		errno != ENOENT && errno != ENOTCONN && errno != ENOBUFS &&
		errno != EIO)
		perror("net-relay: write");
}

static void pass(int to, const unsigned char *data, unsigned len)
{
	if (chance() % 100 < loss)
		return;
	if (chance() % 100 < reorder) {
		for (unsigned i = 0; i < LATE; i++) {
			if (late[i].len)
				continue;
			late[i].to = to;
			late[i].len = len;
			late[i].when_ms = now_ms() + 1 + chance() % DELAY_MS;
			memcpy(late[i].data, data, len);
			return;
		}
	}
	put(to, data, len);
	if (chance() % 100 < twice)
		put(to, data, len);
}

static int send_late(void)
{
	uint64_t now = now_ms();
	int waiting = 0;

	for (unsigned i = 0; i < LATE; i++) {
		if (late[i].len && late[i].when_ms <= now) {
			put(late[i].to, late[i].data, late[i].len);
			late[i].len = 0;
		}
		waiting |= late[i].len != 0;
	}
	return waiting;
}

static void forward(int from, int to)
{
	unsigned char data[FRAME];
	ssize_t n = read(from, data, sizeof(data));

	if (n <= 0)
		return;
	if (to == guest) {
		struct frame *k = &kept[nkept++ % KEPT];

		k->len = n;
		memcpy(k->data, data, n);
	}
	pass(to, data, n);
}

static const unsigned char macs[12] = {
	0x52, 0x54, 0, 0x12, 0x34, 0x56, 2, 0, 0, 0, 0, 9};

/* Half of them noise behind an Ethernet header, half what was sent before
 * with some bytes changed. */
static void junk(unsigned count)
{
	static const unsigned char types[3][2] = {{8, 0}, {0x86, 0xdd}, {8, 6}};
	unsigned char f[FRAME];

	while (count--) {
		struct frame *k = &kept[chance() % KEPT];
		unsigned n = 14 + chance() % 1500;

		if (count % 2 && k->len > 14) {
			n = k->len;
			memcpy(f, k->data, n);
			for (unsigned i = 0; i < 4; i++)
				f[12 + chance() % (n - 12)] = chance();
		} else {
			for (unsigned i = 0; i < n; i++)
				f[i] = chance();
			memcpy(f, macs, 12);
			memcpy(f + 12, types[count / 2 % 3], 2);
			if (count & 8)
				f[14] = count & 2 ? 0x45 : 0x60;
		}
		put(guest, f, n);
	}
}

static uint32_t sum(const unsigned char *p, unsigned n)
{
	uint32_t s = 0;

	for (unsigned i = 0; i < n; i += 2)
		s += p[i] << 8 | p[i + 1];
	return s;
}

static void put_sum(unsigned char *at, uint32_t s)
{
	s = (s & 0xffff) + (s >> 16);
	s = ~((s & 0xffff) + (s >> 16));
	at[0] = s >> 8;
	at[1] = s;
}

/* From addresses all over the guest's network, where nobody is. */
static void syn(unsigned count, const char *address, unsigned port)
{
	unsigned char f[54] = {0};

	memcpy(f, macs, 12);
	f[12] = 8;
	f[14] = 0x45;
	f[17] = 40;
	f[22] = 64;
	f[23] = 6;
	inet_pton(AF_INET, address, f + 30);
	memcpy(f + 26, f + 30, 4);
	f[36] = port >> 8;
	f[37] = port;
	f[46] = 0x50;
	f[47] = 2;
	f[48] = 0xff;
	while (count--) {
		f[29] = 10 + chance() % 240;
		f[34] = 4 + chance() % 250;
		f[35] = chance();
		f[24] = f[25] = f[50] = f[51] = 0;
		put_sum(f + 24, sum(f + 14, 20));
		put_sum(f + 50, sum(f + 26, 8) + 6 + 20 + sum(f + 34, 20));
		put(guest, f, sizeof(f));
	}
}

/* False: the input has ended. */
static int command(void)
{
	char line[128], address[64];
	unsigned n, port;

	if (!fgets(line, sizeof(line), stdin))
		return 0;
	if (sscanf(line, "junk %u", &n) == 1)
		junk(n);
	else if (sscanf(line, "syn %u %63s %u", &n, address, &port) == 3)
		syn(n, address, port);
	else if (sscanf(line, "set %u %u %u", &loss, &reorder, &twice) != 3)
		fprintf(stderr, "net-relay: not a command: %s", line);
	puts("ok");
	fflush(stdout);
	return 1;
}

static int open_tap(const char *name)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &r)) {
		perror("net-relay: tap");
		exit(1);
	}
	return fd;
}

static struct sockaddr_un un(const char *dir, const char *name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/%s", dir, name);
	return a;
}

static void item(
	uint32_t type, const char *text, unsigned pass_no, uint32_t *size)
{
	struct record_item i = {type, strlen(text)};
	unsigned padded = (i.len + 7) & ~7u;
	static const char zeros[8];

	*size += sizeof(i) + padded;
	if (pass_no) {
		fwrite(&i, sizeof(i), 1, stdout);
		fwrite(text, i.len, 1, stdout);
		fwrite(zeros, padded - i.len, 1, stdout);
	}
}

/* One a card, with ';' between them. */
static void nets(const char *text, unsigned pass_no, uint32_t *size)
{
	char one[256];
	size_t n;

	for (; *text; text += n + (text[n] == ';')) {
		n = strcspn(text, ";");
		snprintf(one, sizeof(one), "%.*s", (int)n, text);
		item(RECORD_NET, one, pass_no, size);
	}
}

static int record(int argc, char **argv)
{
	struct record_header h = {RECORD_MAGIC, 1, 0};

	for (unsigned pass_no = 0; pass_no < 2; pass_no++) {
		uint32_t size = sizeof(h);

		if (pass_no)
			fwrite(&h, sizeof(h), 1, stdout);
		nets(argv[2], pass_no, &size);
		for (int i = 3; i < argc; i++)
			item(RECORD_ARG, argv[i], pass_no, &size);
		h.size = size;
	}
	return ferror(stdout) || fflush(stdout);
}

int main(int argc, char **argv)
{
	struct pollfd fds[3];
	struct sockaddr_un here, there;

	if (argc > 3 && !strcmp(argv[1], "record"))
		return record(argc, argv);
	if (argc != 3)
		return 2;
	tap = open_tap(argv[1]);
	guest = socket(AF_UNIX, SOCK_DGRAM, 0);
	here = un(argv[2], "relay");
	there = un(argv[2], "guest");
	if (bind(guest, (struct sockaddr *)&here, sizeof(here))) {
		perror("net-relay: bind");
		return 1;
	}
	puts("ok");
	fflush(stdout);
	fds[0] = (struct pollfd){tap, POLLIN, 0};
	fds[1] = (struct pollfd){guest, POLLIN, 0};
	fds[2] = (struct pollfd){0, POLLIN, 0};
	setvbuf(stdin, NULL, _IONBF, 0);
	while (poll(fds, 3, send_late() ? 1 : -1) >= 0) {
		static int connected;

		if (fds[1].revents & POLLIN && !connected)
			connected = !connect(guest, (struct sockaddr *)&there,
				sizeof(there));
		if (fds[0].revents)
			forward(tap, guest);
		if (fds[1].revents)
			forward(guest, tap);
		if (fds[2].revents && !command())
			return 0;
	}
	return 1;
}
