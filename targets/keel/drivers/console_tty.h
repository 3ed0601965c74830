/* SPDX-License-Identifier: Apache-2.0 */
/* The console as a terminal, as far as the host's end is one. */
#ifndef DRIVERS_CONSOLE_TTY_H
#define DRIVERS_CONSOLE_TTY_H

#include "kern/types.h"

/* ioctl(2) on stream 0, 1, 2: -ENOTTY unless RECORD_F_TTY_*. The line
 * discipline is the host terminal's: settings are sent there. */
long console_tty_ioctl(unsigned stream, unsigned long cmd, unsigned long arg);

/* Of console.c. */
uint32_t console_input_count(void);
void console_input_drop(void);
int console_send(unsigned type, const void *data, size_t n);

#endif
