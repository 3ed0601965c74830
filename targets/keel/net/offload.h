/* SPDX-License-Identifier: Apache-2.0 */
/* What a device completes of a frame: TCP checksums, segmentation. */
#ifndef NET_OFFLOAD_H
#define NET_OFFLOAD_H

#include "kern/types.h"

struct pbuf;
struct virtio_net_hdr;

/* A frame with TCP: where its headers end and what they say. */
struct net_segment {
	uint8_t *ip, *tcp; /* headers, contiguous from the Ethernet one on */
	unsigned hdr_len;  /* with Ethernet */
	unsigned len;      /* of the content */
	unsigned piece;    /* of the content, that each frame will have */
	uint32_t seq;
	bool v6;
};

/* `frame` begins with the Ethernet header. False: it is not TCP, a fragment,
 * or its headers are not contiguous as lwIP makes them. */
bool net_segment_parse(const struct pbuf *frame, struct net_segment *s);

/* Whether one large segment can stand for `first` (with what was joined to
 * it, up to the sequence number `next`) and `s`, by its headers. */
bool net_segment_follows(const struct net_segment *first, uint32_t next,
	const struct net_segment *s);

/*
 * Asks in *h (zeroed) for the checksum, and for pieces of s->piece bytes if
 * `total` is more than that: then s stands for `total` bytes of content and
 * its IP header is made to fit.
 */
void net_segment_offload(
	const struct net_segment *s, unsigned total, struct virtio_net_hdr *h);

#endif
