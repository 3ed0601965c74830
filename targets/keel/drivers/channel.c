/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of abi/channel.h as they come from the launcher. */
#include "drivers/channel.h"

#include "drivers/console_port.h"
#include "kern/signal.h"
#include "kern/string.h"

enum { HEADER = sizeof(struct channel_frame), NSIG = 64 };

static const char *check_header(const struct channel_frame *f)
{
	switch (f->type) {
	case CHANNEL_IN:
		return f->len <= console_wanted() ? NULL
						  : "more input than wanted";
	case CHANNEL_EOF:
		return f->len == 0 ? NULL : "bad length of a frame";
	case CHANNEL_SIGNAL:
	case CHANNEL_WINSIZE:
		return f->len == 4 ? NULL : "bad length of a frame";
	default:
		return "unknown frame";
	}
}

static const char *finish(struct channel_rx *c)
{
	uint16_t size[2];
	uint32_t sig;

	switch (c->frame.type) {
	case CHANNEL_IN:
	case CHANNEL_EOF:
		console_input_done(c->frame.type == CHANNEL_EOF);
		break;
	case CHANNEL_SIGNAL:
		memcpy(&sig, c->data, sizeof(sig));
		if (sig < 1 || sig > NSIG)
			return "bad signal number";
		signal_send_process(sig);
		break;
	case CHANNEL_WINSIZE:
		memcpy(size, c->data, sizeof(size));
		console_set_winsize(size[0], size[1]);
		break;
	}
	c->got = 0;
	return NULL;
}

const char *channel_feed(struct channel_rx *c, const void *data, size_t n)
{
	const uint8_t *p = data;
	const char *wrong;
	uint32_t part;

	while (n) {
		if (c->got < HEADER) {
			part = MIN(n, HEADER - c->got);
			memcpy((uint8_t *)&c->frame + c->got, p, part);
			wrong = NULL;
			if (c->got + part == HEADER)
				wrong = check_header(&c->frame);
		} else {
			uint32_t at = c->got - HEADER;

			part = MIN(n, c->frame.len - at);
			wrong = NULL;
			if (c->frame.type != CHANNEL_IN)
				memcpy(c->data + at, p, part);
			else if (console_input(p, part) != part)
				wrong = "no room for input";
		}
		c->got += part;
		p += part;
		n -= part;
		if (!wrong && c->got >= HEADER &&
			c->got == HEADER + c->frame.len)
			wrong = finish(c);
		if (wrong)
			return wrong;
	}
	return NULL;
}
