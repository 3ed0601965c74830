/* SPDX-License-Identifier: Apache-2.0 */
/* Frames to and from the launcher over a virtio-serial port. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

int channel_fd = -1;

enum { PORT_MS = 10000, HEAD = sizeof(struct channel_frame) };

/* Port 1 of the one device; its number depends on the other devices. */
static int find_port(void)
{
	DIR *d = opendir("/dev");
	struct dirent *de;
	int fd = -1;

	while (d && fd < 0 && (de = readdir(d))) {
		const char *p = strrchr(de->d_name, 'p');

		if (!strncmp(de->d_name, "vport", 5) && !strcmp(p, "p1"))
			fd = openat(dirfd(d), de->d_name, O_RDWR | O_CLOEXEC);
	}
	if (d)
		closedir(d);
	return fd;
}

void channel_open(void)
{
	/* The device asks for its ports when its driver is there. */
	for (int ms = 0; channel_fd < 0 && ms < PORT_MS; ms++) {
		channel_fd = find_port();
		if (channel_fd < 0)
			usleep(1000);
	}
	if (channel_fd < 0)
		die("open /dev/vport*p1");
}

static void write_all(const void *p, size_t n)
{
	const char *from = p;

	while (n) {
		ssize_t r = write(channel_fd, from, n);

		if (r < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (r <= 0)
			power_off(); /* nobody is there any more */
		from += r;
		n -= (size_t)r;
	}
}

void channel_send(unsigned type, const void *p, size_t n)
{
	static char frame[HEAD + CHANNEL_MAX];
	struct channel_frame h = {(uint8_t)type, {0}, (uint32_t)n};

	if (channel_fd < 0)
		return;
	memcpy(frame, &h, HEAD);
	memcpy(frame + HEAD, p, n);
	write_all(frame, HEAD + n);
}

unsigned channel_read(void *buf, size_t *n)
{
	static char in[HEAD + CHANNEL_MAX];
	static size_t have;
	struct channel_frame h = {0};
	struct pollfd p = {channel_fd, POLLIN, 0};
	size_t want = HEAD;

	for (;;) {
		ssize_t r;

		if (have >= HEAD) {
			memcpy(&h, in, HEAD);
			want = HEAD + h.len;
			if (h.len > CHANNEL_MAX)
				die("a frame of %u bytes", h.len);
		}
		if (have == want && want >= HEAD && have >= HEAD)
			break;
		if (poll(&p, 1, 0) <= 0 || !(p.revents & POLLIN))
			return 0;
		r = read(channel_fd, in + have, want - have);
		if (r <= 0)
			return 0;
		have += (size_t)r;
	}
	have = 0;
	memcpy(buf, in + HEAD, h.len);
	*n = h.len;
	return h.type;
}
