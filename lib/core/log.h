/* SPDX-License-Identifier: Apache-2.0 */
/* What the library tells while it works; the command decides what shows. */
#ifndef CORE_LOG_H
#define CORE_LOG_H

enum log_kind {
	LOG_STEP,    /* a step begins, "disk", and ends with the next one */
	LOG_JOB,     /* one begins beside others: "compile main.c" */
	LOG_JOB_END, /* the job of this text has ended */
	LOG_COMMAND, /* a command line that can be pasted */
	LOG_NOTE,    /* something the user should know */
	LOG_WARNING,
};

typedef void log_fn(enum log_kind kind, const char *text, void *arg);

/* NULL (the default) drops everything. */
void log_set(log_fn *fn, void *arg);
void log_add(enum log_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
