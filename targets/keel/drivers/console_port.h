/* SPDX-License-Identifier: Apache-2.0 */
/* What carries the console's bytes: serial, or a virtio console. */
#ifndef DRIVERS_CONSOLE_PORT_H
#define DRIVERS_CONSOLE_PORT_H

#include "kern/types.h"

struct console_port {
	/* A program's bytes for stream 1 or 2: count or -errno; sleeps unless
	 * `nonblock`. */
	long (*write)(
		unsigned stream, const void *ubuf, size_t n, bool nonblock);
	/* Whether a write would not sleep; if it would, console_wake comes. */
	bool (*writable)(void);
	/* Asks for up to n bytes of input (with a channel), or lets input in.
	 * False: not now, console_wake comes. */
	bool (*want)(size_t n);
	/* Sends a frame of a CHANNEL_* type, if there is a channel; sleeps.
	 * NULL: there is none. */
	int (*send)(unsigned type, const void *data, size_t n);
	/* For log_sink: never sleeps. */
	void (*log)(int kind, const char *text, size_t n);
	void (*flush)(void); /* sleeps until all has left the guest */
};

extern const struct console_port serial_port;
/* The port of the virtio console, NULL if there is none: with or without
 * the channel's frames. */
const struct console_port *virtio_console_port(bool framed);

/* From a port, in any context. Takes as many bytes as there is room for. */
size_t console_input(const void *p, size_t n);
size_t console_room(void);
uint32_t console_wanted(void);     /* most that an answer may bring */
void console_input_done(bool eof); /* the answer to `want` is complete */
void console_set_winsize(uint16_t rows, uint16_t columns);
void console_wake(void);
/* console_wake wakes who sleeps here. */
extern struct waitq console_waitq;

#endif
