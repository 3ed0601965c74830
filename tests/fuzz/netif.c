/* SPDX-License-Identifier: Apache-2.0 */
/* Frames, right and wrong, into the network from the card on. */
#include <string.h>

#include "net-host.h"

#include "lwip/pbuf.h"

#include "net/card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int transmit(struct net_card *c, struct pbuf *p)
{
	static uint8_t f[70000];

	(void)c;
	host_sent(f, pbuf_copy_partial(p, f, p->tot_len, 0));
	return 0;
}

static void nothing(struct net_card *c)
{
	(void)c;
}

static const struct net_card_ops ops = {transmit, nothing, nothing};
static struct net_card card = {
	.ops = &ops, .mac = {0x52, 0x54, 0, 0x12, 0x34, 0x56}, .mtu = 1500};

/* In memory of its own, so that a byte too far is found; every eighth in
 * two pieces. */
static void deliver(const uint8_t *frame, unsigned len)
{
	static unsigned count;
	unsigned first = ++count % 8 || len < 40 ? len : 14 + count % 25;
	struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)first, PBUF_RAM), *q;

	if (!p)
		return;
	memcpy(p->payload, frame, first);
	if (first < len) {
		q = pbuf_alloc(PBUF_RAW, (u16_t)(len - first), PBUF_RAM);
		if (!q) {
			pbuf_free(p);
			return;
		}
		memcpy(q->payload, frame + first, len - first);
		pbuf_cat(p, q);
	}
	net_lock();
	net_card_input(&card, p, true);
	net_unlock();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};

	if (!card.netif) {
		net_init();
		net_card_add(&card);
		host_start();
	}
	host_begin(&card);
	host_play(&in, deliver);
	host_end(&card);
	host_check();
	return 0;
}
