/* SPDX-License-Identifier: Apache-2.0 */
/* The first serial port, a 16550 (PC16550D data sheet). */
#include "plat/serial.h"
#include "arch/x86_64/io.h"

#include <linux/errno.h>
#include <linux/serial_reg.h>

enum { COM1 = 0x3f8, FIFO_SIZE = 16, SPIN_MAX = 1 << 20 };

/* 115200 8N1; monitors ignore it, a real line needs it. */
static void serial_init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	port_out8(COM1 + UART_LCR, UART_LCR_DLAB | UART_LCR_WLEN8);
	port_out8(COM1 + UART_DLL, 1);
	port_out8(COM1 + UART_DLM, 0);
	port_out8(COM1 + UART_LCR, UART_LCR_WLEN8);
	port_out8(COM1 + UART_FCR, UART_FCR_ENABLE_FIFO);
	port_out8(COM1 + UART_MCR, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
}

/* A port that is not there reads as all ones: it is always "ready". */
static void wait_for(uint8_t bits)
{
	for (int i = 0; i < SPIN_MAX; i++)
		if ((port_in8(COM1 + UART_LSR) & bits) == bits)
			return;
}

void serial_write(const char *p, size_t n)
{
	serial_init();
	while (n) {
		size_t burst = MIN(n, (size_t)FIFO_SIZE);

		wait_for(UART_LSR_THRE);
		for (n -= burst; burst; burst--)
			port_out8(COM1 + UART_TX, *p++);
	}
}

int serial_read(void)
{
	uint8_t lsr = port_in8(COM1 + UART_LSR);

	if (!(lsr & UART_LSR_DR) || lsr == 0xff)
		return -EAGAIN;
	return port_in8(COM1 + UART_RX);
}

void serial_irq_enable(void)
{
	serial_init();
	port_out8(COM1 + UART_IER, UART_IER_RDI);
}

void serial_flush(void)
{
	wait_for(UART_LSR_TEMT);
}
