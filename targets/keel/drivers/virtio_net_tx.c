/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio network device: what it sends. */
#include "drivers/virtio_net.h"

#include "lwip/pbuf.h"

#include <asm/errno.h>

#include "kern/string.h"
#include "mm/kmalloc.h"
#include "net/offload.h"

/*
 * The device reads the pbufs where they are; the driver holds a reference
 * until it is done, which is seen when the next frame is sent or something
 * is received: no interrupt, but when the queue was full. The device hears
 * of new frames at the end of what the stack does (flush), or when there
 * are many.
 */
enum { SEGS = 40, KICK_AFTER = 16, NONE = ~0U };

struct tx_slot {
	struct pbuf *p;
	unsigned next; /* free ones */
	struct virtio_net_hdr hdr;
};

int virtio_net_tx_init(struct virtio_net *n)
{
	unsigned i;

	n->tx_slots = kzalloc(n->tx.size * sizeof(*n->tx_slots));
	if (!n->tx_slots)
		return -ENOMEM;
	n->tx_free = 0;
	for (i = 0; i < n->tx.size; i++)
		n->tx_slots[i].next = i + 1U < n->tx.size ? i + 1 : NONE;
	return 0;
}

void virtio_net_tx_end(struct virtio_net *n)
{
	for (unsigned i = 0; n->tx_slots && i < n->tx.size; i++)
		if (n->tx_slots[i].p)
			pbuf_free(n->tx_slots[i].p);
	kfree(n->tx_slots);
	n->tx_slots = NULL;
}

static void take_done(struct virtio_net *n)
{
	uint32_t token, len;

	while (!virtq_take(&n->tx, &token, &len)) {
		struct tx_slot *s = &n->tx_slots[token];

		pbuf_free(s->p);
		s->p = NULL;
		s->next = n->tx_free;
		n->tx_free = token;
	}
}

void virtio_net_reclaim(struct net_card *c)
{
	struct virtio_net *n = container_of(c, struct virtio_net, card);

	take_done(n);
	if (c->blocked && n->tx.nfree >= n->tx.size / 2U)
		net_card_writable(c);
}

/* The pieces of a frame; how many, or 0 if they are too many. */
static unsigned pieces(const struct pbuf *p, struct virtq_buf *v)
{
	unsigned count = 0;

	for (; p; p = p->next) {
		const uint8_t *at = p->payload;
		size_t left = p->len, part;

		while (left) {
			if (count == SEGS)
				return 0;
			v[count].pa = virtq_pa(at, left, &part);
			v[count++].len = (uint32_t)part;
			at += part;
			left -= part;
		}
	}
	return count;
}

/* Memory that is the caller's again after the call. What a custom pbuf
 * stands for lives as long as that. */
static bool may_change(const struct pbuf *p)
{
	while (p && (!PBUF_NEEDS_COPY(p) || p->flags & PBUF_FLAG_IS_CUSTOM))
		p = p->next;
	return p;
}

/* Whether the header fits before the frame, in the pbuf's own memory. */
static bool has_room(const struct pbuf *p, unsigned n)
{
	return p->type_internal & PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS &&
	       (const uint8_t *)p->payload - (const uint8_t *)(p + 1) >=
		       (long)n;
}

/* Space for one more frame, or the device will tell of it. */
static bool make_room(struct virtio_net *n, unsigned need)
{
	if (n->tx.nfree < n->tx.size / 2U || n->tx_free == NONE)
		take_done(n);
	if (n->tx.nfree >= need && n->tx_free != NONE)
		return true;
	virtio_net_flush(&n->card);
	if (virtq_arm(&n->tx, MAX((n->tx.size - n->tx.nfree) / 8U, 1U)))
		take_done(n);
	return n->tx.nfree >= need && n->tx_free != NONE;
}

/* With a reference to p that is the caller's, or the slot's on success. */
static int send(struct virtio_net *n, struct pbuf *p)
{
	bool any_layout =
		n->dev->features & (VIRTIO_F_VERSION_1 | NET_F_ANY_LAYOUT);
	struct virtq_buf v[SEGS + 1];
	struct virtio_net_hdr *h;
	unsigned count = pieces(p, v + 1), first = 1;
	uint32_t token;
	int err;

	if (n->tx.broken)
		return -EIO;
	if (!count)
		return -EINVAL;
	if (!make_room(n, count + 1))
		return -ENOBUFS;
	token = n->tx_free;
	h = &n->tx_slots[token].hdr;
	if (any_layout && has_room(p, n->hdr_size)) {
		h = (void *)((uint8_t *)p->payload - n->hdr_size);
		v[1].pa -= n->hdr_size;
		v[1].len += n->hdr_size;
	} else {
		v[0].pa = virtq_pa(h, n->hdr_size, NULL);
		v[0].len = n->hdr_size;
		first = 0;
		count++;
	}
	memset(h, 0, n->hdr_size);
	if (n->card.flags & NET_CARD_CHECKSUM)
		net_offload_checksum(p, h);
	err = virtq_add(&n->tx, v + first, count, 0, token);
	if (err)
		return err;
	n->tx_free = n->tx_slots[token].next;
	n->tx_slots[token].p = p;
	if (++n->tx_unkicked >= KICK_AFTER)
		virtio_net_flush(&n->card);
	return 0;
}

int virtio_net_transmit(struct net_card *c, struct pbuf *p)
{
	struct virtio_net *n = container_of(c, struct virtio_net, card);
	int err;

	if (may_change(p) || pbuf_clen(p) > SEGS / 2)
		p = pbuf_clone(PBUF_RAW_TX, PBUF_RAM, p);
	else
		pbuf_ref(p);
	if (!p)
		return -ENOMEM;
	err = send(n, p);
	if (err)
		pbuf_free(p);
	return err;
}

void virtio_net_flush(struct net_card *c)
{
	struct virtio_net *n = container_of(c, struct virtio_net, card);

	n->tx_unkicked = 0;
	virtq_kick(&n->tx);
}
