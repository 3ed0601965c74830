/* SPDX-License-Identifier: Apache-2.0 */
/* Processes: the only place that forks and executes. */
#ifndef CORE_PROC_H
#define CORE_PROC_H

#include <sys/types.h>

#include "core/buf.h"
#include "core/err.h"

struct proc {
	char *const *argv; /* argv[0] is looked up in PATH */
	const char *cwd;   /* NULL: inherited */
	char *const *env; /* extra K=V strings over the inherited; NULL: none */
	int fd_in;        /* -1: /dev/null; PROC_INHERIT */
	int fd_out, fd_err; /* -1: /dev/null; PROC_INHERIT */
	struct buf *out;    /* if set, collects stdout (fd_out is unused) */
	struct buf *err;    /* if set, collects stderr; may equal out */
};
#define PROC_INHERIT (-2)
#define PROC_INIT(a)                                              \
	{                                                         \
		.argv = (a), .fd_in = -1, .fd_out = PROC_INHERIT, \
		.fd_err = PROC_INHERIT                            \
	}

struct proc_status {
	int exited; /* exit status 0..255, or -1 */
	int signal; /* signal that ended it, or 0 */
};

/* Each of these tells its command line to the log (LOG_COMMAND), with the
 * folder and the environment, so that it can be pasted. */

/* 0 when the program ran and ended, however it ended; see *st. */
int proc_run(const struct proc *p, struct proc_status *st, struct err *e);
/* As proc_run, and anything but exit status 0 is an error that names it, with
 * what the program said if that was collected. */
int proc_check(const struct proc *p, struct err *e);
/* Starts it and returns the pid (> 0); the caller waits. */
pid_t proc_spawn(const struct proc *p, struct err *e);
/* Waits for a process of proc_spawn. */
int proc_wait(pid_t pid, struct proc_status *st, struct err *e);
/* Sends a signal to all that run now, with their own children, and waits up
 * to 2 s for their end; safe in a signal handler. */
void proc_kill_all(int sig);
/* Finds NAME in PATH; caller frees; NULL if it is not there. */
char *proc_which(const char *name);

#endif
