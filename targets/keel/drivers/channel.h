/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of abi/channel.h as they come from the launcher. */
#ifndef DRIVERS_CHANNEL_H
#define DRIVERS_CHANNEL_H

#include "abi/channel.h"
#include "kern/types.h"

/* A frame in pieces; all zero at the start. */
struct channel_rx {
	struct channel_frame frame;
	uint32_t data; /* of the frames that are not input */
	uint32_t got;  /* bytes of the frame, header included */
};

/* The host sends the program a signal; weak: net/drain.h has another. */
void channel_signal(int sig);

/* Takes the next n bytes of the stream; calls console_input and so on.
 * False: the host broke the rules, the session is over. */
bool channel_feed(struct channel_rx *c, const void *p, size_t n);

#endif
