/* SPDX-License-Identifier: Apache-2.0 */
/* What keel's network needs of keel, on the host; peers that play TCP. */
#ifndef TESTS_NET_HOST_H
#define TESTS_NET_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "net/net.h"

/* The bytes that decide; after their end all are 0. */
struct input {
	const uint8_t *p;
	size_t left;
};
uint8_t input_u8(struct input *in);
uint16_t input_u16(struct input *in);
void input_bytes(struct input *in, void *dst, size_t n);

extern uint64_t host_now; /* ns */
void host_advance(uint64_t ms);
/* The n-th allocation from now fails; 0: none. */
extern unsigned host_fail_alloc;
extern unsigned host_live; /* allocations that are not freed */

/* Once, with the cards: addresses, programs that answer. */
void host_start(void);
/* An input on one of the cards; afterwards connections are ended and what
 * was learnt is forgotten, so that inputs are independent. Between begin and
 * check no memory may be lost. */
void host_begin(struct net_card *c);
void host_end(struct net_card *c);
void host_check(void);

/*
 * Does what the input says until its end: frames of all kinds go to
 * `deliver`, time passes, programs write and close. What the stack sends is
 * to be shown to host_sent, so that the peers' numbers fit.
 */
typedef void host_deliver(const uint8_t *frame, unsigned len);
void host_play(struct input *in, host_deliver *deliver);
void host_sent(const uint8_t *frame, unsigned len);

#endif
