/* SPDX-License-Identifier: Apache-2.0 */
/* Standard input and output: the channel, a virtio console, or serial. */
#ifndef DRIVERS_CONSOLE_H
#define DRIVERS_CONSOLE_H

#include "kern/types.h"

struct file_ops;

/*
 * Three streams (0 in, 1 out, 2 err), also behind /dev/console, /dev/tty.
 * Files carry the stream's number in `priv`. With RECORD_F_CHANNEL they
 * are frames of abi/channel.h; otherwise out and err go to the serial port
 * (or a plain virtio console) and in comes from there.
 */
extern const struct file_ops console_file_ops;

/* Finds the best device; called after drivers were probed. */
void console_init(void);
/* Waits until everything written has left the guest. */
void console_flush(void);
/* Sends CHANNEL_EXIT (nothing without a channel) after a flush. */
void console_exit(int status);

#endif
