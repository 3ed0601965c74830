/* SPDX-License-Identifier: Apache-2.0 */
/* What a check has found, worst first. */
#include "check/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "inspect/inspect.h"

static int is_accepted(const struct findings *f, const char *name)
{
	for (size_t i = 0; f->accepted && i < f->accepted->n; i++)
		if (!strcmp(f->accepted->v[i], name))
			return 1;
	return 0;
}

int findings_add(struct findings *f, enum finding_level level,
	const char *check, const char *name, const char *fix, const char *fmt,
	...)
{
	_free_ char *text = NULL;
	int accepted = level == FINDING_ERROR && is_accepted(f, name);
	va_list ap;

	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->v[i].check, check) &&
			!strcmp(f->v[i].name, name))
			return 0;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = xstrdup("");
	va_end(ap);
	f->v = xreallocarray(f->v, f->n + 1, sizeof(*f->v));
	f->v[f->n++] = (struct finding){accepted ? FINDING_WARNING : level,
		check, xstrdup(name),
		xasprintf("%s%s", text, accepted ? " (accepted)" : ""),
		xstrdup(fix)};
	return level == FINDING_ERROR && !accepted;
}

void findings_because(struct findings *f, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = xstrdup("");
	va_end(ap);
	strv_take(&f->reasons, text);
}

void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].name);
		free(f->v[i].text);
		free(f->v[i].fix);
	}
	free(f->v);
	strv_free(&f->reasons);
	f->v = NULL;
	f->n = 0;
}

static int compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int c;

	if (x->level != y->level)
		return x->level > y->level ? -1 : 1;
	c = strcmp(x->check, y->check);
	return c ? c : strcmp(x->name, y->name);
}

void findings_sort(struct findings *f)
{
	if (f->n)
		qsort(f->v, f->n, sizeof(*f->v), compare);
}

size_t findings_errors(const struct findings *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].level == FINDING_ERROR;
	return n;
}

size_t findings_wrong(const struct findings *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].level != FINDING_NOTE;
	return n;
}

const char *findings_level(const struct finding *f)
{
	static const char *const names[] = {"note", "warning", "error"};

	return names[f->level];
}

static void set(json_t *o, const char *key, const char *value)
{
	json_object_set_new(o, key, inspect_string(value, strlen(value)));
}

json_t *findings_json(const struct findings *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->n; i++) {
		json_t *o = json_object();

		set(o, "level", findings_level(&f->v[i]));
		set(o, "check", f->v[i].check);
		set(o, "name", f->v[i].name);
		set(o, "text", f->v[i].text);
		set(o, "fix", f->v[i].fix);
		json_array_append_new(list, o);
	}
	return list;
}
