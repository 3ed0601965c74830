/* SPDX-License-Identifier: Apache-2.0 */
/* Serving a running machine: input, output, signals, its end. */
#ifndef VM_SERVE_H
#define VM_SERVE_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "vm/ask.h"
#include "vm/channel.h"
#include "vm/forward.h"
#include "vm/machine.h"
#include "vm/output.h"
#include "vm/tail.h"
#include "vm/tty.h"

struct session {
	const struct vm_plan *plan;
	struct machine m;
	struct tty tty;
	struct forward *forward; /* NULL: no port is forwarded */
	struct ask *ask;         /* NULL: nobody asks the program */
	int signals;             /* signalfd */

	struct channel_rx rx;
	unsigned char in[CHANNEL_MAX]; /* from the guest */
	size_t in_pos, in_len;
	int ended; /* no more comes on the channel (serial mode: serial) */

	struct output out[3];     /* [1] and [2] */
	struct output *to;        /* where `part` goes; NULL: nothing waits */
	struct channel_part part; /* output not yet written */

	struct buf tx; /* to the guest */
	size_t tx_pos;
	size_t want; /* bytes of standard input that the guest waits for */

	struct tail serial, said; /* of the guest's serial port; of QEMU */

	int draining;        /* signals of RECORD_DRAIN that were sent */
	int64_t drain_ms;    /* when the first was */
	int exited;          /* the program ended: status is its own */
	int signal;          /* SIGTERM: the guest was told to end */
	int64_t signal_ms;   /* and when */
	int64_t deadline_ms; /* when it is ended; 0: not told */
	int status;          /* the result; -1: it runs */
};

/*
 * Runs until the program or the machine ended: 0 and s->status, or a
 * negative errno. The caller opened everything and closes it.
 */
int serve(struct session *s, struct err *e);

#endif
