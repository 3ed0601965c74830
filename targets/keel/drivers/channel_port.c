/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the launcher which ports the program's sockets take peers on. */
#include "drivers/channel_port.h"

#include "abi/channel.h"
#include "drivers/console_tty.h"

_Static_assert(sizeof(struct channel_port) == 4, "abi/channel.h");

void channel_port(unsigned protocol, uint16_t port, bool open)
{
	struct channel_port p = {
		.protocol = protocol,
		.open = open,
		.port = port,
	};

	/* Without it the port is not forwarded: the device is broken, and
	 * the next output of the program says so. */
	console_send(CHANNEL_PORT, &p, sizeof(p));
}
