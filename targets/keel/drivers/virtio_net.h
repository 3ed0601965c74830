/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the virtio network driver (virtio 1.2, 5.1). */
#ifndef DRIVERS_VIRTIO_NET_H
#define DRIVERS_VIRTIO_NET_H

#include "drivers/virtio.h"
#include "drivers/virtq.h"
#include "net/net.h"
#include "net/offload.h"
#include "sched/timer.h"
#include "sched/work.h"

/* Features (5.1.3). */
#define NET_F_CSUM       (1ull << 0)
#define NET_F_GUEST_CSUM (1ull << 1)
#define NET_F_MTU        (1ull << 3)
#define NET_F_MAC        (1ull << 5)
#define NET_F_GUEST_TSO4 (1ull << 7)
#define NET_F_GUEST_TSO6 (1ull << 8)
#define NET_F_HOST_TSO4  (1ull << 11)
#define NET_F_HOST_TSO6  (1ull << 12)
#define NET_F_MRG_RXBUF  (1ull << 15)
#define NET_F_STATUS     (1ull << 16)
#define NET_F_ANY_LAYOUT (1ull << 27) /* legacy devices only */

/* Before each frame (5.1.6). Without MRG_RXBUF a legacy device leaves out
 * num_buffers. */
struct virtio_net_hdr {
	uint8_t flags;
	uint8_t gso_type;
	uint16_t hdr_len;
	uint16_t gso_size;
	uint16_t csum_start;
	uint16_t csum_offset;
	uint16_t num_buffers;
};
_Static_assert(sizeof(struct virtio_net_hdr) == 12, "virtio 1.2, 5.1.6");
enum { NET_HDR_NEEDS_CSUM = 1, NET_HDR_DATA_VALID = 2 };
enum { NET_GSO_NONE = 0, NET_GSO_TCPV4 = 1, NET_GSO_TCPV6 = 4 };

enum { NET_RX = 0, NET_TX = 1, NET_QUEUE_MAX = 256 };
enum { TX_PIECES = 40 };

struct rx_buf;
struct tx_slot;

/* The frame that is given to the device next. */
struct tx_next {
	unsigned slot, last; /* its pbufs; slot ~0: there is none */
	unsigned count;      /* pieces, from v[1] on */
	struct virtq_buf v[TX_PIECES + 1]; /* v[0]: a header apart */
	void *hdr;                         /* where it is, or NULL */
	bool tcp;                          /* seg is valid */
	bool open;                         /* others may be joined to it */
	struct net_segment seg;            /* of the first pbuf */
	unsigned total;                    /* content of all */
};

struct virtio_net {
	struct net_card card;
	struct virtio_device *dev;
	struct work work;
	struct timer again; /* the next round, when there is much to do */
	unsigned hdr_size;
	/* All below are under net_lock. */
	struct virtq rx, tx;

	struct rx_buf *rx_bufs[NET_QUEUE_MAX]; /* the device's, by token */
	unsigned rx_size;                      /* bytes of each */
	struct rx_buf *pool;                   /* free ones */
	unsigned npool;
	uint64_t held, held_max; /* bytes that the stack holds */

	struct tx_slot *tx_slots; /* of requests in flight, by token */
	unsigned tx_free;         /* the first free one */
	unsigned tx_unkicked;
	struct tx_next next;
};

/* Both queues with what is in them: 0 or -errno. And their end, after which
 * the device has no memory of ours and the card no link. */
int virtio_net_queues(struct virtio_net *n);
void virtio_net_stop(struct virtio_net *n);

/* virtio_net_rx.c. Gives the device its buffers: 0 or -ENOMEM. */
int virtio_net_rx_init(struct virtio_net *n);
void virtio_net_rx_end(struct virtio_net *n); /* the device is reset */
/* Takes at most `max` frames; how many there were. */
unsigned virtio_net_receive(struct virtio_net *n, unsigned max);

/* virtio_net_tx.c */
int virtio_net_tx_init(struct virtio_net *n);
void virtio_net_tx_end(struct virtio_net *n); /* the device is reset */
int virtio_net_transmit(struct net_card *c, struct pbuf *p);
void virtio_net_flush(struct net_card *c);
/* Releases what the device has sent. */
void virtio_net_reclaim(struct net_card *c);

#endif
