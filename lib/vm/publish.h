/* SPDX-License-Identifier: Apache-2.0 */
/* Published ports: -p [IP:][HOST:]GUEST[/PROTOCOL], as docker has it. */
#ifndef VM_PUBLISH_H
#define VM_PUBLISH_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* One port. An address of a family listens on that family only. */
struct vm_publish {
	int family;             /* AF_INET, AF_INET6; AF_UNSPEC: both */
	unsigned char addr[16]; /* of that family; any address if zero */
	uint16_t host;          /* 0: a free one is taken */
	uint16_t guest;
	int udp;
};

/* All zero is an empty list. */
struct vm_publishes {
	struct vm_publish *v;
	size_t n;
};
void vm_publishes_free(struct vm_publishes *l);

/*
 * Adds what one -p says: "80", "8080:80", "127.0.0.1:8080:80/tcp",
 * "127.0.0.1::80", "[::1]:8080:80", "8000-8009:80-89/udp". -EINVAL and a
 * message without prefix if it says nothing, or a port twice.
 */
int vm_publish_add(struct vm_publishes *l, const char *spec, struct err *e);

/*
 * Gives each a host port that is free now (those with 0 one of the system's
 * choice). Something that is in use is an error that names it.
 */
int vm_publish_reserve(struct vm_publishes *l, struct err *e);

/* "tcp 127.0.0.1:8080", "udp [::1]:53", "tcp port 8080" for people. */
void vm_publish_name(const struct vm_publish *p, char out[80]);

#endif
