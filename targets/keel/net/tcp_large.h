/* SPDX-License-Identifier: Apache-2.0 */
/* TCP segments that a card cuts up; all under net_lock. */
#ifndef NET_TCP_LARGE_H
#define NET_TCP_LARGE_H

#include "lwip/tcp.h"

/*
 * What tcp_write may take for the size of a segment, for this call: pcb->mss,
 * or a multiple of it. `copied`: the data will be, in small parts; else it is
 * referred to in large ones.
 */
uint16_t net_tcp_segment(const struct tcp_pcb *pcb, bool copied);

/* tcp_write with segments of that size. */
err_t net_tcp_write(struct tcp_pcb *pcb, const void *p, uint16_t n,
	uint16_t segment, uint8_t flags);

#endif
