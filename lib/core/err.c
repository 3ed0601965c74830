/* SPDX-License-Identifier: Apache-2.0 */
/* Error values: formatting, prefixes and positions. */
#include "core/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Formats beside e->msg first: an argument may point into it. */
static void __attribute__((format(printf, 2, 0)))
set_message(struct err *e, const char *fmt, va_list ap)
{
	char text[sizeof(e->msg)];

	vsnprintf(text, sizeof(text), fmt, ap);
	memcpy(e->msg, text, sizeof(text));
}

/* Appends; what does not fit is cut. */
static void append(struct err *e, const char *text)
{
	size_t len = strlen(e->msg);

	snprintf(e->msg + len, sizeof(e->msg) - len, "%s", text);
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_message(e, fmt, ap);
	va_end(ap);
	e->code = code;
	return code;
}

int err_errno(struct err *e, const char *fmt, ...)
{
	int number = errno ? errno : EIO;
	va_list ap;

	va_start(ap, fmt);
	set_message(e, fmt, ap);
	va_end(ap);
	append(e, ": ");
	append(e, strerror(number));
	e->code = -number;
	return e->code;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char old[sizeof(e->msg)];
	va_list ap;

	memcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	set_message(e, fmt, ap);
	va_end(ap);
	append(e, ": ");
	append(e, old);
	return e->code;
}

int err_at(struct err *e, const char *file, unsigned line, unsigned col,
	const char *fmt, ...)
{
	char text[sizeof(e->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(e->msg, sizeof(e->msg), "%s:%u:%u: error: ", file, line, col);
	append(e, text);
	e->code = -EINVAL;
	return e->code;
}
