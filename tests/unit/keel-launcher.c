/* SPDX-License-Identifier: Apache-2.0 */
/* A virtio console with a launcher behind it that keeps the channel. */
#include "keel-launcher.h"

#include <stdlib.h>
#include <string.h>

#include "kern/boot.h"

struct fake_device dev;
unsigned rxq = 0, txq = 1;
uint8_t *sent;
size_t nsent, parsed;
uint8_t *out[20];
size_t nout[20];
uint8_t input[10 * MIB];
size_t input_at, input_len, answer_most = SIZE_MAX;

bool launcher_send(const void *data, size_t n)
{
	const uint8_t *from = data;
	bool wanted = false;

	while (n) {
		struct fake_piece p[QUEUE];
		int head = fake_next(&dev, rxq);
		size_t part;

		CHECK(head >= 0);
		CHECK(fake_pieces(&dev, rxq, head, p) == 1 && p[0].in);
		part = n < p[0].len ? n : p[0].len;
		if (n > 20 && fake_random() % 4 == 0)
			part = 1 + fake_random() % part;
		memcpy(p[0].data, from, part);
		wanted |= fake_done(&dev, rxq, head, part);
		from += part;
		n -= part;
		if (n && wanted)
			dev.v.interrupt(&dev.v);
	}
	return wanted;
}

bool launcher_send_frame(unsigned type, const void *data, uint32_t n)
{
	static uint8_t frame[8 + CHANNEL_MAX];
	struct channel_frame f = {.type = type, .len = n};

	memcpy(frame, &f, 8);
	if (n)
		memcpy(frame + 8, data, n);
	return launcher_send(frame, 8 + n);
}

static bool answer(uint32_t want)
{
	size_t n = input_len - input_at;

	n = n < want ? n : want;
	n = n < answer_most ? n : answer_most;
	if (!n)
		return launcher_send_frame(CHANNEL_EOF, NULL, 0);
	input_at += n;
	return launcher_send_frame(CHANNEL_IN, input + input_at - n, n);
}

static void parse(bool framed)
{
	bool wanted = false;

	while (framed && nsent - parsed >= 8) {
		struct channel_frame f;
		uint32_t want;

		memcpy(&f, sent + parsed, 8);
		CHECK(f.type >= 1 && f.type <= 7 && f.len <= CHANNEL_MAX);
		if (nsent - parsed - 8 < f.len)
			break;
		out[f.type] = realloc(out[f.type], nout[f.type] + f.len + 1);
		memcpy(out[f.type] + nout[f.type], sent + parsed + 8, f.len);
		nout[f.type] += f.len;
		parsed += 8 + f.len;
		if (f.type != CHANNEL_WANT)
			continue;
		CHECK(f.len == 4);
		memcpy(&want, sent + parsed - 4, 4);
		wanted |= answer(want);
	}
	if (wanted)
		dev.v.interrupt(&dev.v);
}

/* Takes what the guest has written; gives it back in any order. */
void launcher_work(void)
{
	int heads[QUEUE];
	unsigned n = 0;
	bool wanted = false;

	while (n < QUEUE && (heads[n] = fake_next(&dev, txq)) >= 0) {
		struct fake_piece p[QUEUE];

		CHECK(fake_pieces(&dev, txq, heads[n++], p) == 1 && !p[0].in);
		sent = realloc(sent, nsent + p[0].len + 1);
		memcpy(sent + nsent, p[0].data, p[0].len);
		nsent += p[0].len;
	}
	while (n) {
		unsigned i = fake_random() % n;

		wanted |= fake_done(&dev, txq, heads[i], 0);
		heads[i] = heads[--n];
	}
	if (wanted)
		dev.v.interrupt(&dev.v);
	parse(record_flags() & RECORD_F_CHANNEL);
}
