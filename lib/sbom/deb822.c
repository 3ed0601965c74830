/* SPDX-License-Identifier: Apache-2.0 */
/* The distribution's control files: paragraphs of "Field: value" lines. */
#include "sbom/deb822.h"

#include <string.h>
#include <strings.h>

#include "core/mem.h"

static size_t line_length(const char *p)
{
	return strcspn(p, "\n");
}

/* Only spaces: such a line ends a paragraph. */
static int is_blank(const char *p)
{
	return strspn(p, " \t\r") == line_length(p);
}

static const char *after_line(const char *p)
{
	p += line_length(p);
	return *p ? p + 1 : p;
}

int deb822_next(struct deb822 *d)
{
	const char *p = d->next;

	while (*p && is_blank(p))
		p = after_line(p);
	if (!*p)
		return 0;
	d->text = p;
	while (*p && !is_blank(p))
		p = after_line(p);
	d->len = (size_t)(p - d->text);
	d->next = p;
	return 1;
}

/* From the value to the first line that is not indented. */
static char *take_value(const char *p, const char *end)
{
	const char *last = p;

	do
		last = after_line(last);
	while (last < end && (*last == ' ' || *last == '\t'));
	if (last > end)
		last = end;
	while (last > p && strchr(" \t\r\n", last[-1]))
		last--;
	while (p < last && strchr(" \t", *p))
		p++;
	return xstrndup(p, (size_t)(last - p));
}

char *deb822_get(const struct deb822 *d, const char *field)
{
	size_t n = strlen(field);
	const char *p = d->text, *end = d->text + d->len;

	for (; p < end; p = after_line(p))
		if (!strncasecmp(p, field, n) && p[n] == ':')
			return take_value(p + n + 1, end);
	return NULL;
}
