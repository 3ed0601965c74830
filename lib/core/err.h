/* SPDX-License-Identifier: Apache-2.0 */
/* Error values: what went wrong, as a value on the caller's stack. */
#ifndef CORE_ERR_H
#define CORE_ERR_H

/*
 * A function that can fail takes `struct err *e` last and returns 0 or a
 * negative errno. On failure it has filled *e; results passed through
 * pointers are then untouched. Only a command's main prints.
 */
struct err {
	int code;       /* negative errno; 0 while nothing failed */
	char msg[2048]; /* one or more lines, no trailing newline */
};

/* Each returns the code it stored, so that `return err_set(...)` works. */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Message, then ": " and strerror(errno); the code is -errno. */
int err_errno(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Puts "prefix: " before the message that is there; keeps the code. */
int err_wrap(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Message with a position, "FILE:LINE:COL: error: ..."; code -EINVAL. */
int err_at(struct err *e, const char *file, unsigned line, unsigned col,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
