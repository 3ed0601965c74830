/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a plan: boot record, machine, the loop, the end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "abi/record.h"
#include "core/log.h"
#include "core/mem.h"
#include "vm/fit.h"
#include "vm/flush.h"
#include "vm/record.h"
#include "vm/serve.h"
#include "vm/vm.h"
#include "vm/volume.h"

enum { SEED_SIZE = 64 };

void vm_open_std_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* Nothing can come from /dev/null: the guest need not ask. */
static int is_null(int fd)
{
	struct stat st, null;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       stat("/dev/null", &null) == 0 && st.st_rdev == null.st_rdev;
}

static uint64_t record_flags(const struct vm_plan *p)
{
	uint64_t f = RECORD_F_CHANNEL;

	if (isatty(0))
		f |= RECORD_F_TTY_IN;
	if (isatty(1))
		f |= RECORD_F_TTY_OUT;
	if (isatty(2))
		f |= RECORD_F_TTY_ERR;
	if (is_null(0))
		f |= RECORD_F_NO_STDIN;
	if (p->verbose)
		f |= RECORD_F_VERBOSE;
	if (!p->disk)
		f |= RECORD_F_NO_VDA;
	return f;
}

static void add_size(struct buf *b)
{
	uint16_t size[2];

	tty_size(&size[0], &size[1]);
	record_add(b, RECORD_WINSIZE, size, sizeof(size));
}

static void add_drain(const struct vm_plan *p, struct buf *b)
{
	struct record_drain d = {
		.ns = p->drain_ms * 1000000ULL,
		.signals = 1ULL << (SIGTERM - 1),
	};

	if (p->stop_signal)
		d.signals |= 1ULL << (p->stop_signal - 1);
	record_add(b, RECORD_DRAIN, &d, sizeof(d));
}

static int make_record(const struct vm_plan *p, const struct tty *tty,
	struct buf *b, struct err *e)
{
	unsigned char seed[SEED_SIZE];
	struct timespec t;
	uint64_t flags = record_flags(p);

	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		return err_errno(e, "random numbers");
	record_begin(b);
	record_add_u64(b, RECORD_FLAGS, flags);
	record_add(b, RECORD_SEED, seed, sizeof(seed));
	record_add_list(b, RECORD_ARG, p->argv);
	record_add_list(b, RECORD_ENV, p->env);
	record_add_str(b, RECORD_CWD, p->cwd ? p->cwd : "/");
	record_add_str(
		b, RECORD_HOSTNAME, p->hostname ? p->hostname : "localhost");
	for (size_t i = 0; i < p->nfiles; i++)
		record_add_file(b, p->files[i].path, p->files[i].data.data,
			p->files[i].data.len);
	for (size_t i = 0; p->net && i < p->net->ncards; i++)
		record_add_str(b, RECORD_NET, p->net->card[i].record);
	vm_volumes_record(p->volumes, b);
	if (p->drain_ms)
		add_drain(p, b);
	if (tty->fd >= 0)
		record_add(b, RECORD_TERMIOS, tty->saved, TTY_TERMIOS_SIZE);
	if (flags & (RECORD_F_TTY_IN | RECORD_F_TTY_OUT | RECORD_F_TTY_ERR))
		add_size(b);
	clock_gettime(CLOCK_REALTIME, &t);
	record_add_u64(b, RECORD_TIME,
		(uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec);
	return record_end(b, e);
}

/* All that reach us come by the descriptor from here on. */
static int take_over_signals(struct err *e)
{
	static const int ours[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1,
		SIGUSR2, SIGWINCH, SIGCHLD};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		sigaddset(&set, ours[i]);
		/* A handler of the command, or "ignored" from a nohup. */
		if (ours[i] == SIGCHLD)
			sigaction(ours[i], &dfl, NULL);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGTTOU, &ignore, NULL); /* settings of the terminal */
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_errno(e, "signalfd") : fd;
}

static enum vm_accel choose_accel(const struct vm_plan *p)
{
	const char *why;
	int works;

	if (p->accel != VM_ACCEL_AUTO)
		return p->accel;
	works = vm_kvm_works(&why);
	if (p->verbose && works)
		log_add(LOG_NOTE, "KVM works");
	else if (p->verbose)
		log_add(LOG_NOTE, "no KVM (%s): emulating", why);
	return works ? VM_ACCEL_KVM : VM_ACCEL_TCG;
}

/* A program that nobody can ask runs all the same. */
static void open_ask(struct session *s)
{
	struct err e;

	if (!s->plan->health_ms || s->plan->serial)
		return;
	s->ask = ask_open(s->plan->health_ms, &e);
	if (!s->ask)
		log_add(LOG_WARNING, "no health check can be made: %s", e.msg);
}

static int run(struct session *s, struct err *e)
{
	const struct vm_plan *p = s->plan;
	_buf_ struct buf record = {0};
	enum vm_accel accel;
	int r;

	r = s->signals = take_over_signals(e);
	if (r < 0)
		return r;
	accel = choose_accel(p);
	tty_open(&s->tty, STDIN_FILENO);
	output_open(&s->out[1], STDOUT_FILENO);
	output_open(&s->out[2], STDERR_FILENO);
	if (!p->serial) {
		r = make_record(p, &s->tty, &record, e);
		if (r < 0)
			return r;
	}
	r = machine_start(&s->m, p, accel, p->serial ? NULL : &record, e);
	if (r < 0)
		return r;
	open_ask(s);
	if (vm_net_user(p->net))
		s->forward = forward_new(p->net, s->m.monitor);
	if (s->forward && p->serial)
		forward_published(s->forward);
	r = serve(s, e);
	if (r == 0 && s->exited && s->forward)
		flush_peers(s);
	return r;
}

int vm_run(const struct vm_plan *p, struct err *e)
{
	struct session *s;
	int r = p->kernel ? vm_kernel_fits(p->kernel, p->memory, e) : 0;

	if (r < 0)
		return r;
	s = xcalloc(1, sizeof(*s));
	s->plan = p;
	s->signals = s->tty.fd = -1;
	s->m = (struct machine){
		.chan = -1, .serial = -1, .monitor = -1, .stderr_fd = -1};
	r = run(s, e);
	if (r == 0)
		r = s->status;
	forward_free(s->forward);
	ask_free(s->ask);
	machine_end(&s->m);
	tty_restore(&s->tty);
	output_close(&s->out[1]);
	output_close(&s->out[2]);
	mem_close_p(&s->signals);
	channel_rx_free(&s->rx);
	buf_free(&s->tx);
	free(s);
	return r;
}
