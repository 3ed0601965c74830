/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio network device: what it sends. */
#include "drivers/virtio_net.h"

#include "lwip/pbuf.h"

#include <asm/errno.h>

#include "kern/string.h"
#include "mm/kmalloc.h"

/*
 * The device reads the pbufs where they are; the driver holds references
 * until it is done, which is seen when the next frame is sent or something
 * is received: no interrupt, but when the queue was full. The device hears
 * of new frames at the end of what the stack does (flush), or when there
 * are many. Where it cuts up large segments (TSO), the last frame waits
 * that long for others that continue it: it becomes one large segment.
 */
enum { KICK_AFTER = 16, NONE = ~0U, IP_MAX = 65535, ETH = 14, TCP_FLAGS = 13 };
enum { ACK = 0x10, PSH = 8, LARGE = 500 };

struct tx_slot {
	struct pbuf *p;
	unsigned next; /* of the same frame, or free */
	struct virtio_net_hdr hdr;
};

int virtio_net_tx_init(struct virtio_net *n)
{
	unsigned i, count = 2U * n->tx.size;

	n->tx_slots = kzalloc(count * sizeof(*n->tx_slots));
	if (!n->tx_slots)
		return -ENOMEM;
	n->tx_free = 0;
	n->next.slot = NONE;
	for (i = 0; i < count; i++)
		n->tx_slots[i].next = i + 1 < count ? i + 1 : NONE;
	return 0;
}

void virtio_net_tx_end(struct virtio_net *n)
{
	for (unsigned i = 0; n->tx_slots && i < 2U * n->tx.size; i++)
		if (n->tx_slots[i].p)
			pbuf_free(n->tx_slots[i].p);
	kfree(n->tx_slots);
	n->tx_slots = NULL;
	n->next.slot = NONE;
}

static unsigned slot_new(struct virtio_net *n, struct pbuf *p)
{
	unsigned slot = n->tx_free;

	n->tx_free = n->tx_slots[slot].next;
	n->tx_slots[slot].p = p;
	n->tx_slots[slot].next = NONE;
	return slot;
}

/* All of a frame. */
static void slots_free(struct virtio_net *n, unsigned slot)
{
	while (slot != NONE) {
		struct tx_slot *s = &n->tx_slots[slot];
		unsigned next = s->next;

		pbuf_free(s->p);
		s->p = NULL;
		s->next = n->tx_free;
		n->tx_free = slot;
		slot = next;
	}
}

static void take_done(struct virtio_net *n)
{
	uint32_t token, len;

	while (!virtq_take(&n->tx, &token, &len))
		slots_free(n, token);
}

void virtio_net_reclaim(struct net_card *c)
{
	struct virtio_net *n = container_of(c, struct virtio_net, card);

	take_done(n);
	if (c->blocked && n->tx.nfree >= n->tx.size / 2U)
		net_card_writable(c);
}

/* Adds the memory behind the first `skip` bytes to the next frame's pieces.
 * False, and nothing is added: they would be too many. */
static bool add_pieces(struct tx_next *f, const struct pbuf *p, unsigned skip)
{
	unsigned count = f->count;
	uint32_t last_len = f->v[count].len;

	for (; p; p = p->next, skip = 0) {
		const uint8_t *at = (const uint8_t *)p->payload + skip;
		size_t left = p->len - skip, part;

		for (; left; at += part, left -= part) {
			struct virtq_buf *v = &f->v[count];
			uint64_t pa = virtq_pa(at, left, &part);

			if (count && v->pa + v->len == pa) {
				v->len += (uint32_t)part;
				continue;
			}
			if (count == TX_PIECES) {
				f->v[f->count].len = last_len;
				return false;
			}
			f->v[++count] = (struct virtq_buf){pa, (uint32_t)part};
		}
	}
	f->count = count;
	return true;
}

/* Memory that is the caller's again after the call. What a custom pbuf
 * stands for lives as long as that. */
static bool may_change(const struct pbuf *p)
{
	while (p && (!PBUF_NEEDS_COPY(p) || p->flags & PBUF_FLAG_IS_CUSTOM))
		p = p->next;
	return p;
}

/* Before the frame, in the pbuf's own memory, if the device takes that and
 * there is room; or NULL. */
static void *header_place(const struct virtio_net *n, const struct pbuf *p)
{
	uint8_t *start = p->payload;

	if (!(n->dev->features & (VIRTIO_F_VERSION_1 | NET_F_ANY_LAYOUT)) ||
		!(p->type_internal & PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS) ||
		start - (const uint8_t *)(p + 1) < (long)n->hdr_size)
		return NULL;
	return start - n->hdr_size;
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

/* Gives the next frame to the device; there is room for it. */
static void emit(struct virtio_net *n)
{
	struct tx_next *f = &n->next;
	struct virtio_net_hdr *h = f->hdr;
	unsigned first = 1;

	if (h) {
		f->v[1].pa -= n->hdr_size;
		f->v[1].len += n->hdr_size;
	} else {
		h = &n->tx_slots[f->slot].hdr;
		f->v[0].pa = virtq_pa(h, n->hdr_size, NULL);
		f->v[0].len = n->hdr_size;
		first = 0;
	}
	memset(h, 0, n->hdr_size);
	if (f->tcp)
		net_segment_offload(&f->seg, f->total, h);
	if (virtq_add(&n->tx, f->v + first, f->count + 1 - first, 0, f->slot))
		slots_free(n, f->slot);
	f->slot = NONE;
	if (++n->tx_unkicked >= KICK_AFTER) {
		n->tx_unkicked = 0;
		virtq_kick(&n->tx);
	}
}

/* --- large segments ------------------------------------------------------ */

/* Much content, and nothing that must be told of this very segment. The rest
 * needs less room, so that it finds some where large segments do not. */
static bool can_be_joined(const struct virtio_net *n)
{
	const struct tx_next *f = &n->next;

	return f->tcp && f->seg.len >= LARGE &&
	       f->seg.len % f->seg.piece == 0 &&
	       (f->seg.tcp[TCP_FLAGS] & ~PSH) == ACK &&
	       n->card.flags & (f->seg.v6 ? NET_CARD_TSO6 : NET_CARD_TSO4);
}

/* All but the last are of the same length, or will be. */
static bool join(
	struct virtio_net *n, struct pbuf *p, const struct net_segment *s)
{
	struct tx_next *f = &n->next;
	unsigned slot;

	if (!f->open || !s->len || s->piece > f->seg.piece ||
		(s->len > s->piece && s->piece != f->seg.piece) ||
		(s->tcp[TCP_FLAGS] & ~PSH) != ACK ||
		f->total + s->len + s->hdr_len - ETH > IP_MAX ||
		n->tx_free == NONE ||
		!net_segment_follows(&f->seg, f->seg.seq + f->total, s) ||
		!add_pieces(f, p, s->hdr_len))
		return false;
	slot = slot_new(n, p);
	n->tx_slots[f->last].next = slot;
	f->last = slot;
	f->total += s->len;
	f->open = f->total % f->seg.piece == 0;
	f->seg.tcp[TCP_FLAGS] |= s->tcp[TCP_FLAGS] & PSH;
	return true;
}

/* With a reference to p that is the caller's, or the slot's on success. */
static int send(struct virtio_net *n, struct pbuf *p)
{
	struct tx_next *f = &n->next;
	struct net_segment s;
	bool tcp =
		n->card.flags & NET_CARD_CHECKSUM && net_segment_parse(p, &s);

	if (n->tx.broken)
		return -EIO;
	if (tcp && n->card.segment && s.len > n->card.segment)
		s.piece = n->card.segment;
	if (f->slot != NONE) {
		if (tcp && join(n, p, &s))
			return 0;
		emit(n);
	}
	f->count = 0;
	f->tcp = tcp;
	if (!add_pieces(f, p, 0))
		return -EINVAL;
	if (tcp)
		f->seg = s;
	f->open = can_be_joined(n);
	if (!make_room(n, (f->open ? TX_PIECES : f->count) + 1))
		return -ENOBUFS;
	f->hdr = header_place(n, p);
	f->slot = f->last = slot_new(n, p);
	f->total = f->tcp ? f->seg.len : 0;
	if (!f->open)
		emit(n);
	return 0;
}

int virtio_net_transmit(struct net_card *c, struct pbuf *p)
{
	struct virtio_net *n = container_of(c, struct virtio_net, card);
	int err;

	if (may_change(p) || pbuf_clen(p) > TX_PIECES / 2)
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

	if (n->next.slot != NONE)
		emit(n);
	n->tx_unkicked = 0;
	virtq_kick(&n->tx);
}
