/* SPDX-License-Identifier: Apache-2.0 */
/* The report of absent calls in words. */
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "toolchain/relink.h"

/* "a, b, c and 4 more": what does not repeat what came before. */
enum { SHOWN_MAX = 6 };

struct list {
	struct buf text;
	size_t n;
};

static void list_add(struct list *l, const char *item)
{
	if (l->n++ < SHOWN_MAX)
		buf_addf(&l->text, "%s%s", l->n > 1 ? ", " : "", item);
}

static void list_end(struct list *l)
{
	if (l->n > SHOWN_MAX)
		buf_addf(&l->text, " and %zu more", l->n - SHOWN_MAX);
}

static int seen_before(const struct relink_absent *first,
	const struct relink_absent *a, int name)
{
	for (; first < a; first++)
		if (name ? !strcmp(first->name, a->name)
			 : !strcmp(first->object, a->object) &&
					!strcmp(first->symbol, a->symbol))
			return 1;
	return 0;
}

/* One function of the library: entries [first, end) of the report. */
static void warn_one(const struct relink_absent *first,
	const struct relink_absent *end, const char *target, struct strv *lines)
{
	const struct relink_absent *a;
	struct list names = {0}, callers = {0};

	for (a = first; a < end; a++) {
		_free_ char *who = xasprintf("%s: %s", a->object, a->symbol);

		if (!seen_before(first, a, 1))
			list_add(&names, a->name);
		if (!seen_before(first, a, 0))
			list_add(&callers, who);
	}
	list_end(&names);
	list_end(&callers);
	if (!strcmp(first->name, RELINK_BY_NUMBER))
		strv_addf(lines,
			"%s: makes calls by number: those that %s does not "
			"have fail (called from %s)",
			first->via, target, callers.text.data);
	else if (names.n == 1 && !strcmp(first->name, first->via))
		strv_addf(lines, "%s: not supported by %s (called from %s)",
			first->via, target, callers.text.data);
	else
		strv_addf(lines,
			"%s: needs %s: not supported by %s (called from %s)",
			first->via, names.text.data, target, callers.text.data);
	buf_free(&names.text);
	buf_free(&callers.text);
}

void relink_warnings(
	const struct relink_report *r, const char *target, struct strv *lines)
{
	size_t i, first = 0;

	for (i = 1; i <= r->nabsent; i++) {
		if (i < r->nabsent &&
			!strcmp(r->absent[i].via, r->absent[first].via))
			continue;
		warn_one(&r->absent[first], &r->absent[i], target, lines);
		first = i;
	}
}
