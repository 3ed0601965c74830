/* SPDX-License-Identifier: Apache-2.0 */
/* What a device completes of a frame: the TCP checksum. */
#ifndef NET_OFFLOAD_H
#define NET_OFFLOAD_H

struct pbuf;
struct virtio_net_hdr;

/*
 * `frame` begins with the Ethernet header; its headers are contiguous, as
 * lwIP makes them. If it is TCP, the sum over the pseudo header goes where
 * the checksum belongs, and *h (zeroed) asks for the rest.
 */
void net_offload_checksum(struct pbuf *frame, struct virtio_net_hdr *h);

#endif
