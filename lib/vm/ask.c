/* SPDX-License-Identifier: Apache-2.0 */
/* Questions from a socket to the guest, and its answers back. */
#include "vm/ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "abi/channel.h"
#include "core/buf.h"
#include "core/mem.h"
#include "vm/channel.h"

#define NAME "slipway-health-"

/* A guest that was told to end the command has so long to say so. */
enum { GRACE_MS = 5000, QUEUE = 16, STATUS = 4 };

struct ask {
	int listen, peer; /* peer -1: nobody waits */
	unsigned timeout_ms;
	int asked;           /* the guest owes an answer */
	int ended;           /* and was told to end the command */
	int late;            /* because of the time */
	int silent;          /* and did not answer in time */
	int64_t deadline_ms; /* 0: none */
};

static int address(struct sockaddr_un *a, socklen_t *len, struct err *e)
{
	size_t at = 1 + strlen(NAME);
	ssize_t n;

	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	*len = 0;
	memcpy(a->sun_path + 1, NAME, strlen(NAME));
	n = readlink("/proc/self/ns/mnt", a->sun_path + at,
		sizeof(a->sun_path) - at);
	if (n < 0)
		return err_errno(e, "read /proc/self/ns/mnt");
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + at +
			   (size_t)n);
	return 0;
}

static int open_socket(int flags, struct err *e)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	return fd < 0 ? err_errno(e, "make a socket") : fd;
}

int ask_connect(struct err *e)
{
	struct sockaddr_un a;
	socklen_t len;
	int r = address(&a, &len, e);
	_close_ int fd = r < 0 ? r : open_socket(0, e);

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)(void *)&a, len) < 0)
		return err_errno(e, "connect to the launcher");
	return steal_fd(fd);
}

struct ask *ask_open(unsigned timeout_ms, struct err *e)
{
	struct sockaddr_un at;
	socklen_t len;
	_close_ int fd = open_socket(SOCK_NONBLOCK, e);
	struct ask *a;

	if (fd < 0 || address(&at, &len, e) < 0)
		return NULL;
	if (bind(fd, (struct sockaddr *)(void *)&at, len) < 0 ||
		listen(fd, QUEUE) < 0) {
		err_errno(e, "open @%.*s", (int)len - 3, at.sun_path + 1);
		return NULL;
	}
	a = xcalloc(1, sizeof(*a));
	a->listen = steal_fd(fd);
	a->peer = -1;
	a->timeout_ms = timeout_ms;
	return a;
}

static void leave(struct ask *a)
{
	mem_close_p(&a->peer);
	a->peer = -1;
}

void ask_free(struct ask *a)
{
	if (!a)
		return;
	leave(a);
	mem_close_p(&a->listen);
	free(a);
}

/* It is small, and nothing else is on its way: it need not be waited for. */
static void reply(struct ask *a, char how, const void *text, size_t n)
{
	_buf_ struct buf b = {0};

	if (a->peer < 0)
		return;
	buf_add(&b, &how, 1);
	buf_add(&b, text, n);
	if (a->late)
		buf_addf(&b, "slipway: ended after %u ms\n", a->timeout_ms);
	/* Who left meanwhile does not want it. */
	(void)!send(a->peer, b.data, b.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	leave(a);
}

static void refuse(struct ask *a, const char *why)
{
	reply(a, ASK_ILL, why, strlen(why));
}

static int may_ask(int fd)
{
	struct ucred c;
	socklen_t len = sizeof(c);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &len) == 0 &&
	       (c.uid == geteuid() || c.uid == 0);
}

static unsigned take_peer(struct ask *a, int64_t now_ms)
{
	a->peer = accept4(a->listen, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (a->peer < 0)
		return 0;
	if (!may_ask(a->peer)) {
		refuse(a, "slipway: only the container's user may ask\n");
		return 0;
	}
	if (a->silent) {
		refuse(a, "slipway: the machine does not answer\n");
		return 0;
	}
	a->asked = 1;
	a->deadline_ms = now_ms + a->timeout_ms;
	return CHANNEL_ASK;
}

static unsigned end(struct ask *a, int64_t now_ms)
{
	if (a->ended)
		return 0;
	a->ended = 1;
	a->deadline_ms = now_ms + GRACE_MS;
	return CHANNEL_ASK_END;
}

static int has_left(const struct ask *a)
{
	char c;
	ssize_t n = recv(a->peer, &c, 1, MSG_DONTWAIT);

	return n >= 0 || (errno != EAGAIN && errno != EINTR);
}

unsigned ask_work(struct ask *a, int64_t now_ms)
{
	if (!a->asked || a->silent)
		return take_peer(a, now_ms);
	if (a->peer >= 0 && has_left(a)) {
		leave(a);
		return end(a, now_ms);
	}
	if (now_ms < a->deadline_ms)
		return 0;
	if (!a->ended) {
		a->late = 1;
		return end(a, now_ms);
	}
	a->silent = 1;
	a->deadline_ms = 0;
	refuse(a, "slipway: the machine does not answer\n");
	return 0;
}

int ask_fd(const struct ask *a)
{
	return !a ? -1 : a->asked && !a->silent ? a->peer : a->listen;
}

int64_t ask_deadline_ms(const struct ask *a)
{
	return a ? a->deadline_ms : 0;
}

int ask_answer(
	struct ask *a, const unsigned char *data, size_t n, struct err *e)
{
	if (!a || !a->asked || n < STATUS || n > STATUS + CHANNEL_ANSWER_MAX)
		return err_set(e, -EPROTO,
			"the guest sent an answer of %zu bytes to %s", n,
			a && a->asked ? "a question" : "no question");
	reply(a, channel_u32(data) || a->late ? ASK_ILL : ASK_WELL,
		data + STATUS, n - STATUS);
	a->asked = a->ended = a->late = a->silent = 0;
	a->deadline_ms = 0;
	return 0;
}
