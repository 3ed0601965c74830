/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a manifest: messages with positions, collected. */
#include "manifest/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

void diag_add(struct diags *d, const char *file, unsigned line, unsigned col,
	const char *check, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	d->nerrors++;
	if (d->n == DIAG_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->v[d->n++] = (struct diag){.file = xstrdup(file),
		.line = line,
		.col = col,
		.msg = xstrdup(text),
		.check = check};
}

char *diag_text(const struct diag *d)
{
	const char *kind = d->warning ? "warning" : "error";

	if (!d->line)
		return xasprintf(
			"%s: %s: %s [%s]", d->file, kind, d->msg, d->check);
	return xasprintf("%s:%u:%u: %s: %s [%s]", d->file, d->line, d->col,
		kind, d->msg, d->check);
}

void diags_free(struct diags *d)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		free(d->v[i].file);
		free(d->v[i].msg);
	}
	memset(d, 0, sizeof(*d));
}
