/* SPDX-License-Identifier: Apache-2.0 */
/* Commands to the running QEMU over its monitor (QMP). */
#include "vm/monitor.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"

/* Answers come within a millisecond from a machine that is not overloaded. */
enum { PATIENCE_MS = 10000, LINE_MAX_BYTES = 1 << 20 };

void monitor_free(struct monitor *m)
{
	buf_free(&m->in);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* 0 when the socket is ready. */
static int wait_for(struct monitor *m, short events, int64_t until)
{
	struct pollfd p = {.fd = m->fd, .events = events};
	int64_t left;
	int r;

	do {
		left = until - now_ms();
		r = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (r < 0 && errno == EINTR);
	return r > 0 ? 0 : r < 0 ? -errno : -ETIMEDOUT;
}

static int send_text(struct monitor *m, const char *s, int64_t until)
{
	size_t n = strlen(s);
	ssize_t done;
	int r = 0;

	while (n && r == 0) {
		done = write(m->fd, s, n);
		if (done > 0) {
			s += done;
			n -= (size_t)done;
		} else if (done < 0 && errno == EAGAIN) {
			r = wait_for(m, POLLOUT, until);
		} else if (done < 0 && errno != EINTR) {
			r = -errno;
		}
	}
	return r;
}

/* More bytes of the answer. */
static int receive(struct monitor *m, int64_t until)
{
	char b[4096];
	ssize_t n = read(m->fd, b, sizeof(b));

	if (n > 0) {
		buf_add(&m->in, b, (size_t)n);
		return m->in.len > LINE_MAX_BYTES ? -EPROTO : 0;
	}
	if (n == 0)
		return -EPIPE;
	if (errno == EINTR)
		return 0;
	return errno == EAGAIN ? wait_for(m, POLLIN, until) : -errno;
}

/* 1: the line is the answer to our command. Others are greetings and
 * events. */
static int take_line(
	struct monitor *m, const char *line, size_t n, struct buf *out)
{
	json_t *o = json_loadb(line, n, 0, NULL);
	const json_t *id = json_object_get(o, "id");
	const json_t *text = json_object_get(o, "return");
	const json_t *error = json_object_get(o, "error");
	int found = json_is_integer(id) &&
		    json_integer_value(id) == (json_int_t)m->id;

	if (found && json_is_string(text))
		buf_adds(out, json_string_value(text));
	else if (found && error)
		buf_adds(
			out, json_string_value(json_object_get(error, "desc")));
	json_decref(o);
	return found;
}

static int wait_answer(struct monitor *m, struct buf *out, int64_t until)
{
	int found = 0, r = 0;
	size_t n;
	char *nl;

	while (r == 0 && !found) {
		nl = m->in.len ? memchr(m->in.data, '\n', m->in.len) : NULL;
		if (!nl) {
			r = receive(m, until);
			continue;
		}
		n = (size_t)(nl + 1 - m->in.data);
		found = take_line(m, m->in.data, n, out);
		memmove(m->in.data, m->in.data + n, m->in.len - n);
		m->in.len -= n;
	}
	return r;
}

static char *request(struct monitor *m, const char *command)
{
	json_t *o = json_pack("{s:s, s:{s:s}, s:i}", "execute",
		"human-monitor-command", "arguments", "command-line", command,
		"id", (int)++m->id);
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;

	json_decref(o);
	return text;
}

int monitor_command(
	struct monitor *m, const char *command, struct buf *out, struct err *e)
{
	int64_t until = now_ms() + PATIENCE_MS;
	_free_ char *text = request(m, command);
	int r = text ? 0 : -EINVAL;

	if (r == 0 && !m->begun)
		r = send_text(m, "{\"execute\":\"qmp_capabilities\"}\n", until);
	m->begun = 1;
	if (r == 0)
		r = send_text(m, text, until);
	if (r == 0)
		r = send_text(m, "\n", until);
	if (r == 0)
		r = wait_answer(m, out, until);
	if (r < 0)
		return err_set(e, r, "QEMU's monitor: %s", strerror(-r));
	return 0;
}
