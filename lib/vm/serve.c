/* SPDX-License-Identifier: Apache-2.0 */
/* The loop between the guest's channel and our own descriptors. */
#include "vm/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi/record.h"
#include "core/mem.h"

/* Signals do not pile up before a guest that takes nothing. */
enum { TX_MAX = 2 * CHANNEL_MAX, SERIAL_CHUNK = 512, SAME_SIGNAL_MS = 50 };

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void send_frame(
	struct session *s, unsigned type, const void *p, size_t n)
{
	if (s->plan->serial || s->tx.len - s->tx_pos > TX_MAX)
		return;
	channel_put(&s->tx, type, p, n);
}

static void send_signal(struct session *s, int sig)
{
	const unsigned char p[4] = {(unsigned char)sig};

	send_frame(s, CHANNEL_SIGNAL, p, sizeof(p));
}

static void send_size(struct session *s)
{
	uint16_t rows, cols;
	unsigned char p[4];

	tty_size(&rows, &cols);
	p[0] = (unsigned char)rows;
	p[1] = (unsigned char)(rows >> 8);
	p[2] = (unsigned char)cols;
	p[3] = (unsigned char)(cols >> 8);
	send_frame(s, CHANNEL_WINSIZE, p, sizeof(p));
}

static int begins_drain(const struct vm_plan *p, int sig)
{
	return p->drain_ms && (sig == SIGTERM || sig == p->stop_signal);
}

/*
 * A signal that ends programs, unless they have a handler or ignore it: only
 * SIGTERM sees to it that they end in time, and a second one at once; where
 * requests may end before (RECORD_DRAIN) the second one ends that, a third one
 * the program.
 * timeout(1) sends one to us and then one to our group: that is one.
 */
static void end_guest(struct session *s, int sig)
{
	unsigned ms = s->plan->stop_timeout_ms;
	int64_t now = now_ms();

	if (s->signal && sig == SIGTERM && now < s->signal_ms + SAME_SIGNAL_MS)
		return;
	if (s->plan->serial ||
		(s->signal && sig == SIGTERM && s->draining != 1)) {
		s->status = 128 + sig;
		return;
	}
	if (begins_drain(s->plan, sig) && s->draining++ == 0) {
		s->drain_ms = now;
		forward_drain(s->forward);
	}
	send_signal(s, sig);
	if (sig != SIGTERM || s->signal)
		return;
	s->signal = sig;
	s->signal_ms = now;
	s->deadline_ms = now + (ms ? ms : VM_STOP_MS);
}

static void take_signals(struct session *s)
{
	struct signalfd_siginfo si;

	while (read(s->signals, &si, sizeof(si)) == sizeof(si)) {
		int sig = (int)si.ssi_signo;

		switch (sig) {
		case SIGCHLD:
			machine_reap(&s->m);
			break;
		case SIGWINCH:
			send_size(s);
			break;
		case SIGUSR1:
		case SIGUSR2:
			send_signal(s, sig);
			break;
		default:
			end_guest(s, sig);
			break;
		}
	}
}

/* Writes what waits; 0 also when it has to wait on. */
static int write_part(struct session *s, struct err *e)
{
	ssize_t n;

	while (s->to && s->part.len > 0) {
		n = output_write(s->to, s->part.data, s->part.len);
		if (n == 0)
			return 0;
		if (n == -EPIPE || n == -EIO) {
			/* As a process that writes to nobody. */
			s->to->broken = 1;
			end_guest(s, n == -EPIPE ? SIGPIPE : SIGHUP);
			continue;
		}
		if (n < 0) {
			errno = (int)-n;
			return err_errno(e, "write the program's output");
		}
		s->part.data += n;
		s->part.len -= (size_t)n;
	}
	s->to = NULL;
	return 0;
}

static void show_text(const void *p, size_t n)
{
	if (write(STDERR_FILENO, p, n) < 0)
		return; /* a log that nobody reads */
}

static int take_part(struct session *s, struct err *e)
{
	const struct channel_part *p = &s->part;
	uint32_t v;

	switch (p->type) {
	case CHANNEL_OUT:
	case CHANNEL_ERR:
		s->to = &s->out[p->type == CHANNEL_OUT ? 1 : 2];
		return write_part(s, e);
	case CHANNEL_LOG:
		if (s->plan->verbose)
			show_text(p->data, p->len);
		return 0;
	case CHANNEL_WANT:
		v = channel_u32(p->data);
		s->want = v < CHANNEL_MAX ? v : CHANNEL_MAX;
		return 0;
	case CHANNEL_TERMIOS:
		tty_set(&s->tty, p->data); /* no terminal: nothing to set */
		return 0;
	case CHANNEL_EXIT:
		v = channel_u32(p->data);
		if (v > 255)
			return err_set(e, -EPROTO,
				"the guest gave %u as its exit status", v);
		s->status = (int)v;
		s->exited = 1;
		return 0;
	case CHANNEL_PORT:
		return s->forward ? forward_port(s->forward, p->data, e) : 0;
	case CHANNEL_ANSWER:
		return ask_answer(s->ask, p->data, p->len, e);
	default: /* CHANNEL_PANIC; channel_next refused what is unknown */
		return err_set(e, -EIO, "keel: %.*s", (int)p->len,
			p->len ? (const char *)p->data : "");
	}
}

/* Works off what was received, until output has to wait. */
static int drain(struct session *s, struct err *e)
{
	size_t used;
	int r;

	while (s->status < 0 && !s->to && s->in_pos < s->in_len) {
		r = channel_next(&s->rx, s->in + s->in_pos,
			s->in_len - s->in_pos, &used, &s->part, e);
		s->in_pos += used;
		if (r > 0)
			r = take_part(s, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int receive(struct session *s, struct err *e)
{
	ssize_t n = read(s->m.chan, s->in, sizeof(s->in));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		s->ended = 1;
		return 0;
	}
	s->in_pos = 0;
	s->in_len = (size_t)n;
	return drain(s, e);
}

static void transmit(struct session *s)
{
	int fd = s->plan->serial ? s->m.serial : s->m.chan;
	ssize_t n;

	while (s->tx_pos < s->tx.len) {
		n = write(fd, s->tx.data + s->tx_pos, s->tx.len - s->tx_pos);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break; /* it ended: the other direction tells */
		s->tx_pos += (size_t)n;
	}
	s->tx.len = s->tx_pos = 0;
}

static void read_input(struct session *s)
{
	char b[CHANNEL_MAX];
	ssize_t n = read(STDIN_FILENO, b, s->want);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	s->want = 0;
	if (s->plan->serial) {
		/* A serial line has no end of input. */
		if (n > 0) {
			buf_add(&s->tx, b, (size_t)n);
			s->want = SERIAL_CHUNK;
		}
	} else if (n > 0) {
		channel_put(&s->tx, CHANNEL_IN, b, (size_t)n);
	} else {
		channel_put(&s->tx, CHANNEL_EOF, NULL, 0);
	}
}

/* Serial port and QEMU's messages: shown now, or kept for later. */
static void read_text(struct session *s, int *fd, struct tail *t)
{
	char b[4096];
	ssize_t n = read(*fd, b, sizeof(b));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		mem_close_p(fd);
		*fd = -1;
		return;
	}
	tail_add(t, b, (size_t)n);
	if (s->plan->verbose)
		show_text(b, (size_t)n);
}

/* In serial mode the port is the program's output. */
static int read_serial(struct session *s, struct err *e)
{
	ssize_t n = read(s->m.serial, s->in, sizeof(s->in));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		s->ended = 1;
		return 0;
	}
	s->part.data = s->in;
	s->part.len = (size_t)n;
	s->to = &s->out[1];
	return write_part(s, e);
}

/* The machine is gone and the program gave no status. */
static int explain(struct session *s, struct err *e)
{
	_buf_ struct buf b = {0};
	int status = s->m.status;

	if (s->m.stderr_fd >= 0)
		read_text(s, &s->m.stderr_fd, &s->said);
	if (s->m.serial >= 0 && !s->plan->serial)
		read_text(s, &s->m.serial, &s->serial);
	if (WIFSIGNALED(status))
		buf_addf(&b, "the machine was ended by signal %d%s",
			WTERMSIG(status),
			WTERMSIG(status) == SIGKILL ? " (out of memory?)" : "");
	else if (WEXITSTATUS(status))
		buf_addf(&b, "QEMU failed with status %d", WEXITSTATUS(status));
	else
		buf_adds(&b, "the machine stopped before the program ended");
	if (!s->plan->verbose) {
		tail_show(&s->said, &b);
		tail_show(&s->serial, &b);
	}
	return err_set(e, -EIO, "%s", b.data);
}

static int gone(struct session *s, struct err *e)
{
	if (s->plan->serial && WIFEXITED(s->m.status) &&
		WEXITSTATUS(s->m.status) == 0) {
		s->status = 0;
		return 0;
	}
	return explain(s, e);
}

enum { P_SIGNAL, P_CHAN, P_SERIAL, P_SAID, P_IN, P_OUT, P_PORTS, P_ASK, NPOLL };

static void want_events(const struct session *s, struct pollfd p[NPOLL])
{
	int waits = s->to != NULL; /* output waits: take no more */
	short out = s->tx_pos < s->tx.len ? POLLOUT : 0;
	int serial = s->plan->serial;

	for (int i = 0; i < NPOLL; i++)
		p[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	p[P_SIGNAL].fd = s->signals;
	p[P_PORTS].fd = forward_fd(s->forward);
	p[P_ASK].fd = ask_fd(s->ask);
	if (!serial && !s->ended && (!waits || out)) {
		p[P_CHAN].fd = s->m.chan;
		p[P_CHAN].events = (short)((waits ? 0 : POLLIN) | out);
	}
	if (!serial) {
		p[P_SERIAL].fd = s->m.serial;
	} else if (!s->ended && (!waits || out)) {
		p[P_SERIAL].fd = s->m.serial;
		p[P_SERIAL].events = (short)((waits ? 0 : POLLIN) | out);
	}
	p[P_SAID].fd = s->m.stderr_fd;
	/* No more input than the guest takes. */
	if (s->want && !(serial && out) && s->tx.len - s->tx_pos <= TX_MAX)
		p[P_IN].fd = STDIN_FILENO;
	if (waits) {
		p[P_OUT].fd = s->to->fd;
		p[P_OUT].events = POLLOUT;
	}
}

static int left_until(int64_t deadline_ms)
{
	int64_t left = deadline_ms - now_ms();

	return left > 0 ? (int)left : 0;
}

static int timeout_of(const struct session *s)
{
	int64_t ask = ask_deadline_ms(s->ask), end = s->deadline_ms;

	if (!ask && !end)
		return -1;
	return left_until(!ask || (end && end < ask) ? end : ask);
}

/* At most two frames come for each answer: they need no limit. */
static void take_question(struct session *s)
{
	unsigned type = ask_work(s->ask, now_ms());

	if (type)
		channel_put(&s->tx, type, NULL, 0);
}

static int handle(
	struct session *s, const struct pollfd p[NPOLL], struct err *e)
{
	int r = 0;

	if (p[P_SIGNAL].revents)
		take_signals(s);
	if (p[P_IN].revents)
		read_input(s);
	if (p[P_PORTS].revents)
		forward_work(s->forward);
	if (p[P_ASK].revents || (ask_deadline_ms(s->ask) &&
					!left_until(ask_deadline_ms(s->ask))))
		take_question(s);
	if (s->tx_pos < s->tx.len)
		transmit(s);
	if (p[P_SAID].revents) {
		read_text(s, &s->m.stderr_fd, &s->said);
		/* QEMU stops the guest then and waits for a debugger. */
		if (tail_has(&s->said, "KVM internal error"))
			return err_set(e, -EIO,
				"KVM does not work on this machine: it failed "
				"while the guest ran (emulation works)");
	}
	if (p[P_OUT].revents) {
		r = write_part(s, e);
		if (r == 0 && !s->plan->serial)
			r = drain(s, e);
	}
	if (r == 0 && p[P_SERIAL].revents & ~POLLOUT) {
		if (s->plan->serial)
			r = s->to ? 0 : read_serial(s, e);
		else
			read_text(s, &s->m.serial, &s->serial);
	}
	if (r == 0 && p[P_CHAN].revents & ~POLLOUT && !s->to)
		r = receive(s, e);
	return r;
}

int serve(struct session *s, struct err *e)
{
	struct pollfd p[NPOLL];
	int r = 0;

	s->status = -1;
	if (s->plan->serial)
		s->want = SERIAL_CHUNK;
	while (r == 0 && s->status < 0) {
		if (s->ended && !s->to && !s->m.pid)
			return gone(s, e);
		if (s->deadline_ms && left_until(s->deadline_ms) == 0) {
			s->status = 128 + s->signal;
			break;
		}
		want_events(s, p);
		if (poll(p, NPOLL, timeout_of(s)) < 0) {
			if (errno == EINTR)
				continue;
			return err_errno(e, "poll");
		}
		r = handle(s, p, e);
	}
	return r;
}
