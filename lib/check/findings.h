/* SPDX-License-Identifier: Apache-2.0 */
/* What a check has found, worst first. */
#ifndef CHECK_FINDINGS_H
#define CHECK_FINDINGS_H

#include <jansson.h>
#include <stddef.h>

#include "core/buf.h"

enum finding_level {
	FINDING_NOTE,    /* nothing is wrong */
	FINDING_WARNING, /* may not do what is expected */
	FINDING_ERROR,   /* fails, when the program comes to it */
};

struct finding {
	enum finding_level level;
	const char *check; /* "calls", "files", "ports", "memory", ... */
	char *name;        /* what it is about: "fork", "/etc/passwd" */
	char *text;        /* one sentence, without a period */
	char *fix;         /* what to do */
};

/* All zero is none. */
struct findings {
	struct finding *v;
	size_t n;
	const struct strv *accepted; /* names whose errors are warnings */
	struct strv reasons; /* why another base is needed: "fork is called" */
	int hopeless;        /* no base can run it */
};

/* A second finding of the same check and name is dropped. 1: it is a new
 * error, and not accepted. */
int findings_add(struct findings *f, enum finding_level level,
	const char *check, const char *name, const char *fix, const char *fmt,
	...) __attribute__((format(printf, 6, 7)));
void findings_free(struct findings *f);
#define _findings_ __attribute__((cleanup(findings_free)))

/* A reason why another base than keel is needed. */
void findings_because(struct findings *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "note", "warning", "error" */
const char *findings_level(const struct finding *f);
/* How many are more than notes. */
size_t findings_wrong(const struct findings *f);

/* Errors first, notes last, then by check and name. */
void findings_sort(struct findings *f);
size_t findings_errors(const struct findings *f);
/* A list of "level" (as above), "check", "name", "text", "fix". Caller decrefs.
 */
json_t *findings_json(const struct findings *f);

#endif
