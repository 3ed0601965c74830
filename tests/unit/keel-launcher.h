/* SPDX-License-Identifier: Apache-2.0 */
/* A virtio console with a launcher behind it that keeps the channel. */
#ifndef TESTS_KEEL_LAUNCHER_H
#define TESTS_KEEL_LAUNCHER_H

#include "abi/channel.h"
#include "keel-fake.h"

enum { QUEUE = 32, MIB = 1 << 20 };

extern struct fake_device dev;
extern unsigned rxq, txq; /* the queues that carry the stream */

extern uint8_t *sent;        /* all that the guest wrote */
extern size_t nsent, parsed; /* parsed: frames dealt with */
extern uint8_t *out[20];     /* data of each type of frame */
extern size_t nout[20];

/* Standard input: input_len bytes, of which input_at are read; an answer has
 * at most answer_most. */
extern uint8_t input[10 * MIB];
extern size_t input_at, input_len, answer_most;

/* True: the guest wants an interrupt. */
bool launcher_send(const void *data, size_t n);
bool launcher_send_frame(unsigned type, const void *data, uint32_t n);
/* Takes what the guest has written, and answers. */
void launcher_work(void);

#endif
