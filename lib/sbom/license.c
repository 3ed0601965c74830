/* SPDX-License-Identifier: Apache-2.0 */
/* Licences of a source package, from debian/copyright to SPDX. */
#include "sbom/license.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/mem.h"
#include "sbom/deb822.h"

/*
 * The short names of the copyright format, section 7.2, and what maintainers
 * write for the same, against the identifiers of the SPDX list.
 */
static const struct {
	const char *debian, *spdx;
} known[] = {
	{"AFL-3.0", "AFL-3.0"},
	{"AGPL-3", "AGPL-3.0-only"},
	{"AGPL-3+", "AGPL-3.0-or-later"},
	{"Apache-1.0", "Apache-1.0"},
	{"Apache-1.1", "Apache-1.1"},
	{"Apache-2", "Apache-2.0"},
	{"Apache-2.0", "Apache-2.0"},
	{"Artistic", "Artistic-1.0"},
	{"Artistic-2.0", "Artistic-2.0"},
	{"BSD-2-clause", "BSD-2-Clause"},
	{"BSD-3-clause", "BSD-3-Clause"},
	{"BSD-4-clause", "BSD-4-Clause"},
	{"BSL-1.0", "BSL-1.0"},
	{"CC0-1.0", "CC0-1.0"},
	{"CC-BY-3.0", "CC-BY-3.0"},
	{"CC-BY-4.0", "CC-BY-4.0"},
	{"CC-BY-SA-3.0", "CC-BY-SA-3.0"},
	{"CC-BY-SA-4.0", "CC-BY-SA-4.0"},
	{"EPL-1.0", "EPL-1.0"},
	{"EPL-2.0", "EPL-2.0"},
	{"Expat", "MIT"},
	{"GFDL-1.2", "GFDL-1.2-only"},
	{"GFDL-1.3", "GFDL-1.3-only"},
	{"GPL-1", "GPL-1.0-only"},
	{"GPL-1+", "GPL-1.0-or-later"},
	{"GPL-2", "GPL-2.0-only"},
	{"GPL-2+", "GPL-2.0-or-later"},
	{"GPL-3", "GPL-3.0-only"},
	{"GPL-3+", "GPL-3.0-or-later"},
	{"ISC", "ISC"},
	{"LGPL-2", "LGPL-2.0-only"},
	{"LGPL-2+", "LGPL-2.0-or-later"},
	{"LGPL-2.1", "LGPL-2.1-only"},
	{"LGPL-2.1+", "LGPL-2.1-or-later"},
	{"LGPL-3", "LGPL-3.0-only"},
	{"LGPL-3+", "LGPL-3.0-or-later"},
	{"MIT", "MIT"},
	{"MPL-1.1", "MPL-1.1"},
	{"MPL-2.0", "MPL-2.0"},
	{"OpenSSL", "OpenSSL"},
	{"Unlicense", "Unlicense"},
	{"WTFPL", "WTFPL"},
	{"X11", "X11"},
	{"Zlib", "Zlib"},
	{"0BSD", "0BSD"},
};
enum { KNOWN = sizeof(known) / sizeof(known[0]) };

void licenses_free(struct licenses *l)
{
	for (size_t i = 0; i < l->ntexts; i++) {
		free(l->texts[i].id);
		free(l->texts[i].name);
		free(l->texts[i].text);
	}
	free(l->texts);
	free(l->expression);
	*l = (struct licenses){0};
}

static const char *spdx_name(const char *name)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (!strcasecmp(known[i].debian, name))
			return known[i].spdx;
	return NULL;
}

/* Characters of a licence's own name: letters, digits, '.' and '-'. */
static char *make_id(const char *package, const char *name)
{
	char *id = xasprintf("LicenseRef-%s-%s", package, name);

	for (char *p = id; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '.')
			*p = '-';
	return id;
}

/* The lines below the first of a "License" field, without their indent. */
static char *body(const char *value)
{
	const char *p = strchr(value, '\n');
	_buf_ struct buf out = {0};

	for (; p && *p; p = strchr(p, '\n')) {
		size_t n;

		p += 1 + (p[1] == ' ' || p[1] == '\t');
		n = strcspn(p, "\n");
		if (n != 1 || *p != '.')
			buf_add(&out, p, n);
		buf_adds(&out, "\n");
	}
	return out.len ? buf_steal(&out) : NULL;
}

/* The text that stands with this name: in any paragraph of the file. */
static char *find_text(const char *text, const char *name)
{
	struct deb822 d = {.next = text};

	while (deb822_next(&d)) {
		_free_ char *value = deb822_get(&d, "License");
		size_t n = value ? strcspn(value, "\n") : 0;
		char *found;

		if (!value || n != strlen(name) ||
			strncasecmp(value, name, n) != 0)
			continue;
		found = body(value);
		if (found)
			return found;
	}
	return xasprintf("The package names this licence \"%s\", "
			 "without its text.",
		name);
}

/* A name of our own for one that SPDX does not have. */
static const char *own_name(struct licenses *l, const char *text,
	const char *package, const char *name)
{
	struct license_text *t;
	char *id = make_id(package, name);

	for (size_t i = 0; i < l->ntexts; i++)
		if (!strcmp(l->texts[i].id, id)) {
			free(id);
			return l->texts[i].id;
		}
	l->texts = xreallocarray(l->texts, l->ntexts + 1, sizeof(*l->texts));
	t = &l->texts[l->ntexts++];
	t->id = id;
	t->name = xstrdup(name);
	t->text = find_text(text, name);
	return id;
}

/* The end of the name at `p`: " or " or " and " comes next, or nothing. */
static size_t name_length(const char *p, const char **joint)
{
	const char *either = strstr(p, " or "), *both = strstr(p, " and ");
	const char *first = !either || (both && both < either) ? both : either;

	*joint = first == NULL ? NULL : first == both ? "AND" : "OR";
	return first ? (size_t)(first - p) : strlen(p);
}

/*
 * One "License" line as an expression. In both languages "and" binds closer
 * than "or"; a comma changes that in Debian's, and is left as it is: a name.
 */
static char *translate(struct licenses *l, const char *text,
	const char *package, const char *line)
{
	_buf_ struct buf out = {0};
	const char *p = line, *joint = NULL;
	int simple = !strchr(line, ',');
	int any_or = 0;

	do {
		size_t n = simple ? name_length(p, &joint) : strlen(p);
		_free_ char *name = xstrndup(p, n);
		const char *spdx = spdx_name(name);

		if (!simple)
			joint = NULL;
		buf_adds(&out, spdx ? spdx : own_name(l, text, package, name));
		if (joint) {
			buf_addf(&out, " %s ", joint);
			any_or |= joint[0] == 'O';
			p += n + strlen(joint) + 2;
		}
	} while (joint);
	if (any_or)
		return xasprintf("(%s)", out.data);
	return buf_steal(&out);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All in one expression: sorted, each once. */
static char *join(struct strv *v)
{
	_buf_ struct buf out = {0};

	if (!v->n)
		return NULL;
	qsort(v->v, v->n, sizeof(*v->v), compare_strings);
	for (size_t i = 0; i < v->n; i++) {
		if (i && !strcmp(v->v[i], v->v[i - 1]))
			continue;
		buf_addf(&out, "%s%s", i ? " AND " : "", v->v[i]);
	}
	return buf_steal(&out);
}

static int compare_texts(const void *a, const void *b)
{
	const struct license_text *x = a, *y = b;

	return strcmp(x->id, y->id);
}

void licenses_read(struct licenses *l, const char *text, const char *package)
{
	struct deb822 d = {.next = text};
	_strv_ struct strv all = {0};
	_free_ char *format = NULL;

	*l = (struct licenses){0};
	if (deb822_next(&d))
		format = deb822_get(&d, "Format");
	if (!format || !strstr(format, "copyright-format/1.0"))
		return;
	while (deb822_next(&d)) {
		_free_ char *files = deb822_get(&d, "Files");
		_free_ char *value = deb822_get(&d, "License");
		const char *first = files ? files + strspn(files, " \n") : "";

		/* The distribution's own files are not in a program. */
		if (!files || !value || !strncmp(first, "debian/", 7))
			continue;
		value[strcspn(value, "\n")] = 0;
		for (size_t n = strlen(value); n && value[n - 1] == ' '; n--)
			value[n - 1] = 0;
		if (*value)
			strv_take(&all, translate(l, text, package, value));
	}
	l->expression = join(&all);
	if (l->ntexts)
		qsort(l->texts, l->ntexts, sizeof(*l->texts), compare_texts);
}

static int is_word(const char *p, size_t n)
{
	static const char *const words[] = {"AND", "OR"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == n && !strncmp(words[i], p, n))
			return 1;
	return 0;
}

static int is_spdx(const char *p, size_t n)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strlen(known[i].spdx) == n && !strncmp(known[i].spdx, p, n))
			return 1;
	return 0;
}

/* Names and joints by turns. */
int license_is_known(const char *expression)
{
	int want_name = 1;

	for (const char *p = expression + strspn(expression, " "); *p;) {
		size_t n = strcspn(p, " ");

		if (want_name ? !is_spdx(p, n) : !is_word(p, n))
			return 0;
		want_name = !want_name;
		p += n;
		p += strspn(p, " ");
	}
	return !want_name;
}
