/* SPDX-License-Identifier: Apache-2.0 */
/* What the library tells while it works; the command decides what shows. */
#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static log_fn *sink;
static void *sink_arg;

void log_set(log_fn *fn, void *arg)
{
	sink = fn;
	sink_arg = arg;
}

void log_add(enum log_kind kind, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n;

	if (!sink)
		return;
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n >= 0)
		sink(kind, text, sink_arg);
	free(text);
}
