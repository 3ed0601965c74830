/* SPDX-License-Identifier: Apache-2.0 */
/* Which ports take peers: told to the launcher, which forwards them. */
#include "net/publish.h"

#include "abi/channel.h"
#include "drivers/console_tty.h"
#include "kern/string.h"
#include "net/socket.h"

enum { TCP = 6, UDP = 17 };

_Static_assert(sizeof(struct channel_port) == 4, "abi/channel.h");

/* 0: none that others reach. */
static unsigned protocol_of(const struct socket *s)
{
	if (s->domain != AF_INET && s->domain != AF_INET6)
		return 0;
	if (s->type == SOCK_STREAM)
		return TCP;
	return s->type == SOCK_DGRAM && (!s->protocol || s->protocol == UDP)
		       ? UDP
		       : 0;
}

/* 127.0.0.0/8, also as an IPv6 address, and ::1. */
static bool is_loopback(const struct sockaddr_storage *a)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t one[16] = {[15] = 1};
	/* Behind the port; in an IPv6 address behind the flow label too. */
	const char *v4 = a->data + 2, *v6 = a->data + 6;

	if (a->family == AF_INET)
		return *v4 == 127;
	return !memcmp(v6, one, 16) ||
	       (!memcmp(v6, mapped, 12) && v6[12] == 127);
}

/* Without a channel nobody forwards; with a broken one, the next output of
 * the program fails. */
static void tell(const struct socket *s, bool open)
{
	struct channel_port p = {
		.protocol = protocol_of(s),
		.open = open,
		.port = s->published,
	};

	console_send(CHANNEL_PORT, &p, sizeof(p));
}

void socket_publish(struct socket *s)
{
	struct sockaddr_storage a;

	if (s->published || !protocol_of(s) ||
		s->ops->getname(s, &a, false) < 0 || is_loopback(&a))
		return;
	s->published = (uint8_t)a.data[0] << 8 | (uint8_t)a.data[1];
	if (s->published)
		tell(s, true);
}

void socket_unpublish(struct socket *s)
{
	if (s->published)
		tell(s, false);
	s->published = 0;
}
