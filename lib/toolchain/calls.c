/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls of Linux, and what a target has of each. */
#include "toolchain/calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"

enum { TABLE_MAX = 1 << 20 };

void calls_free(struct calls *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].status);
		free(c->v[i].note);
	}
	free(c->v);
	*c = (struct calls){0};
}

static int parse_line(struct calls *c, char *line)
{
	const char *name = strsep(&line, " ");
	const char *number = strsep(&line, " ");
	const char *status = strsep(&line, " ");
	char *end;
	long n;

	if (!status)
		return -EINVAL;
	n = strtol(number, &end, 10);
	if (*end || n < 0 || n > 9999)
		return -EINVAL;
	if (!(c->n & (c->n + 1)))
		c->v = xreallocarray(c->v, 2 * (c->n + 1), sizeof(*c->v));
	c->v[c->n++] = (struct call){xstrdup(name), (int)n, xstrdup(status),
		xstrdup(line ? line : "")};
	return 0;
}

int calls_read(struct calls *c, const char *sysroot, struct err *e)
{
	_free_ char *path = path_join(sysroot, "syscalls");
	_calls_ struct calls out = {0};
	_buf_ struct buf text = {0};
	int r = file_read(path, TABLE_MAX, &text, e);

	if (r < 0)
		return r;
	for (char *line = text.data, *next; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		if (parse_line(&out, line) < 0)
			return err_set(e, -EINVAL, "%s: bad line", path);
	}
	*c = out;
	out = (struct calls){0};
	return 0;
}

const struct call *calls_find(const struct calls *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].name, name))
			return &c->v[i];
	return NULL;
}

const struct call *calls_number(const struct calls *c, long number)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].number == number)
			return &c->v[i];
	return NULL;
}
