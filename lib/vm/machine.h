/* SPDX-License-Identifier: Apache-2.0 */
/* The QEMU process: started with its descriptors, ended for sure. */
#ifndef VM_MACHINE_H
#define VM_MACHINE_H

#include <sys/types.h>

#include "core/buf.h"
#include "core/err.h"
#include "vm/vm.h"

struct machine {
	pid_t pid;     /* 0 once it was reaped */
	int chan;      /* socket: abi/channel.h; -1 in serial mode */
	int serial;    /* socket: the serial port */
	int monitor;   /* socket: QMP, if there is a user card; or -1 */
	int stderr_fd; /* what QEMU itself says */
	int status;    /* as from wait, once pid is 0 */
};

/*
 * Starts QEMU. All descriptors are ours alone, non-blocking. The child
 * dies with us, is in a session of its own (no ^C, no terminal), and has the
 * default signal settings.
 */
int machine_start(struct machine *m, const struct vm_plan *p,
	enum vm_accel accel, const struct buf *record, struct err *e);

/* Takes the status of ended children, QEMU or not (for process 1). */
void machine_reap(struct machine *m);

/* Kills and reaps it, closes everything; may be called twice. */
void machine_end(struct machine *m);

#endif
