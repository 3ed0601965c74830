/* SPDX-License-Identifier: Apache-2.0 */
/* The channel: frames between the launcher and keel over virtio-console. */
#ifndef ABI_CHANNEL_H
#define ABI_CHANNEL_H

#include <stdint.h>

/*
 * Used when the boot record has RECORD_F_CHANNEL. One virtio-console
 * device (virtio 1.2, 5.3), each direction a byte stream of frames, little
 * endian: with multiport it is port 1 (QEMU: virtio-serial-*,max_ports=2 and
 * virtserialport,nr=1), else the one console (max_ports=1, virtconsole).
 * The port is the one to use: QEMU throws console output away when its
 * socket is full, which loses frames; from a port it waits. A frame may be
 * split over any number of buffers. Output and exit share one stream, so
 * their order holds. Standard input flows only on request, so that a
 * signal is never stuck behind it. A side that meets a frame it does not
 * know or a length over CHANNEL_MAX ends the session: the launcher with
 * an error, the guest with a panic.
 */
#define CHANNEL_MAX 65536u

struct channel_frame {
	uint8_t type;
	uint8_t zero[3];
	uint32_t len; /* of the data that follows */
};

enum channel_type {
	/* guest to host */
	CHANNEL_OUT = 1,  /* bytes for standard output */
	CHANNEL_ERR = 2,  /* bytes for standard error */
	CHANNEL_LOG = 3,  /* kernel log text; shown by the launcher's -v */
	CHANNEL_WANT = 4, /* u32: bytes of input wanted; one IN or EOF comes */
	CHANNEL_TERMIOS = 5, /* struct termios (36 bytes) to set on fd 0 */
	CHANNEL_EXIT = 6,    /* u32: exit status 0..255; last frame of all */
	CHANNEL_PANIC = 7,   /* text: keel itself failed; host exits 125 */
	CHANNEL_PORT = 8,    /* struct channel_port */
	CHANNEL_ANSWER = 9,  /* u32 status, then text: one for each ASK */
	/* host to guest */
	CHANNEL_IN = 16,      /* bytes of standard input, at most as wanted */
	CHANNEL_EOF = 17,     /* no data: end of standard input */
	CHANNEL_SIGNAL = 18,  /* u32: Linux signal number */
	CHANNEL_WINSIZE = 19, /* u16 rows, u16 columns */
	CHANNEL_ASK = 20,     /* no data: run the command of RECORD_HEALTH */
	CHANNEL_ASK_END = 21, /* no data: end it, if it still runs */
};

/*
 * Base linux only, and only if the build's record has RECORD_HEALTH: whether
 * the program is well. One at a time: the next ASK comes after the ANSWER, with
 * the command's exit status (128+N for a signal) and the first of its output.
 */
#define CHANNEL_ANSWER_MAX 4096u /* of text */

/*
 * A socket began to take peers on a port (a TCP socket listens, a UDP
 * socket was bound by the program), or ended to: sent for each socket whose
 * address is not loopback. The launcher forwards the port before it shows
 * any output that was written later, so that peers are refused exactly as
 * long as the program does not listen.
 */
struct channel_port {
	uint8_t protocol; /* 6 TCP, 17 UDP */
	uint8_t open;     /* 1, or 0: closed */
	uint16_t port;
};

#endif
