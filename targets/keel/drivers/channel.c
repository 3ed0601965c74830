/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of abi/channel.h as they come from the launcher. */
#include "drivers/channel.h"

#include "drivers/console_port.h"
#include "kern/signal.h"
#include "kern/string.h"

enum { HEADER = sizeof(struct channel_frame), NSIG = 64 };

/* Whether the frame whose header is there can be. */
static bool check_header(const struct channel_frame *f)
{
	uint32_t most = 4, least = 4;

	if (f->type == CHANNEL_EOF || f->type == CHANNEL_IN)
		most = least = 0;
	if (f->type == CHANNEL_IN)
		most = console_wanted();
	return f->type >= CHANNEL_IN && f->type <= CHANNEL_WINSIZE &&
	       f->len >= least && f->len <= most;
}

weak void channel_signal(int sig)
{
	signal_send_process(sig);
}

static bool finish(struct channel_rx *c)
{
	uint32_t v = c->data;

	c->got = 0;
	switch (c->frame.type) {
	case CHANNEL_SIGNAL:
		if (v < 1 || v > NSIG)
			return false;
		channel_signal(v);
		break;
	case CHANNEL_WINSIZE:
		console_set_winsize(v, v >> 16);
		break;
	default:
		console_input_done(c->frame.type == CHANNEL_EOF);
	}
	return true;
}

bool channel_feed(struct channel_rx *c, const void *data, size_t n)
{
	const uint8_t *p = data;
	bool good = true;
	uint32_t end, part;

	while (n && good) {
		end = HEADER;
		if (c->got >= HEADER)
			end += c->frame.len;
		part = MIN(n, end - c->got);
		/* The header and the data are first in *c. */
		if (c->got < HEADER || c->frame.type != CHANNEL_IN)
			memcpy((uint8_t *)c + c->got, p, part);
		else
			good = console_input(p, part) == part;
		c->got += part;
		p += part;
		n -= part;
		if (c->got == HEADER)
			good = check_header(&c->frame);
		if (good && c->got >= HEADER && c->got == HEADER + c->frame.len)
			good = finish(c);
	}
	return good;
}
