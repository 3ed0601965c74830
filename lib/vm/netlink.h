/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to and from the kernel's rtnetlink. */
#ifndef VM_NETLINK_H
#define VM_NETLINK_H

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/* A socket, or -errno and *e. The caller closes it. */
int netlink_open(struct err *e);

/*
 * A message is built in an empty buffer: netlink_begin with the family's
 * fixed header (struct ifinfomsg and so on), attributes, then
 * netlink_request or netlink_dump, which send it.
 */
void netlink_begin(struct buf *b, unsigned type, unsigned flags,
	const void *header, size_t n);
void netlink_put(struct buf *b, unsigned type, const void *p, size_t n);
void netlink_put_u32(struct buf *b, unsigned type, uint32_t v);
void netlink_put_str(struct buf *b, unsigned type, const char *s);
/* An attribute of attributes: its place, for netlink_end_nest. */
size_t netlink_begin_nest(struct buf *b, unsigned type);
void netlink_end_nest(struct buf *b, size_t at);

/* Sends it and waits for the kernel's answer: 0 or -errno. */
int netlink_request(int fd, struct buf *b);

/* Sends it and gives each message of the answer to fn. */
typedef void netlink_fn(const struct nlmsghdr *h, void *arg);
int netlink_dump(int fd, struct buf *b, netlink_fn *fn, void *arg);

/* The family's fixed header of a message. */
const void *netlink_header(const struct nlmsghdr *h);

/* The attributes of a message behind its fixed header of n bytes, by type:
 * out[0..max]; NULL where there is none. */
void netlink_attributes(const struct nlmsghdr *h, size_t n,
	const struct rtattr **out, unsigned max);
/* Those inside of an attribute. */
void netlink_nested(
	const struct rtattr *a, const struct rtattr **out, unsigned max);

#endif
