/* SPDX-License-Identifier: Apache-2.0 */
/* --json of a build: what happens, a JSON object a line on stdout. */
#include "event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "inspect/inspect.h"

static int on;

void event_start(void)
{
	on = 1;
}

int event_on(void)
{
	return on;
}

/* Names of files may be no UTF-8, JSON must be. */
static json_t *string(const char *text)
{
	return inspect_string(text, strlen(text));
}

int event_add(const char *name, json_t *members)
{
	json_t *o;

	if (!on) {
		json_decref(members);
		return 0;
	}
	o = json_pack("{s:s}", "event", name);
	if (members)
		json_object_update(o, members);
	json_decref(members);
	json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	fflush(stdout);
	json_decref(o);
	return 1;
}

int event_step(const char *name, const char *step, double seconds)
{
	json_t *o = json_pack("{s:o}", "step", string(step));

	if (seconds >= 0)
		json_object_set_new(o, "seconds", json_real(seconds));
	return event_add(name, o);
}

int event_message(const char *name, const char *text)
{
	return event_add(name, json_pack("{s:o}", "message", string(text)));
}

static json_t *place(const char *file, unsigned line, unsigned col)
{
	json_t *o = json_pack("{s:o}", "file", string(file));

	if (line)
		json_object_update_new(
			o, json_pack("{s:I, s:I}", "line", (json_int_t)line,
				   "column", (json_int_t)col));
	return o;
}

int event_diag(const struct diag *d)
{
	json_t *o = place(d->file, d->line, d->col);

	json_object_set_new(o, "message", string(d->msg));
	json_object_set_new(o, "check", string(d->check));
	return event_add(d->warning ? "warning" : "error", o);
}

/* Two numbers with a colon before each, at the end of text[0..len). */
static int find_place(const char *text, size_t len, unsigned v[2])
{
	size_t end = len;

	for (int i = 1; i >= 0; i--) {
		size_t start = end;

		while (start > 0 && text[start - 1] >= '0' &&
			text[start - 1] <= '9')
			start--;
		if (start == end || start == 0 || text[start - 1] != ':')
			return 0;
		v[i] = (unsigned)strtoul(text + start, NULL, 10);
		end = start - 1;
	}
	return (int)end;
}

int event_error(const struct err *e)
{
	const char *mark = strstr(e->msg, ": error: ");
	unsigned v[2];
	int len = mark ? find_place(e->msg, (size_t)(mark - e->msg), v) : 0;
	_free_ char *file = NULL;
	json_t *o;

	if (!len)
		return event_message("error", e->msg);
	file = xstrndup(e->msg, (size_t)len);
	o = place(file, v[0], v[1]);
	json_object_set_new(o, "message", string(mark + strlen(": error: ")));
	return event_add("error", o);
}
