/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the machine up, runs the one program, ends with its status. */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

enum { PEERS_MS = 2000, LAUNCHER_S = 10 };

void power_off(void)
{
	int fd = open("/proc/sys/kernel/printk", O_WRONLY | O_CLOEXEC);

	/* The last word is the program's, not the kernel's. */
	if (fd >= 0)
		(void)!write(fd, "0", 1);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

void die(const char *what, ...)
{
	int error = errno;
	char text[512];
	va_list ap;
	int n, fd;

	va_start(ap, what);
	n = vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < sizeof(text))
		n += snprintf(text + n, sizeof(text) - (size_t)n, ": %s",
			strerror(error));
	if (n < 0 || (size_t)n >= sizeof(text))
		n = sizeof(text) - 1;
	if (channel_fd >= 0) {
		channel_send(CHANNEL_PANIC, text, (size_t)n);
	} else if ((fd = open("/dev/console", O_WRONLY | O_NOCTTY)) >= 0) {
		dprintf(fd, "init: %s\n", text);
		tcdrain(fd);
	}
	power_off();
}

/* The kernel had no /dev/console to give us. */
static void open_std(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < 2);
	if (fd > 2)
		close(fd);
}

static void mount_first(void)
{
	mkdir("/dev", 0755);
	mkdir("/proc", 0555);
	mkdir("/sys", 0555);
	if (mount("dev", "/dev", "devtmpfs", MS_NOSUID, NULL) < 0 ||
		mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			NULL) < 0 ||
		mount("sys", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			NULL) < 0)
		die("mount /dev, /proc, /sys");
}

/* What the host knows of entropy and time. */
static void take_over(void)
{
	struct {
		int bits, bytes;
		char data[64];
	} seed = {0};
	size_t at = 0;
	const struct item *i = record_next(RECORD_SEED, &at);
	int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
	uint64_t ns;

	if (i && fd >= 0) {
		seed.bytes = i->len < sizeof(seed.data)
				     ? (int)i->len
				     : (int)sizeof(seed.data);
		seed.bits = seed.bytes * 8;
		memcpy(seed.data, i->data, (size_t)seed.bytes);
		ioctl(fd, RNDADDENTROPY, &seed);
	}
	if (fd >= 0)
		close(fd);
	at = 0;
	i = record_next(RECORD_TIME, &at);
	if (i && i->len >= sizeof(ns)) {
		struct timespec now, up;

		memcpy(&ns, i->data, sizeof(ns));
		clock_gettime(CLOCK_BOOTTIME, &up);
		ns += (uint64_t)up.tv_sec * 1000000000u + (uint64_t)up.tv_nsec;
		now.tv_sec = (time_t)(ns / 1000000000u);
		now.tv_nsec = (long)(ns % 1000000000u);
		clock_settime(CLOCK_REALTIME, &now);
	}
}

/* What the program has sent gets some time to arrive. */
static void wait_for_peers(void)
{
	for (int ms = 0; ms < PEERS_MS && peers_unsent(); ms++)
		usleep(1000);
}

int main(void)
{
	const char *name;
	int program, status;
	unsigned char code[4] = {0};

	if (getpid() != 1) {
		fputs("init: this is process 1 of a machine\n", stderr);
		return 2;
	}
	umask(0);
	mount_first();
	open_std();
	signal(SIGPIPE, SIG_IGN);
	reboot(RB_DISABLE_CAD);
	record_load();
	modules_load("base");
	if (record_flags() & RECORD_F_CHANNEL)
		channel_open();
	take_over();
	name = record_text(RECORD_HOSTNAME, "localhost");
	sethostname(name, strlen(name));
	program = open("/slipway/program", O_PATH | O_CLOEXEC);
	if (program < 0 && !record_text(RECORD_ENTRY, NULL))
		die("open /slipway/program");
	modules_load("net");
	drain_prepare();
	root_make();
	network_start();
	umask(022);
	status = relay_run(program);
	wait_for_peers();
	root_end();
	code[0] = (unsigned char)status;
	channel_send(CHANNEL_EXIT, code, sizeof(code));
	/* An emulated network may still have to send what it took: the
	 * launcher knows, and ends the machine. */
	if (channel_fd >= 0)
		sleep(LAUNCHER_S);
	power_off();
}
