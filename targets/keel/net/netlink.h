/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of AF_NETLINK, for net/netlink*.c only: netlink(7). */
#ifndef NET_NETLINK_H
#define NET_NETLINK_H

#include <linux/netlink.h>

#include "kern/types.h"

/* An answer on its way: messages one after the other, in one datagram. */
enum { ANSWER_SIZE = 4096 - 16 };
struct netlink_answer {
	struct netlink_answer *next;
	uint32_t len;
	char data[ANSWER_SIZE];
};

/* Where answers to one request go. Nothing here sleeps. */
struct netlink_out {
	struct netlink_answer *first, *last;
	unsigned count;        /* of them */
	struct nlmsghdr *open; /* the message that is being made */
	uint32_t seq, pid;
	bool failed; /* no memory */
};

/* A message with room for `size` bytes in all, and its fixed part of n
 * bytes; false after a failure. Attributes follow, then netlink_end. */
bool netlink_begin(struct netlink_out *o, int type, unsigned flags, size_t size,
	const void *fixed, size_t n);
void netlink_add(struct netlink_out *o, int type, const void *p, size_t n);
void netlink_end(struct netlink_out *o);

/* net/netlink_route.c: the messages of a dump (RTM_GETLINK, ...) for a family
 * of addresses, 0: all. 0 or -EOPNOTSUPP. */
int netlink_dump(struct netlink_out *o, int type, int family);

#endif
