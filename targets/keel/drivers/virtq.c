/* SPDX-License-Identifier: Apache-2.0 */
/* Split virtqueues (virtio 1.2, 2.7). */
#include "drivers/virtq.h"

#include <asm/errno.h>

#include "arch/arch.h"
#include "drivers/virtio.h"
#include "mm/page.h"

enum { DESC_NEXT = 1, DESC_WRITE = 2 }; /* virtq_desc.flags */
enum { AVAIL_NO_INTERRUPT = 1 };        /* avail[0] */
enum { USED_NO_NOTIFY = 1 };            /* used[0] */
enum { LEGACY_ALIGN = 4096, SIZE_MAX_DEVICE = 32768 };
enum { USED_HEAD = 2 * 3, USED_ENTRY = 8 }; /* bytes of the used ring */
enum { NONE = 0xffff };
/* Memory up to here is surely in the direct map, which has 511 GiB; what is
 * after it (stacks, device registers) is not. */
#define DIRECT_MAX (256ull << 30)

struct virtq_desc {
	uint64_t pa;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};
_Static_assert(sizeof(struct virtq_desc) == 16, "virtio 1.2, 2.7.5");

/* What the driver knows of descriptor i. The head of a request in flight
 * has ndesc > 0; `next` links free ones and those of a request. */
struct virtq_slot {
	uint16_t next;
	uint16_t ndesc;
	uint32_t in_len; /* bytes that the device may write */
	uint32_t token;
};

/* These order what the driver and the device (another CPU) see, and
 * arch_barrier. */
static void barrier_release(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void barrier_acquire(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

int virtq_init(struct virtq *q, struct virtio_device *d, unsigned index,
	unsigned max_size)
{
	const struct virtio_transport *t = d->transport;
	size_t n = t->queue_size(d, index), used_off, slot_off, bytes, i;
	unsigned order = 0;
	uint8_t *ring;
	int err;

	if (!n)
		return -ENODEV;
	if (n > SIZE_MAX_DEVICE || (n & (n - 1)))
		return -EINVAL;
	while (n > max_size && !t->fixed_size)
		n /= 2;
	used_off = n * sizeof(struct virtq_desc) + 2ul * (3 + n);
	if (d->features & VIRTIO_F_VERSION_1)
		used_off = ALIGN_UP(used_off, 4);
	else
		used_off = ALIGN_UP(used_off, LEGACY_ALIGN);
	slot_off = ALIGN_UP(used_off + USED_HEAD + (size_t)USED_ENTRY * n, 4);
	bytes = slot_off + n * sizeof(struct virtq_slot);
	while ((PAGE_SIZE << order) < bytes)
		order++;
	ring = pages_alloc(order, PAGE_ZERO);
	if (!ring)
		return -ENOMEM;

	q->dev = d;
	q->index = index;
	q->size = q->nfree = n;
	q->free_head = q->avail_idx = q->used_idx = q->kicked = 0;
	q->event_idx = !!(d->features & VIRTIO_F_EVENT_IDX);
	q->broken = NULL;
	q->desc = (struct virtq_desc *)ring;
	q->avail = (uint16_t *)(ring + n * sizeof(struct virtq_desc));
	q->used = (uint16_t *)(ring + used_off);
	q->slot = (struct virtq_slot *)(ring + slot_off);
	for (i = 0; i < n; i++)
		q->slot[i].next = i + 1;
	virtq_disarm(q);
	err = t->queue_setup(d, index, n, virtq_pa(q->desc, 1, NULL),
		virtq_pa(q->avail, 1, NULL), virtq_pa(q->used, 1, NULL));
	if (err)
		pages_free(ring, order);
	return err;
}

int virtq_add(struct virtq *q, const struct virtq_buf *bufs, unsigned nout,
	unsigned nin, uint32_t token)
{
	unsigned n = nout + nin, i;
	uint16_t head = q->free_head, at = head, last = head;
	uint64_t in_len = 0;

	if (q->broken)
		return -EIO;
	if (!n || n > q->nfree)
		return -ENOSPC;
	for (i = 0; i < n; i++) {
		struct virtq_desc *d = &q->desc[at];

		d->pa = bufs[i].pa;
		d->len = bufs[i].len;
		d->flags = (i + 1 < n ? DESC_NEXT : 0) |
			   (i >= nout ? DESC_WRITE : 0);
		last = at;
		at = d->next = q->slot[at].next;
		if (i >= nout)
			in_len += bufs[i].len;
	}
	q->slot[last].next = NONE;
	q->free_head = at;
	q->nfree -= n;
	q->slot[head].ndesc = n;
	q->slot[head].in_len = MIN(in_len, UINT32_MAX);
	q->slot[head].token = token;
	q->avail[2 + (q->avail_idx & (q->size - 1))] = head;
	q->avail_idx++;
	barrier_release();
	WRITE_ONCE(q->avail[1], q->avail_idx);
	return 0;
}

void virtq_kick(struct virtq *q)
{
	uint16_t old = q->kicked, now = q->avail_idx, event;
	bool wanted;

	if (old == now || q->broken)
		return;
	q->kicked = now;
	arch_barrier(); /* avail idx before reading what the device asks */
	if (q->event_idx) {
		event = READ_ONCE(q->used[2 + 4 * q->size]);
		wanted = (uint16_t)(now - event - 1) < (uint16_t)(now - old);
	} else {
		wanted = !(READ_ONCE(q->used[0]) & USED_NO_NOTIFY);
	}
	if (wanted)
		q->dev->transport->notify(q->dev, q->index);
}

static int queue_broken(struct virtq *q, const char *why)
{
	q->broken = why;
	return -EIO;
}

int virtq_take(struct virtq *q, uint32_t *token, uint32_t *len)
{
	uint16_t idx, last, i;
	volatile uint32_t *elem;
	struct virtq_slot *s;
	uint32_t id, written;

	if (q->broken)
		return -EIO;
	idx = READ_ONCE(q->used[1]);
	if (idx == q->used_idx)
		return -EAGAIN;
	if ((uint16_t)(idx - q->used_idx) > q->size - q->nfree)
		return queue_broken(q, "more used than given");
	barrier_acquire();
	elem = (volatile uint32_t *)&q
		       ->used[2 + 4 * (q->used_idx & (q->size - 1))];
	id = elem[0];
	written = elem[1];
	if (id >= q->size || !q->slot[id].ndesc)
		return queue_broken(q, "bad id");
	s = &q->slot[id];

	for (last = id, i = 1; i < s->ndesc; i++)
		last = q->slot[last].next;
	q->slot[last].next = q->free_head;
	q->free_head = id;
	q->nfree += s->ndesc;
	s->ndesc = 0;
	q->used_idx++;
	*token = s->token;
	/* Some devices count what they read, too: see virtio 1.2, 2.7.8.2. */
	*len = MIN(written, s->in_len);
	return 0;
}

bool virtq_arm(struct virtq *q, unsigned n)
{
	if (q->event_idx)
		WRITE_ONCE(q->avail[2 + q->size], q->used_idx + n - 1);
	else
		WRITE_ONCE(q->avail[0], 0);
	arch_barrier(); /* the wish before looking again */
	return q->broken ||
	       (uint16_t)(READ_ONCE(q->used[1]) - q->used_idx) >= n;
}

void virtq_disarm(struct virtq *q)
{
	/* With event indices: an index as far away as can be. */
	if (q->event_idx)
		WRITE_ONCE(q->avail[2 + q->size], q->used_idx - 1);
	else
		WRITE_ONCE(q->avail[0], AVAIL_NO_INTERRUPT);
}

uint64_t virtq_pa(const void *va, size_t n, size_t *left)
{
	uint64_t at = (uintptr_t)va, pa = 0;
	unsigned pte;

	if (at - arch_direct_base < DIRECT_MAX) {
		if (left)
			*left = n;
		return at - arch_direct_base;
	}
	/* The image or a stack in its own mapping: page by page. */
	arch_lookup(at & PAGE_MASK, &pa, &pte);
	if (left)
		*left = MIN(n, PAGE_SIZE - (at & ~PAGE_MASK));
	return pa + (at & ~PAGE_MASK);
}
