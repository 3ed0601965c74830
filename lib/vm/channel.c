/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of abi/channel.h, checked. */
#include "vm/channel.h"

#include <errno.h>
#include <string.h>

#include "vm/tty.h"

enum { HEAD = 8, ANY = -1 };
_Static_assert(sizeof(struct channel_frame) == HEAD, "abi/channel.h");

/* What a guest may send, and how long it is. */
static const struct {
	unsigned type;
	int len;
} known[] = {
	{CHANNEL_OUT, ANY},
	{CHANNEL_ERR, ANY},
	{CHANNEL_LOG, ANY},
	{CHANNEL_WANT, 4},
	{CHANNEL_TERMIOS, TTY_TERMIOS_SIZE},
	{CHANNEL_EXIT, 4},
	{CHANNEL_PANIC, ANY},
	{CHANNEL_PORT, sizeof(struct channel_port)},
	{CHANNEL_ANSWER, ANY},
};

static int check_head(const unsigned char *h, struct err *e)
{
	uint32_t len = channel_u32(h + 4);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].type != h[0])
			continue;
		if (h[1] || h[2] || h[3] || len > CHANNEL_MAX ||
			(known[i].len != ANY && (uint32_t)known[i].len != len))
			return err_set(e, -EPROTO,
				"the guest sent a malformed frame (type %u, "
				"length %u)",
				h[0], len);
		return 0;
	}
	return err_set(e, -EPROTO,
		"the guest sent a frame of unknown type %u (length %u)", h[0],
		len);
}

static int streams(unsigned type)
{
	return type == CHANNEL_OUT || type == CHANNEL_ERR;
}

int channel_next(struct channel_rx *rx, const void *p, size_t n, size_t *used,
	struct channel_part *part, struct err *e)
{
	size_t take;
	int r;

	*used = 0;
	if (rx->done) {
		buf_free(&rx->body);
		rx->done = 0;
	}
	while (rx->have < HEAD) {
		if (n == 0)
			return 0;
		take = HEAD - rx->have < n ? HEAD - rx->have : n;
		memcpy(rx->head + rx->have, p, take);
		rx->have += take;
		p = (const char *)p + take;
		n -= take;
		*used += take;
		if (rx->have < HEAD)
			return 0;
		r = check_head(rx->head, e);
		if (r < 0)
			return r;
		rx->left = channel_u32(rx->head + 4);
		if (rx->left == 0 && streams(rx->head[0]))
			rx->have = 0; /* nothing to tell */
	}
	take = rx->left < n ? rx->left : n;
	part->type = rx->head[0];
	if (streams(part->type)) {
		if (take == 0)
			return 0;
		part->data = p;
		part->len = take;
	} else {
		buf_add(&rx->body, p, take);
		if (take < rx->left) {
			*used += take;
			rx->left -= (uint32_t)take;
			return 0;
		}
		part->data = (const unsigned char *)rx->body.data;
		part->len = rx->body.len;
		rx->done = 1;
	}
	*used += take;
	rx->left -= (uint32_t)take;
	if (rx->left == 0)
		rx->have = 0;
	return 1;
}

void channel_rx_free(struct channel_rx *rx)
{
	buf_free(&rx->body);
}

void channel_put(struct buf *out, unsigned type, const void *p, size_t n)
{
	buf_add_le(out, type, 4);
	buf_add_le(out, n, 4);
	buf_add(out, p, n);
}
