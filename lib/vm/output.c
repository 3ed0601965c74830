/* SPDX-License-Identifier: Apache-2.0 */
/* Writes to descriptors that others share, without blocking. */
#include "vm/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A terminal with room takes this much, or a little less. */
enum { TTY_CHUNK = 256 };

static int open_again(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void output_open(struct output *o, int fd)
{
	struct stat st;
	int again;

	memset(o, 0, sizeof(*o));
	o->fd = fd;
	o->chunk = SSIZE_MAX;
	if (fstat(fd, &st) < 0)
		return;
	if (S_ISFIFO(st.st_mode)) {
		/* A pipe is writable when a whole page of it is free. */
		o->chunk = PIPE_BUF;
	} else if (S_ISSOCK(st.st_mode)) {
		o->socket = 1;
	} else if (S_ISCHR(st.st_mode) && isatty(fd)) {
		again = open_again(fd);
		if (again < 0) {
			o->chunk = TTY_CHUNK;
		} else {
			o->fd = again;
			o->own = 1;
		}
	}
}

void output_close(struct output *o)
{
	if (o->own)
		close(o->fd);
	o->own = 0;
}

static int writable(const struct output *o)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};

	return poll(&p, 1, 0) > 0;
}

ssize_t output_write(struct output *o, const void *p, size_t n)
{
	ssize_t r;

	if (o->broken)
		return (ssize_t)n;
	if (!writable(o))
		return 0;
	if (n > o->chunk)
		n = o->chunk;
	if (o->socket)
		r = send(o->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		r = write(o->fd, p, n);
	if (r < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return r < 0 ? -errno : r;
}
