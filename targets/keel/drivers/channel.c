/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of abi/channel.h as they come from the launcher. */
#include "drivers/channel.h"

#include "drivers/console_port.h"
#include "kern/signal.h"
#include "kern/string.h"

enum { HEADER = sizeof(struct channel_frame), NSIG = 64 };

/* NULL, or why the frame whose header is there cannot be. */
static const char *check_header(const struct channel_frame *f)
{
	uint32_t most = 4, least = 4;

	if (f->type == CHANNEL_EOF || f->type == CHANNEL_IN)
		most = least = 0;
	if (f->type == CHANNEL_IN)
		most = console_wanted();
	if (f->type < CHANNEL_IN || f->type > CHANNEL_WINSIZE)
		return "unknown frame";
	return f->len < least || f->len > most ? "bad length" : NULL;
}

static const char *finish(struct channel_rx *c)
{
	uint32_t v = c->data;

	c->got = 0;
	switch (c->frame.type) {
	case CHANNEL_SIGNAL:
		if (v < 1 || v > NSIG)
			return "bad signal";
		signal_send_process(v);
		break;
	case CHANNEL_WINSIZE:
		console_set_winsize(v, v >> 16);
		break;
	default:
		console_input_done(c->frame.type == CHANNEL_EOF);
	}
	return NULL;
}

const char *channel_feed(struct channel_rx *c, const void *data, size_t n)
{
	const uint8_t *p = data;
	const char *wrong = NULL;
	uint32_t end = HEADER, part;

	while (n && !wrong) {
		if (c->got >= HEADER)
			end = HEADER + c->frame.len;
		part = MIN(n, end - c->got);
		if (c->got >= HEADER && c->frame.type == CHANNEL_IN) {
			if (console_input(p, part) != part)
				wrong = "no room for input";
		} else {
			/* The header and the data are first in *c. */
			memcpy((uint8_t *)c + c->got, p, part);
		}
		c->got += part;
		p += part;
		n -= part;
		if (c->got == HEADER && end == HEADER)
			wrong = check_header(&c->frame);
		if (!wrong && c->got >= HEADER &&
			c->got == HEADER + c->frame.len)
			wrong = finish(c);
		end = HEADER;
	}
	return wrong;
}
