/* SPDX-License-Identifier: Apache-2.0 */
/* Multicast groups of sockets. For net/ only. */
#ifndef NET_INET_GROUP_H
#define NET_INET_GROUP_H

#include "net/inet.h"

/* Joining, leaving, and the card to send to groups by; -ENOPROTOOPT: the
 * option is none of these. */
int inet_group_option(
	struct socket *s, int level, int name, long uval, unsigned len);

#endif
