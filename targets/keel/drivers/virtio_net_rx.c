/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio network device: what it receives. */
#include "drivers/virtio_net.h"

#include "lwip/pbuf.h"

#include <asm/errno.h>

#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"

/*
 * The device writes into buffers that go up the stack as they are, each with
 * its pbuf at its start. A frame that is small but has content is copied, so
 * that waiting in a socket it does not keep a whole buffer. What the stack
 * holds is counted: beyond a share of memory only frames without content
 * (acknowledgements) get through, and peers send the rest again.
 */
enum {
	RX_ENOUGH = 32,
	BUF_SIZE = 2032,   /* the largest that kmalloc packs into pages */
	SMALL = 512,       /* copied up to here */
	NO_CONTENT = 78,   /* Ethernet, IPv6, TCP with 4 bytes of options */
	FRAME_MAX = 65535, /* what a pbuf can count */
	HELD_SHARE = 4,    /* of memory */
	BUF_SHARE = 32,    /* of memory: what the device holds */
};

struct rx_buf {
	struct pbuf_custom pc;
	struct virtio_net *net;
	struct rx_buf *next;
	unsigned size; /* of data */
	uint8_t data[];
};

static struct rx_buf *buf_new(struct virtio_net *n)
{
	struct rx_buf *b = n->pool;

	if (b) {
		n->pool = b->next;
		n->npool--;
		return b;
	}
	b = kmalloc(sizeof(*b) + n->rx_size);
	if (b) {
		b->net = n;
		b->size = n->rx_size;
	}
	return b;
}

static void buf_free(struct rx_buf *b)
{
	struct virtio_net *n = b->net;

	if (b->size != n->rx_size || n->npool >= 32) {
		kfree(b);
		return;
	}
	b->next = n->pool;
	n->pool = b;
	n->npool++;
}

/* The stack is done with it. */
static void give_back(struct pbuf *p)
{
	struct rx_buf *b = container_of(p, struct rx_buf, pc.pbuf);

	b->net->held -= b->size;
	buf_free(b);
}

static struct pbuf *wrap(struct rx_buf *b, uint8_t *payload, unsigned len)
{
	b->pc.custom_free_function = give_back;
	b->net->held += b->size;
	return pbuf_alloced_custom(PBUF_RAW, (uint16_t)len, PBUF_REF, &b->pc,
		payload, (uint16_t)len);
}

static struct pbuf *copy(
	struct virtio_net *n, const uint8_t *data, unsigned len)
{
	struct rx_buf *b = kmalloc(sizeof(*b) + len);

	if (!b)
		return NULL;
	b->net = n;
	b->size = len;
	memcpy(b->data, data, len);
	return wrap(b, b->data, len);
}

static void give(struct virtio_net *n, uint32_t token)
{
	struct rx_buf *b = n->rx_bufs[token];
	struct virtq_buf v = {
		.pa = virtq_pa(b->data, b->size, NULL), .len = b->size};

	virtq_add(&n->rx, &v, 0, 1, token);
}

/* One finished buffer as a pbuf without its first `skip` bytes; NULL: it
 * stays with the device. A new buffer takes its place there. */
static struct pbuf *take(
	struct virtio_net *n, uint32_t token, unsigned len, unsigned skip)
{
	struct rx_buf *b = n->rx_bufs[token], *fresh;
	struct pbuf *p = NULL;

	len -= skip;
	if (n->held > n->held_max && len > NO_CONTENT) {
		n->card.rx_dropped++;
	} else if (len > NO_CONTENT && len <= SMALL) {
		p = copy(n, b->data + skip, len);
	} else {
		fresh = buf_new(n);
		if (fresh) {
			p = wrap(b, b->data + skip, len);
			n->rx_bufs[token] = fresh;
		}
	}
	give(n, token);
	return p;
}

/* The other buffers of a frame are there with the first (5.1.6.4.1). What
 * is wrong or has no memory makes the whole frame void. */
static struct pbuf *take_rest(
	struct virtio_net *n, struct pbuf *first, unsigned nbufs)
{
	size_t total = first ? first->tot_len : 0;
	struct pbuf *last = first, *p;
	uint32_t token, len;

	while (--nbufs && !virtq_take(&n->rx, &token, &len)) {
		total += len;
		if (last && len && total <= FRAME_MAX)
			last = last->next = take(n, token, len, 0);
		else
			give(n, token);
	}
	if (first && (nbufs || !last || total > FRAME_MAX)) {
		pbuf_free(first);
		return NULL;
	}
	for (p = first; p; p = p->next) {
		p->tot_len = (uint16_t)total;
		total -= p->len;
	}
	return first;
}

void virtio_net_rx_end(struct virtio_net *n)
{
	struct rx_buf *b;

	for (unsigned i = 0; i < NET_QUEUE_MAX; i++) {
		kfree(n->rx_bufs[i]);
		n->rx_bufs[i] = NULL;
	}
	while ((b = n->pool)) {
		n->pool = b->next;
		kfree(b);
	}
	n->npool = 0;
}

unsigned virtio_net_receive(struct virtio_net *n, unsigned max)
{
	uint16_t before = n->rx.avail_idx;
	unsigned done = 0, nbufs;
	uint32_t token, len;

	while (done < max && !virtq_take(&n->rx, &token, &len)) {
		struct virtio_net_hdr h = {.num_buffers = 1};
		struct pbuf *p = NULL;

		done++;
		memcpy(&h, n->rx_bufs[token]->data, n->hdr_size);
		nbufs = n->dev->features & NET_F_MRG_RXBUF ? h.num_buffers : 1;
		if (len > n->hdr_size)
			p = take(n, token, len, n->hdr_size);
		else
			give(n, token);
		if (nbufs != 1)
			p = take_rest(n, p, MAX(nbufs, 1U));
		if (p)
			net_card_input(&n->card, p,
				h.flags & (NET_HDR_NEEDS_CSUM |
						  NET_HDR_DATA_VALID));
	}
	/* A device that has not used up what it had before does not wait for
	 * these: it will look again. */
	if (done && virtq_left(&n->rx, before) < RX_ENOUGH)
		virtq_kick(&n->rx);
	return done;
}

/* A frame of the card's MTU fits into one buffer where the device cannot
 * use several. */
int virtio_net_rx_init(struct virtio_net *n)
{
	uint64_t memory = page_total() * PAGE_SIZE;
	unsigned count = n->rx.size, i;

	n->rx_size = BUF_SIZE - sizeof(struct rx_buf);
	if (!(n->dev->features & NET_F_MRG_RXBUF))
		n->rx_size = MAX(n->rx_size, n->hdr_size + 18U + n->card.mtu);
	n->held_max = memory / HELD_SHARE;
	while (count > 16 && (uint64_t)count * n->rx_size > memory / BUF_SHARE)
		count /= 2;
	for (i = 0; i < count; i++) {
		n->rx_bufs[i] = buf_new(n);
		if (!n->rx_bufs[i])
			return -ENOMEM;
		give(n, i);
	}
	return 0;
}
