/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the program, with its descriptors on the channel. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

enum {
	CHUNK = 32768,
	ATOMIC = 4096,     /* what a pipe that can be written takes at once */
	TERMIOS_SIZE = 36, /* struct termios of the kernel */
	TTY = RECORD_F_TTY_IN | RECORD_F_TTY_OUT | RECORD_F_TTY_ERR
};

/* Our ends; -1: closed, or not there. */
static struct {
	int in, out[2], tty, signals;
	int wanted; /* an IN or EOF is to come */
	pid_t program;
	int ended, status, signal; /* 0: it ended by itself */
} r = {-1, {-1, -1}, -1, -1, 0, 0, 0, 0, 0};

/* The program's ends. */
struct ends {
	int fd[3];
};

/* --- before ---------------------------------------------------------------*/

/*
 * The line discipline is the guest's: the host's terminal is made raw, and
 * ours gets the settings that it had.
 */
static int make_terminal(void)
{
	size_t at = 0;
	const struct item *i = record_next(RECORD_TERMIOS, &at);
	char settings[TERMIOS_SIZE], slave[32];
	struct termios raw;
	uint16_t size[2];
	int fd, n, unlock = 0;

	r.tty = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (r.tty < 0 || ioctl(r.tty, TIOCGPTN, &n) < 0 ||
		ioctl(r.tty, TIOCSPTLCK, &unlock) < 0)
		die("make a terminal");
	snprintf(slave, sizeof(slave), "/dev/pts/%d", n);
	fd = open(slave, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		die("open %s", slave);
	if (i && i->len == sizeof(settings)) {
		memcpy(settings, i->data, sizeof(settings));
		ioctl(fd, TCSETS, settings);
		tcgetattr(fd, &raw);
		cfmakeraw(&raw);
		memcpy(settings, &raw, sizeof(settings));
		channel_send(CHANNEL_TERMIOS, settings, sizeof(settings));
	}
	at = 0;
	i = record_next(RECORD_WINSIZE, &at);
	if (i && i->len >= sizeof(size)) {
		memcpy(size, i->data, sizeof(size));
		ioctl(fd, TIOCSWINSZ,
			&(struct winsize){size[0], size[1], 0, 0});
	}
	return fd;
}

static void make_pipe(int *ours, int *theirs, int input)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		die("make a pipe");
	*ours = p[input];
	*theirs = p[!input];
}

static void open_ends(struct ends *e)
{
	static const uint64_t is_tty[] = {
		RECORD_F_TTY_IN, RECORD_F_TTY_OUT, RECORD_F_TTY_ERR};
	uint64_t f = record_flags();
	int tty = f & TTY ? make_terminal() : -1;

	for (int i = 0; i < 3; i++) {
		if (f & is_tty[i])
			e->fd[i] = tty;
		else if (i == 0 && f & RECORD_F_NO_STDIN)
			e->fd[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		else if (i == 0)
			make_pipe(&r.in, &e->fd[i], 1);
		else
			make_pipe(&r.out[i - 1], &e->fd[i], 0);
	}
	if (f & RECORD_F_TTY_IN)
		r.in = r.tty;
	for (int i = 0; i < 2; i++)
		if (r.out[i] >= 0)
			fcntl(r.out[i], F_SETFL, O_NONBLOCK);
	if (r.tty >= 0)
		fcntl(r.tty, F_SETFL, O_NONBLOCK);
}

/* Without a launcher: the serial port, as it is. */
static void open_serial(struct ends *e)
{
	int fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios t;

	if (fd < 0)
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (tcgetattr(fd, &t) == 0) {
		cfmakeraw(&t);
		tcsetattr(fd, TCSANOW, &t);
	}
	for (int i = 0; i < 3; i++)
		e->fd[i] = fd;
}

/* --- the program ----------------------------------------------------------*/

static void start(int program, const struct ends *e)
{
	sigset_t all;

	program_enter_folder();
	sigemptyset(&all);
	sigaddset(&all, SIGCHLD);
	sigprocmask(SIG_BLOCK, &all, NULL);
	r.signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	r.program = fork();
	if (r.program < 0 || r.signals < 0)
		die("start the program");
	if (r.program > 0)
		return;
	setsid();
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	for (int i = 0; i < 3; i++)
		dup2(e->fd[i], i);
	if (r.tty >= 0)
		ioctl(isatty(0) ? 0 : isatty(1) ? 1 : 2, TIOCSCTTY, 0);
	program_exec(program);
}

static void reap(void)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(r.signals, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		health_reaped(pid, status);
		if (pid != r.program)
			continue;
		r.ended = 1;
		r.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		r.status = r.signal ? 128 + r.signal : WEXITSTATUS(status);
	}
}

/* --- between --------------------------------------------------------------*/

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Not at each call: the tables are texts. */
static void look_at_ports(void)
{
	static int64_t next;
	int64_t now = now_ms();

	if (now < next)
		return;
	next = now + LOOK_MS;
	ports_tell();
}

/* 1: there may be more. */
static int take_output(int *fd, unsigned type)
{
	static char data[CHUNK];
	ssize_t n;

	if (*fd < 0)
		return 0;
	n = read(*fd, data, sizeof(data));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) { /* nobody writes there any more */
		if (fd != &r.tty)
			close(*fd);
		*fd = -1;
		return 0;
	}
	look_at_ports();
	channel_send(type, data, (size_t)n);
	return 1;
}

static int take_all_output(void)
{
	return take_output(&r.out[0], CHANNEL_OUT) |
	       take_output(&r.out[1], CHANNEL_ERR) |
	       take_output(&r.tty, CHANNEL_OUT);
}

static void give_input(const void *p, size_t n)
{
	const char *from = p;

	while (n && r.in >= 0) {
		ssize_t w = write(r.in, from, n);

		if (w < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (w < 0) {
			close(r.in);
			r.in = -1;
			return;
		}
		from += w;
		n -= (size_t)w;
	}
}

static void end_input(void)
{
	static const char end = 4; /* VEOF */

	if (r.in >= 0 && r.in == r.tty)
		give_input(&end, 1);
	else if (r.in >= 0)
		close(r.in);
	r.in = -1;
}

static void want_input(void)
{
	uint32_t n = ATOMIC;
	int used = 1;

	if (r.in != r.tty && ioctl(r.in, FIONREAD, &used) == 0 && !used)
		n = CHANNEL_MAX;
	r.wanted = 1;
	channel_send(CHANNEL_WANT, &n, sizeof(n));
}

static void give_signal(int sig)
{
	if (sig && !r.ended)
		kill(r.program, sig);
}

static void take_frames(void)
{
	static char data[CHANNEL_MAX];
	uint16_t size[2];
	uint32_t sig;
	size_t n;

	for (unsigned type; (type = channel_read(data, &n));) {
		switch (type) {
		case CHANNEL_IN:
			r.wanted = 0;
			give_input(data, n);
			break;
		case CHANNEL_EOF:
			r.wanted = 0;
			end_input();
			break;
		case CHANNEL_SIGNAL:
			memcpy(&sig, data, sizeof(sig));
			give_signal(drain_keep((int)sig));
			break;
		case CHANNEL_ASK:
			health_start();
			break;
		case CHANNEL_ASK_END:
			health_end();
			break;
		case CHANNEL_WINSIZE:
			memcpy(size, data, sizeof(size));
			if (r.tty >= 0)
				ioctl(r.tty, TIOCSWINSZ,
					&(struct winsize){
						size[0], size[1], 0, 0});
			break;
		default:
			errno = EPROTO;
			die("a frame of type %u", type);
		}
	}
}

static void wait_for_something(void)
{
	struct pollfd p[] = {
		{channel_fd, POLLIN, 0},
		{r.signals, POLLIN, 0},
		{r.out[0], POLLIN, 0},
		{r.out[1], POLLIN, 0},
		{r.tty, POLLIN, 0},
		{r.wanted ? -1 : r.in, POLLOUT, 0},
		{health_fd(), POLLIN, 0},
	};

	poll(p, sizeof(p) / sizeof(p[0]), LOOK_MS);
	if (p[5].revents & POLLOUT)
		want_input();
	else if (p[5].revents)
		end_input();
}

/* The kernel has killed for want of memory: proc(5), /proc/vmstat. */
static int is_out_of_memory(void)
{
	FILE *f = fopen("/proc/vmstat", "re");
	char name[64], count[32];
	int killed = 0;

	while (f && !killed && fscanf(f, "%63s %31s", name, count) == 2)
		killed = !strcmp(name, "oom_kill") && strcmp(count, "0") != 0;
	if (f)
		fclose(f);
	return killed;
}

static void say_signal(int signal)
{
	struct sysinfo info = {0};
	char text[128];
	int n = snprintf(text, sizeof(text),
		"slipway: the program was ended by signal %d (%s)\n", signal,
		strsignal(signal));

	if (signal == SIGKILL && is_out_of_memory() && sysinfo(&info) == 0) {
		n = snprintf(text, sizeof(text),
			"slipway: out of memory: the program needs more than "
			"%lu MiB\n",
			info.totalram * info.mem_unit >> 20);
		channel_send(CHANNEL_ERR, text, (size_t)n);
	}
	if (signal != SIGTERM && signal != SIGINT && signal != SIGKILL)
		channel_send(CHANNEL_ERR, text, (size_t)n);
}

int relay_run(int program)
{
	struct ends e;

	if (channel_fd < 0)
		open_serial(&e);
	else
		open_ends(&e);
	start(program, &e);
	for (int i = 0; i < 3; i++)
		if (i == 0 || (e.fd[i] != e.fd[0] && e.fd[i] != e.fd[i - 1]))
			close(e.fd[i]);
	while (!r.ended) {
		wait_for_something();
		if (channel_fd >= 0) {
			look_at_ports();
			take_frames();
			take_all_output();
			give_signal(drain_look());
		}
		reap();
		health_look();
	}
	while (channel_fd >= 0 && take_all_output())
		;
	if (r.signal)
		say_signal(r.signal);
	kill(-1, SIGKILL);
	while (wait(NULL) > 0)
		;
	return r.status;
}
