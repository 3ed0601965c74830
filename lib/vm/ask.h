/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks whether the program is well: a socket, one question at a time. */
#ifndef VM_ASK_H
#define VM_ASK_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * The socket has an abstract name, as a container's files may be read-only,
 * with the number of the container's mount namespace in it: containers that
 * share a network do not meet. A connection is the question; the answer is
 * one byte, ASK_WELL or ASK_ILL, then text, then the end. Only the user of
 * the launcher and root may ask.
 */
enum { ASK_WELL = '0', ASK_ILL = '1' };

/* For the one who asks: a connected socket. */
int ask_connect(struct err *e);

struct ask;
/* A question takes `timeout_ms` at most. NULL and *e: it cannot be. */
struct ask *ask_open(unsigned timeout_ms, struct err *e);
void ask_free(struct ask *a);

/* What to poll for input, or -1; when to be called without; 0: never. */
int ask_fd(const struct ask *a);
int64_t ask_deadline_ms(const struct ask *a);
/* After one of them: CHANNEL_ASK or CHANNEL_ASK_END is to be sent, or 0. */
unsigned ask_work(struct ask *a, int64_t now_ms);
/* The data of CHANNEL_ANSWER: 0, or -EPROTO. */
int ask_answer(
	struct ask *a, const unsigned char *data, size_t n, struct err *e);

#endif
