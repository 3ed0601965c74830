/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio console (virtio 1.2, 5.3): port 1 of a device with ports, else
 * its one console. */
#include <asm/errno.h>

#include "abi/channel.h"
#include "drivers/channel.h"
#include "drivers/console_port.h"
#include "drivers/console_tx.h"
#include "drivers/virtio.h"
#include "drivers/virtq.h"
#include "kern/log.h"
#include "kern/string.h"
#include "arch/arch.h"
#include "mm/page.h"
#include "mm/uaccess.h"
#include "sched/waitq.h"

#define F_MULTIPORT (1ull << 1)
enum { C_MAX_PORTS = 4 }; /* in the configuration, 5.3.4 */
enum { PORT = 1, QUEUE_CONTROL_TX = 3 };

struct control { /* 5.3.6.2 */
	uint32_t id;
	uint16_t event, value;
};
enum { DEVICE_READY = 0, PORT_READY = 3, PORT_OPEN = 6 };

enum { RX_MAX = 8, RX_SMALL = 2, LARGE_PAGES = 16 << 8 };

static struct {
	struct spinlock lock;
	/* All below are under lock. */
	struct virtq q;
	uint8_t *buf[RX_MAX]; /* a page each */
	struct channel_rx frames;
	bool framed;
} rx;
static bool found;

#define LOG_PATIENCE (1ull << 31) /* cycles; a clock would cost 3 KB */

static void rx_give(uint32_t i)
{
	size_t left;
	struct virtq_buf b = {
		.pa = virtq_pa(rx.buf[i], PAGE_SIZE, &left),
		.len = PAGE_SIZE,
	};

	virtq_add(&rx.q, &b, 0, 1, i);
}

/* Passes on a filled buffer. */
static void rx_pass(const void *data, uint32_t len)
{
	if (rx.framed) {
		if (!channel_feed(&rx.frames, data, len))
			panic("channel: bad frame, type %u length %u\n",
				rx.frames.frame.type, rx.frames.frame.len);
	} else {
		console_input(data, len);
		console_input_done(false);
	}
}

/* Without frames input comes unasked: what there is no room for stays with
 * the device. */
static void rx_drain(void)
{
	uint64_t irq = spin_lock(&rx.lock);
	uint32_t i, len;

	while (rx.framed || console_room() >= PAGE_SIZE) {
		if (!virtq_take(&rx.q, &i, &len)) {
			rx_pass(rx.buf[i], len);
			rx_give(i);
		} else if (!virtq_arm(&rx.q, 1) || rx.q.broken) {
			break;
		}
	}
	virtq_kick(&rx.q);
	if (rx.q.broken)
		console_input_done(true);
	spin_unlock(&rx.lock, irq);
}

static void vcon_interrupt(struct virtio_device *d)
{
	(void)d;
	rx_drain();
	console_wake();
}

static long vcon_write(
	unsigned stream, const void *ubuf, size_t n, bool nonblock)
{
	unsigned type = stream == 2 ? CHANNEL_ERR : CHANNEL_OUT;
	struct tx_piece piece;
	size_t done = 0, part;
	long err = 0;

	while (done < n && !err) {
		part = MIN(n - done, console_tx_max());
		err = console_tx_reserve(&piece, rx.framed ? type : 0, part);
		if (err == -EAGAIN && !nonblock) {
			console_tx_kick();
			err = wait_event(
				&console_waitq, NEVER, console_tx_room(part));
			continue;
		}
		if (err)
			break;
		err = copy_from_user(
			piece.data, (const char *)ubuf + done, part);
		if (err) {
			console_tx_cancel(&piece);
			break;
		}
		err = console_tx_commit(&piece);
		if (!err)
			done += part;
	}
	console_tx_kick();
	return done ? (long)done : err;
}

static bool vcon_writable(void)
{
	return console_tx_room(console_tx_max());
}

/* Never sleeps: what finds no room waits a little, or is dropped. The machine
 * ends after a panic, so its text must have left. */
static void vcon_log(int kind, const char *text, size_t n)
{
	uint64_t deadline = arch_cycles() + LOG_PATIENCE;
	struct tx_piece piece;
	int err;

	n = MIN(n, console_tx_max());
	do {
		err = console_tx_reserve(&piece, rx.framed ? kind : 0, n);
	} while (err == -EAGAIN && kind != CHANNEL_LOG &&
		 arch_cycles() < deadline);
	if (err)
		return;
	memcpy(piece.data, text, n);
	console_tx_commit(&piece);
	console_tx_kick();
	while (kind == CHANNEL_PANIC && console_tx_unsent() &&
		arch_cycles() < deadline)
		;
}

static int vcon_send(unsigned type, const void *data, size_t n)
{
	struct tx_piece piece;
	int err;

	if (!rx.framed)
		return 0; /* nobody to tell */
	err = console_tx_reserve(&piece, type, n);
	if (err == -EAGAIN) {
		console_tx_flush();
		err = console_tx_reserve(&piece, type, n);
	}
	if (err)
		return err;
	memcpy(piece.data, data, n);
	err = console_tx_commit(&piece);
	console_tx_kick();
	return err;
}

static bool vcon_want(size_t n)
{
	uint32_t bytes = n;
	bool sent = true;

	if (rx.framed)
		sent = console_tx_room(sizeof(bytes)) &&
		       !vcon_send(CHANNEL_WANT, &bytes, sizeof(bytes));
	rx_drain();
	return sent;
}

static const struct console_port vcon_port = {
	.write = vcon_write,
	.writable = vcon_writable,
	.want = vcon_want,
	.send = vcon_send,
	.log = vcon_log,
	.flush = console_tx_flush,
};

const struct console_port *virtio_console_port(bool framed)
{
	if (!found)
		return NULL;
	rx.framed = framed;
	rx_drain();
	return &vcon_port;
}

/*
 * QEMU drops what its end has no room for when it comes from a console, and
 * waits when it comes from a port; so the channel is better on a port. It
 * is known which port, so the device gets no buffers to tell of its ports.
 */
static void open_port(struct virtq *control)
{
	static struct control messages[] = {
		{0, DEVICE_READY, 1},
		{PORT, PORT_READY, 1},
		{PORT, PORT_OPEN, 1},
	};
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		struct virtq_buf b = {
			.pa = virtq_pa(&messages[i], 1, NULL),
			.len = sizeof(messages[i]),
		};

		virtq_add(control, &b, 1, 0, i);
	}
	virtq_kick(control);
}

static int vcon_probe(struct virtio_device *d)
{
	static struct virtq control;
	unsigned n, i, first = 0;
	uint32_t ports = 0;
	int err;

	if (found)
		return -EBUSY; /* there is one console */
	err = virtio_negotiate(d, F_MULTIPORT);
	if (err)
		return err;
	if (d->features & F_MULTIPORT) {
		d->transport->read_config(d, C_MAX_PORTS, &ports, 4);
		first = 2 + 2 * PORT;
		err = -ENODEV;
		if (ports > PORT)
			err = virtq_init(&control, d, QUEUE_CONTROL_TX, 4);
	}
	if (!err)
		err = virtq_init(&rx.q, d, first, RX_MAX);
	if (!err)
		err = console_tx_init(d, first + 1);
	if (err)
		return err;
	n = page_total() >= LARGE_PAGES ? RX_MAX : RX_SMALL;
	for (i = 0; i < MIN(n, rx.q.size); i++) {
		rx.buf[i] = pages_alloc(0, 0);
		if (!rx.buf[i])
			return -ENOMEM;
		rx_give(i);
	}
	d->interrupt = vcon_interrupt;
	virtio_start(d);
	if (first)
		open_port(&control);
	/* After the port is open: QEMU looks for input again at this. */
	virtq_kick(&rx.q);
	found = true;
	return 0;
}

const struct virtio_driver virtio_console_driver = {
	.device_id = VIRTIO_CONSOLE,
	.probe = vcon_probe,
};
