/* SPDX-License-Identifier: Apache-2.0 */
/* Terminal ioctls of the console. */
#include "drivers/console_tty.h"

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/termbits.h>

#include "abi/channel.h"
#include "drivers/console_port.h"
#include "kern/boot.h"
#include "kern/string.h"
#include "mm/uaccess.h"

/* struct winsize of asm/termios.h, and the one process and its group. */
struct window {
	uint16_t rows, columns, xpixel, ypixel;
};
enum { PID = 1 };

_Static_assert(sizeof(struct termios) == 36, "abi/channel.h");

static struct window window;
static bool window_known;
static struct termios termios;
static bool termios_known;

void console_set_winsize(uint16_t rows, uint16_t columns)
{
	window.rows = rows;
	window.columns = columns;
	window_known = true;
}

static const struct window *current_window(void)
{
	const struct record_item *i = record_next(NULL, RECORD_WINSIZE);
	uint16_t size[2];

	if (!window_known && i && i->len >= sizeof(size)) {
		memcpy(size, record_data(i), sizeof(size));
		console_set_winsize(size[0], size[1]);
	}
	return &window;
}

/* What the host's terminal was set to at the start; else as Linux does it. */
static const struct termios *current_termios(void)
{
	static const struct termios usual = {
		.c_iflag = ICRNL | IXON,
		.c_oflag = OPOST | ONLCR,
		.c_cflag = B38400 | CS8 | CREAD | HUPCL,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL |
			   ECHOKE | IEXTEN,
		.c_cc = {3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23,
			22},
	};
	const struct record_item *i;

	if (!termios_known) {
		i = record_next(NULL, RECORD_TERMIOS);
		if (i && i->len >= sizeof(termios))
			memcpy(&termios, record_data(i), sizeof(termios));
		else
			termios = usual;
		termios_known = true;
	}
	return &termios;
}

static int set_termios(const void *uarg, unsigned long cmd)
{
	struct termios t;
	int err = copy_from_user(&t, uarg, sizeof(t));

	if (err)
		return err;
	if (cmd == TCSETSF)
		console_input_drop();
	/* Frames keep their order, so output written before is shown first. */
	err = console_send(CHANNEL_TERMIOS, &t, sizeof(t));
	if (err)
		return err;
	termios = t;
	termios_known = true;
	return 0;
}

static int set_window(const void *uarg)
{
	struct window w;
	int err = copy_from_user(&w, uarg, sizeof(w));

	if (!err) {
		window = w;
		window_known = true;
	}
	return err;
}

static int flush_queue(unsigned long which)
{
	if (which != TCIFLUSH && which != TCOFLUSH && which != TCIOFLUSH)
		return -EINVAL;
	/* Output is the host's already. */
	if (which != TCOFLUSH)
		console_input_drop();
	return 0;
}

static int set_group(const void *uarg)
{
	int pgrp, err = copy_from_user(&pgrp, uarg, sizeof(pgrp));

	if (err)
		return err;
	return pgrp == PID ? 0 : -EPERM;
}

static int put_int(void *uarg, int v)
{
	return copy_to_user(uarg, &v, sizeof(v));
}

long console_tty_ioctl(unsigned stream, unsigned long cmd, unsigned long arg)
{
	void *uarg = (void *)arg;

	if (cmd == FIONREAD && stream == 0)
		return put_int(uarg, console_input_count());
	if (stream > 2 || !(record_flags() & (RECORD_F_TTY_IN << stream)))
		return -ENOTTY;
	switch (cmd) {
	case FIONREAD:
		return put_int(uarg, console_input_count());
	case TIOCOUTQ:
		return put_int(uarg, console_unsent());
	case TCGETS:
		return copy_to_user(
			uarg, current_termios(), sizeof(struct termios));
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(uarg, cmd);
	case TIOCGWINSZ:
		return copy_to_user(
			uarg, current_window(), sizeof(struct window));
	case TIOCSWINSZ:
		return set_window(uarg);
	case TCFLSH:
		return flush_queue(arg);
	case TIOCGPGRP:
	case TIOCGSID:
		return put_int(uarg, PID);
	case TIOCSPGRP:
		return set_group(uarg);
	default:
		return -ENOTTY;
	}
}
