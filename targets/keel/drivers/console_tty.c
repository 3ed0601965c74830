/* SPDX-License-Identifier: Apache-2.0 */
/* Terminal ioctls of the console. */
#include "drivers/console_tty.h"

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/termbits.h>

#include "abi/channel.h"
#include "drivers/console.h"
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

/* What the host's terminal was at the start, unless it is known better. */
static void from_record(uint32_t type, void *dst, size_t n, bool *known)
{
	const struct record_item *i = record_next(NULL, type);

	if (!*known && i && i->len >= n)
		memcpy(dst, record_data(i), n);
	*known = true;
}

static int set_termios(const void *uarg, unsigned long cmd)
{
	struct termios t;
	int err = copy_from_user(&t, uarg, sizeof(t));

	if (!err && cmd == TCSETSF)
		console_input_drop();
	/* Frames keep their order, so output written before is shown first. */
	if (!err)
		err = console_send(CHANNEL_TERMIOS, &t, sizeof(t));
	if (!err) {
		memcpy(&termios, &t, sizeof(t));
		termios_known = true;
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

	bool tty = record_flags() & (RECORD_F_TTY_IN << stream);

	if (cmd == FIONREAD && (tty || stream == 0))
		return put_int(uarg, console_input_count());
	if (!tty)
		return -ENOTTY;
	switch (cmd) {
	case TCSBRK: /* tcdrain; a break is nothing to a pseudo terminal */
		if (arg)
			console_flush();
		return 0;
	case TCGETS:
		from_record(RECORD_TERMIOS, &termios, sizeof(termios),
			&termios_known);
		return copy_to_user(uarg, &termios, sizeof(termios));
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(uarg, cmd);
	case TIOCGWINSZ:
		/* Rows and columns, as in the record. */
		from_record(RECORD_WINSIZE, &window, 4, &window_known);
		return copy_to_user(uarg, &window, sizeof(window));
	case TIOCSWINSZ:
		window_known = true;
		return copy_from_user(&window, uarg, sizeof(window));
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
