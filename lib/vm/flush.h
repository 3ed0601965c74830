/* SPDX-License-Identifier: Apache-2.0 */
/* The program has ended: what it sent gets the time to arrive. */
#ifndef VM_FLUSH_H
#define VM_FLUSH_H

#include "vm/serve.h"

/*
 * QEMU's own network acknowledges what it has not yet sent, and with a
 * container goes what the kernel has not. Waits for peers to have it: for two
 * seconds, or as long as requests may go on after the stop signal; a signal
 * ends it.
 */
void flush_peers(struct session *s);

#endif
