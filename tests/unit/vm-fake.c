/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for QEMU: a guest whose program is a list of orders in argv. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "abi/channel.h"
#include "abi/record.h"

/*
 * Orders: out TEXT, err TEXT, log TEXT, panic TEXT, exit N, want N, cat,
 * wait (for a signal frame, then exit 128+N), winsize, record, raw HEX,
 * flood N, split TEXT (out, byte by byte), serial TEXT, say TEXT (QEMU's own
 * stderr), die N, kill N, stall, sleep MS.
 */
static int chan = -1, serial = -1;
static unsigned char *record;
static size_t record_size;

static int option_fd(char **argv, const char *prefix)
{
	for (; *argv; argv++) {
		if (!strncmp(*argv, prefix, strlen(prefix)))
			return atoi(*argv + strlen(prefix));
	}
	return -1;
}

static void die(const char *what)
{
	fprintf(stderr, "fake: %s: %s\n", what, strerror(errno));
	_exit(99);
}

static void write_all(int fd, const void *p, size_t n)
{
	while (n > 0) {
		ssize_t r = write(fd, p, n);

		if (r < 0)
			die("write");
		p = (const char *)p + r;
		n -= (size_t)r;
	}
}

static void frame(unsigned type, const void *p, size_t n)
{
	struct channel_frame f = {.type = (uint8_t)type, .len = (uint32_t)n};

	write_all(chan, &f, sizeof(f));
	write_all(chan, p, n);
}

static void text(unsigned type, const char *s)
{
	frame(type, s, strlen(s));
}

static void number(unsigned type, const char *s)
{
	uint32_t v = (uint32_t)strtoul(s, NULL, 0);

	frame(type, &v, sizeof(v));
}

static void read_all(void *p, size_t n)
{
	while (n > 0) {
		ssize_t r = read(chan, p, n);

		if (r <= 0)
			die("read");
		p = (char *)p + r;
		n -= (size_t)r;
	}
}

static unsigned receive(unsigned char *data, size_t *n)
{
	struct channel_frame f;

	read_all(&f, sizeof(f));
	read_all(data, f.len);
	*n = f.len;
	return f.type;
}

static void read_record(char **argv)
{
	static const char option[] = "name=" RECORD_FW_CFG ",file=";
	int fd = -1;

	for (; *argv; argv++) {
		if (!strncmp(*argv, option, sizeof(option) - 1))
			fd = open(*argv + sizeof(option) - 1, O_RDONLY);
	}
	if (fd < 0)
		die("record");
	record = malloc(RECORD_MAX + 1);
	record_size = (size_t)read(fd, record, RECORD_MAX);
	close(fd);
}

/* The nth (from 0) item of a type as a string. */
static char *item(unsigned type, unsigned nth)
{
	size_t at = sizeof(struct record_header);

	while (at + 8 <= record_size) {
		struct record_item it;

		memcpy(&it, record + at, sizeof(it));
		at += sizeof(it);
		if (it.type == type && nth-- == 0)
			return strndup((char *)record + at, it.len);
		at += (it.len + 7u) & ~7u;
	}
	return NULL;
}

static void copy_input(void)
{
	static unsigned char data[CHANNEL_MAX];
	size_t n;
	unsigned type;

	do {
		number(CHANNEL_WANT, "4096");
		type = receive(data, &n);
		if (type == CHANNEL_IN)
			frame(CHANNEL_OUT, data, n);
	} while (type == CHANNEL_IN);
	if (type != CHANNEL_EOF)
		die("no EOF");
}

static void wait_signal(void)
{
	unsigned char data[CHANNEL_MAX];
	size_t n;
	uint32_t status;

	if (receive(data, &n) != CHANNEL_SIGNAL || n != 4)
		die("no signal");
	status = 128u + data[0];
	frame(CHANNEL_EXIT, &status, sizeof(status));
}

static void print_size(void)
{
	unsigned char data[CHANNEL_MAX];
	char line[64];
	size_t n;

	if (receive(data, &n) != CHANNEL_WINSIZE || n != 4)
		die("no size");
	snprintf(line, sizeof(line), "%dx%d\n", data[0] | data[1] << 8,
		data[2] | data[3] << 8);
	text(CHANNEL_OUT, line);
}

static void raw(const char *hex)
{
	for (; isxdigit((unsigned char)hex[0]); hex += 2) {
		char two[3] = {hex[0], hex[1], 0};
		unsigned char b = (unsigned char)strtoul(two, NULL, 16);

		write_all(chan, &b, 1);
	}
}

static void flood(size_t n)
{
	static char data[CHANNEL_MAX];

	memset(data, 'x', sizeof(data));
	while (n > 0) {
		size_t k = n < sizeof(data) ? n : sizeof(data);

		frame(CHANNEL_OUT, data, k);
		n -= k;
	}
}

static void split(const char *s)
{
	size_t n = strlen(s);
	struct channel_frame f = {.type = CHANNEL_OUT, .len = (uint32_t)n};

	for (size_t i = 0; i < sizeof(f); i++)
		write_all(chan, (char *)&f + i, 1);
	for (; *s; s++) {
		write_all(chan, s, 1);
		usleep(1000);
	}
}

static void stall(void)
{
	for (;;)
		pause();
}

static void obey(const char *order, const char *arg)
{
	if (!strcmp(order, "out"))
		text(CHANNEL_OUT, arg);
	else if (!strcmp(order, "err"))
		text(CHANNEL_ERR, arg);
	else if (!strcmp(order, "log"))
		text(CHANNEL_LOG, arg);
	else if (!strcmp(order, "panic"))
		text(CHANNEL_PANIC, arg);
	else if (!strcmp(order, "exit"))
		number(CHANNEL_EXIT, arg);
	else if (!strcmp(order, "want"))
		number(CHANNEL_WANT, arg);
	else if (!strcmp(order, "raw"))
		raw(arg);
	else if (!strcmp(order, "flood"))
		flood(strtoul(arg, NULL, 0));
	else if (!strcmp(order, "split"))
		split(arg);
	else if (!strcmp(order, "serial"))
		write_all(serial, arg, strlen(arg));
	else if (!strcmp(order, "say"))
		fprintf(stderr, "%s\n", arg);
	else if (!strcmp(order, "die"))
		_exit(atoi(arg));
	else if (!strcmp(order, "kill"))
		raise(atoi(arg));
	else if (!strcmp(order, "sleep"))
		usleep((useconds_t)atoi(arg) * 1000);
	else
		die(order);
}

int main(int argc, char **argv)
{
	unsigned n = 1;
	char *order;
	int dies = 0;

	(void)argc;
	chan = option_fd(argv, "socket,id=chan,fd=");
	serial = option_fd(argv, "socket,id=serial,fd=");
	read_record(argv);
	prctl(PR_GET_PDEATHSIG, &dies);
	if (dies != SIGKILL)
		die("it would outlive its parent");
	while ((order = item(RECORD_ARG, n++))) {
		if (!strcmp(order, "cat"))
			copy_input();
		else if (!strcmp(order, "wait"))
			wait_signal();
		else if (!strcmp(order, "winsize"))
			print_size();
		else if (!strcmp(order, "record"))
			frame(CHANNEL_OUT, record, record_size);
		else if (!strcmp(order, "stall"))
			stall();
		else
			obey(order, item(RECORD_ARG, n++));
	}
	stall();
}
