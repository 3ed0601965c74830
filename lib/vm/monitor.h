/* SPDX-License-Identifier: Apache-2.0 */
/* Commands to the running QEMU over its monitor (QMP). */
#ifndef VM_MONITOR_H
#define VM_MONITOR_H

#include "core/buf.h"
#include "core/err.h"

struct monitor {
	int fd; /* a socket, borrowed; non-blocking */
	int begun;
	unsigned id;   /* of the last command */
	struct buf in; /* of an answer, not yet a whole line */
};

/*
 * Gives a command of the human monitor and waits for the answer, some
 * seconds at most. What QEMU says to it is appended to *out: nothing, as a
 * rule, if it went well. -ETIMEDOUT, -EPIPE, -EPROTO and *e if there is no
 * answer.
 */
int monitor_command(
	struct monitor *m, const char *command, struct buf *out, struct err *e);
void monitor_free(struct monitor *m);

#endif
