/* SPDX-License-Identifier: Apache-2.0 */
/* keel's console on a virtio console: a launcher that keeps the channel, and
 * ones that do not. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "drivers/console.h"
#include "drivers/console_port.h"
#include "drivers/virtq.h"
#include "fs/file.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/signal.h"
#include "keel-launcher.h"

enum { F_MULTIPORT = 2, CONTROL_TX = 3, MAX_PORTS = 4 };

extern const struct virtio_driver virtio_console_driver;

static bool port_mode;
static int signalled;

/* --- the rest of keel ---------------------------------------------------- */
const struct console_port serial_port;

void signal_send_process(int sig)
{
	signalled = sig;
}

static struct file in_file = {.flags = O_RDONLY, .priv = NULL};
static struct file out_file = {.flags = O_WRONLY, .priv = (void *)1};
static struct file err_file = {.flags = O_WRONLY, .priv = (void *)2};

static long put(struct file *f, const void *p, size_t n)
{
	return console_file_ops.write(f, p, n, NULL);
}

static long get(void *p, size_t n)
{
	return console_file_ops.read(&in_file, p, n, NULL);
}

static void reset_streams(void)
{
	nsent = parsed = 0;
	memset(nout, 0, sizeof(nout));
	input_at = input_len = 0;
}

/* The device is told that the driver and port 1 are there (5.3.6.2). */
static void check_control(void)
{
	static const uint16_t want[3][4] = {
		{0, 0, 0, 1}, {1, 0, 3, 1}, {1, 0, 6, 1}};
	struct fake_piece p[QUEUE];

	CHECK(dev.q[CONTROL_TX].notified == 1);
	for (unsigned i = 0; i < 3; i++) {
		int head = fake_next(&dev, CONTROL_TX);

		CHECK(head >= 0 && fake_pieces(&dev, CONTROL_TX, head, p) == 1);
		CHECK(!p[0].in && p[0].len == 8 &&
			!memcmp(p[0].data, want[i], 8));
	}
}

static void framed(void)
{
	fake_idle = launcher_work;
	fake_record_flags = RECORD_F_CHANNEL;
	fake_init(&dev, VIRTIO_CONSOLE, VIRTIO_F_VERSION_1 | VIRTIO_F_EVENT_IDX,
		QUEUE);
	if (port_mode) {
		dev.offered |= F_MULTIPORT;
		dev.config[MAX_PORTS] = 1;
		CHECK(virtio_console_driver.probe(&dev.v) == -ENODEV);
		dev.config[MAX_PORTS] = 2;
		rxq = 4;
		txq = 5;
	}
	CHECK(virtio_console_driver.probe(&dev.v) == 0);
	if (port_mode)
		check_control();
	CHECK(virtio_console_driver.probe(&dev.v) == -EBUSY);
	console_init();
}

/* --- the tests ----------------------------------------------------------- */
static void output(void)
{
	static uint8_t big[MIB];
	static const size_t sizes[] = {
		0, 1, 2, 511, 4096, 16376, 16377, 65536, MIB};

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = fake_random();
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		reset_streams();
		CHECK(put(&out_file, big, sizes[i]) == (long)sizes[i]);
		console_flush();
		launcher_work();
		CHECK(nout[CHANNEL_OUT] == sizes[i]);
		CHECK(!sizes[i] || !memcmp(out[CHANNEL_OUT], big, sizes[i]));
		CHECK(nsent == parsed);
	}
}

static void streams_apart_and_in_order(void)
{
	char text[16];
	size_t want_out = 0, want_err = 0;

	reset_streams();
	for (unsigned i = 0; i < 5000; i++) {
		int n = snprintf(text, sizeof(text), "%u,", i);
		bool err = fake_random() & 1;

		CHECK(put(err ? &err_file : &out_file, text, n) == n);
		*(err ? &want_err : &want_out) += n;
	}
	console_flush();
	launcher_work();
	CHECK(nout[CHANNEL_OUT] == want_out && nout[CHANNEL_ERR] == want_err);
	/* In the whole stream the numbers follow each other. */
	for (unsigned i = 0, at = 0; i < 5000; i++) {
		struct channel_frame f;
		int n = snprintf(text, sizeof(text), "%u,", i);

		memcpy(&f, sent + at, 8);
		CHECK(f.len == (uint32_t)n && !memcmp(sent + at + 8, text, n));
		at += 8 + n;
	}
}

static void bad_pointer(void)
{
	reset_streams();
	CHECK(put(&out_file, NULL, 10) == -EFAULT);
	CHECK(put(&out_file, "x", 1) == 1);
	console_flush();
	launcher_work();
	CHECK(nsent == 9);
}

static void nonblocking_output(void)
{
	static uint8_t big[MIB];
	struct file f = {.flags = O_WRONLY | O_NONBLOCK, .priv = (void *)1};
	struct waitq *q;
	long n;

	reset_streams();
	fake_idle = NULL;
	n = put(&f, big, sizeof(big));
	CHECK(n > 0 && n < MIB);
	CHECK(put(&f, big, 100000) == -EAGAIN);
	CHECK(!(console_file_ops.poll(&f, &q) & POLLOUT) && q);
	fake_idle = launcher_work;
	launcher_work();
	CHECK(console_file_ops.poll(&f, &q) & POLLOUT);
	CHECK(nout[CHANNEL_OUT] == (size_t)n);
}

static void echo(size_t total, size_t piece)
{
	static uint8_t got[sizeof(input) + 1];
	size_t at = 0;
	long n;

	reset_streams();
	input_len = total;
	for (size_t i = 0; i < total; i++)
		input[i] = fake_random() >> 3;
	while ((n = get(got + at, MIN(piece, sizeof(got) - at))) > 0)
		at += n;
	CHECK(n == 0 && at == total && !memcmp(got, input, total));
	CHECK(get(got, 1) == 0);
}

static void input_of_all_sizes(void)
{
	echo(0, 100);
	echo(1, 100);
	echo(1000, 1);
	echo(100000, 511);
	echo(MIB, 4096);
	echo(sizeof(input), 70000);
	answer_most = 100;
	echo(100000, 4096);
	answer_most = SIZE_MAX;
}

/* A device and a launcher that answer before keel looks again. */
static void work_at_once(void)
{
	fake_irq = NULL;
	launcher_work();
	fake_irq = work_at_once;
}

static void quick_answers(void)
{
	fake_irq = work_at_once;
	echo(0, 100);
	echo(1000, 1);
	echo(MIB, 4096);
	output();
	fake_irq = NULL;
}

static void takes_no_more_than_is_read(void)
{
	uint8_t b[8];

	reset_streams();
	input_len = 100;
	CHECK(get(b, 5) == 5 && input_at == 5);
	CHECK(get(b, 0) == 0 && input_at == 5);
	CHECK(get(b, 1) == 1 && input_at == 6);
}

static void poll_input(void)
{
	struct file f = {.flags = O_RDONLY | O_NONBLOCK};
	uint8_t b[600];
	struct waitq *q = NULL;
	int n;

	reset_streams();
	input_len = 10;
	CHECK(!(console_file_ops.poll(&f, &q) & POLLIN) && q);
	CHECK(console_file_ops.read(&f, b, sizeof(b), NULL) == -EAGAIN);
	launcher_work();
	CHECK(console_file_ops.poll(&f, &q) & POLLIN);
	CHECK(console_file_ops.ioctl(&f, FIONREAD, (unsigned long)&n) == 0);
	CHECK(n == 10);
	CHECK(console_file_ops.read(&f, b, sizeof(b), NULL) == 10);
	CHECK(console_file_ops.read(&f, b, sizeof(b), NULL) == -EAGAIN);
	launcher_work();
	CHECK(console_file_ops.poll(&f, &q) & POLLIN);
	CHECK(console_file_ops.read(&f, b, sizeof(b), NULL) == 0);
}

static void no_stdin(void)
{
	uint8_t b;
	struct waitq *q;

	reset_streams();
	fake_record_flags |= RECORD_F_NO_STDIN;
	CHECK(get(&b, 1) == 0 && nsent == 0);
	CHECK(console_file_ops.poll(&in_file, &q) & POLLIN);
	fake_record_flags &= ~(uint64_t)RECORD_F_NO_STDIN;
}

static void signals_and_size(void)
{
	uint32_t sig = 15;
	uint16_t size[2] = {50, 132};
	struct winsize w;

	fake_record_flags |= RECORD_F_TTY_OUT;
	if (launcher_send_frame(CHANNEL_SIGNAL, &sig, 4))
		dev.v.interrupt(&dev.v);
	CHECK(signalled == 15);
	if (launcher_send_frame(CHANNEL_WINSIZE, size, 4))
		dev.v.interrupt(&dev.v);
	CHECK(console_file_ops.ioctl(
		      &out_file, TIOCGWINSZ, (unsigned long)&w) == 0);
	CHECK(w.ws_row == 50 && w.ws_col == 132);
	fake_record_flags &= ~(uint64_t)RECORD_F_TTY_OUT;
	CHECK(console_file_ops.ioctl(
		      &out_file, TIOCGWINSZ, (unsigned long)&w) == -ENOTTY);
}

static void terminal_settings(void)
{
	uint8_t t[36], u[36];

	reset_streams();
	CHECK(console_file_ops.ioctl(&in_file, TCGETS, (long)t) == -ENOTTY);
	fake_record_flags |= RECORD_F_TTY_IN;
	CHECK(console_file_ops.ioctl(&in_file, TCGETS, (long)t) == 0);
	t[12] ^= 8; /* ECHO */
	CHECK(console_file_ops.ioctl(&in_file, TCSETSW, (long)t) == 0);
	CHECK(console_file_ops.ioctl(&in_file, TCGETS, (long)u) == 0);
	CHECK(!memcmp(t, u, 36));
	CHECK(console_file_ops.ioctl(&in_file, TCFLSH, 9) == -EINVAL);
	CHECK(console_file_ops.ioctl(&in_file, 0x1234, 0) == -ENOTTY);
	launcher_work();
	CHECK(nout[CHANNEL_TERMIOS] == 36);
	CHECK(!memcmp(out[CHANNEL_TERMIOS], t, 36));
	fake_record_flags &= ~(uint64_t)RECORD_F_TTY_IN;
}

static void logs(void)
{
	reset_streams();
	log_sink(CHANNEL_LOG, "one\n", 4);
	log_sink(CHANNEL_ERR, "two\n", 4);
	launcher_work();
	CHECK(nout[CHANNEL_LOG] == 4 && nout[CHANNEL_ERR] == 4);
}

static void exit_status(void)
{
	reset_streams();
	CHECK(put(&out_file, "last words", 10) == 10);
	console_exit(255);
	CHECK(nout[CHANNEL_OUT] == 10 && nout[CHANNEL_EXIT] == 4);
	CHECK(out[CHANNEL_EXIT][0] == 255 && out[CHANNEL_EXIT][1] == 0);
}

/* Each of these ends the guest with a panic (status 3 of the fake). */
static void expect_panic(unsigned type, uint32_t len)
{
	uint8_t data[64] = {200};
	struct channel_frame f = {.type = type, .len = len};
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		memcpy(data, &f, 8);
		data[8] = 200;
		if (launcher_send(data, sizeof(data)))
			dev.v.interrupt(&dev.v);
		_exit(0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

static void bad_frames(void)
{
	expect_panic(0, 0);
	expect_panic(CHANNEL_OUT, 1);
	expect_panic(99, 0);
	expect_panic(CHANNEL_IN, 1); /* nothing was wanted */
	expect_panic(CHANNEL_IN, CHANNEL_MAX + 1);
	expect_panic(CHANNEL_EOF, 1);
	expect_panic(CHANNEL_SIGNAL, 4); /* 200 */
	expect_panic(CHANNEL_SIGNAL, 8);
	expect_panic(CHANNEL_WINSIZE, 3);
}

/* The device breaks the output queue: writes fail, input ends. */
static void broken_device(void)
{
	static uint8_t big[MIB];
	uint8_t b;

	reset_streams();
	fake_done(&dev, txq, 77, 0);
	CHECK(put(&out_file, big, sizeof(big)) == -EIO);
	console_flush();
	fake_done(&dev, rxq, 77, 0);
	dev.v.interrupt(&dev.v);
	CHECK(get(&b, 1) == 0);
}

int main(int argc, char **argv)
{
	static const struct fake_test tests[] = {
		{"output of 0 bytes to 1 MiB", output},
		{"two streams apart, in one order", streams_apart_and_in_order},
		{"a bad pointer is EFAULT and sends nothing", bad_pointer},
		{"non-blocking output", nonblocking_output},
		{"input of 0 bytes to 10 MiB", input_of_all_sizes},
		{"answers that come at once", quick_answers},
		{"a small read takes no more than it asks for",
			takes_no_more_than_is_read},
		{"poll and FIONREAD of input", poll_input},
		{"no standard input", no_stdin},
		{"signals and window size", signals_and_size},
		{"terminal settings", terminal_settings},
		{"log text", logs},
		{"the exit status comes last", exit_status},
		{"frames that break the channel are a panic", bad_frames},
		{"a broken device fails writes and ends input", broken_device},
	};

	fake_pages = 1 << 20;
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "small"))
			fake_pages = 512;
		if (!strcmp(argv[i], "port"))
			port_mode = true;
	}
	framed();
	return fake_run(tests, sizeof(tests) / sizeof(tests[0]));
}
