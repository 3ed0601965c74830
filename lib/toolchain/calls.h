/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls of Linux, and what a target has of each. */
#ifndef TOOLCHAIN_CALLS_H
#define TOOLCHAIN_CALLS_H

#include <stddef.h>

#include "core/err.h"

struct call {
	char *name; /* "openat" */
	int number;
	char *status; /* "full", "partial", "absent" */
	char *note;   /* what is refused; "" */
};

struct calls {
	struct call *v; /* as in the kernel's list: by number */
	size_t n;
};

/* Reads SYSROOT/syscalls, which the base's build made. */
int calls_read(struct calls *c, const char *sysroot, struct err *e);
void calls_free(struct calls *c);
#define _calls_ __attribute__((cleanup(calls_free)))

/* NULL if there is no such call. */
const struct call *calls_find(const struct calls *c, const char *name);
const struct call *calls_number(const struct calls *c, long number);

#endif
