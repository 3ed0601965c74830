/* SPDX-License-Identifier: Apache-2.0 */
/* The console on the first serial port: bytes as they are. */
#include <asm/errno.h>

#include "arch/arch.h"
#include "drivers/console_port.h"
#include "kern/types.h"
#include "mm/uaccess.h"
#include "plat/serial.h"

enum { PIECE = 512 };

static bool listening;

static long serial_port_write(
	unsigned stream, const void *ubuf, size_t n, bool nonblock)
{
	char piece[PIECE];
	size_t done, part;

	(void)stream;
	(void)nonblock; /* the port is never closed */
	for (done = 0; done < n; done += part) {
		part = MIN(n - done, sizeof(piece));
		if (copy_from_user(piece, (const char *)ubuf + done, part))
			return done ? (long)done : -EFAULT;
		serial_write(piece, part);
	}
	return n;
}

static bool serial_port_writable(void)
{
	return true;
}

/* Bytes that find no room are lost, as on any serial line. */
static void serial_interrupt(void *arg)
{
	uint8_t byte;
	int c;

	(void)arg;
	while ((c = serial_read()) >= 0) {
		byte = c;
		console_input(&byte, 1);
	}
	console_input_done(false);
}

static bool serial_port_want(size_t n)
{
	(void)n;
	if (!listening &&
		arch_irq_attach(SERIAL_IRQ, false, serial_interrupt, NULL))
		return false;
	if (!listening)
		serial_irq_enable();
	listening = true;
	return true;
}

static void serial_port_log(int kind, const char *text, size_t n)
{
	(void)kind;
	serial_write(text, n);
}

const struct console_port serial_port = {
	.write = serial_port_write,
	.writable = serial_port_writable,
	.want = serial_port_want,
	.log = serial_port_log,
	.flush = serial_flush,
};
