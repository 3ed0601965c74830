/* SPDX-License-Identifier: Apache-2.0 */
/* The first serial port: a 16550 at 0x3f8, interrupt line 4. */
#ifndef PLAT_SERIAL_H
#define PLAT_SERIAL_H

#include "kern/types.h"

enum { SERIAL_IRQ = 4 };

void serial_write(const char *p, size_t n); /* waits for room; as it is */
int serial_read(void);                      /* a byte, or -EAGAIN */
void serial_irq_enable(void);               /* of received bytes */
void serial_flush(void);                    /* until the shifter is empty */

#endif
