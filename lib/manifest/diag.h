/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a manifest: messages with positions, collected. */
#ifndef MANIFEST_DIAG_H
#define MANIFEST_DIAG_H

#include <stddef.h>

enum { DIAG_MAX = 20 };

struct diag {
	char *file;
	unsigned line, col; /* from 1; 0 when there is no position */
	int warning;        /* 0: error */
	char *msg;
	const char *check; /* the check's name, such as "size-syntax" */
};

struct diags {
	struct diag v[DIAG_MAX];
	size_t n;
	size_t nerrors; /* errors seen, also those past DIAG_MAX */
};

void diag_add(struct diags *d, const char *file, unsigned line, unsigned col,
	const char *check, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* "slipway.json:12:9: error: memory: ... [size-syntax]"; caller frees. */
char *diag_text(const struct diag *d);
void diags_free(struct diags *d);

#endif
