/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal on standard input, through the kernel's own structures. */
#include "vm/tty.h"

#include <asm/termbits.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

_Static_assert(sizeof(struct termios) == TTY_TERMIOS_SIZE, "kernel ABI");

void tty_open(struct tty *t, int fd)
{
	struct termios now;

	memset(t, 0, sizeof(*t));
	t->fd = -1;
	if (ioctl(fd, TCGETS, &now) < 0)
		return;
	memcpy(t->saved, &now, sizeof(t->saved));
	t->fd = fd;
}

int tty_set(struct tty *t, const void *termios)
{
	struct termios want;

	if (t->fd < 0)
		return -ENOTTY;
	memcpy(&want, termios, sizeof(want));
	t->dirty = 1;
	return ioctl(t->fd, TCSETS, &want) < 0 ? -errno : 0;
}

void tty_restore(struct tty *t)
{
	struct termios was;

	if (t->fd < 0 || !t->dirty)
		return;
	memcpy(&was, t->saved, sizeof(was));
	ioctl(t->fd, TCSETS, &was);
	t->dirty = 0;
}

void tty_size(uint16_t *rows, uint16_t *cols)
{
	struct winsize w = {0};

	for (int fd = 0; fd < 3; fd++) {
		if (ioctl(fd, TIOCGWINSZ, &w) == 0)
			break;
	}
	*rows = w.ws_row ? w.ws_row : 24;
	*cols = w.ws_col ? w.ws_col : 80;
}
