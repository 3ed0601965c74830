/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that nobody recompiled: what they ask for and do not find. */
#include <elf.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "build/collect.h"
#include "check/check.h"
#include "closure/closure.h"
#include "core/mem.h"

/* What to do about each kind of closure_missing. */
static const struct {
	const char *kind, *check, *fix;
} kinds[] = {
	{"program", "program", "name a program for this target in \"program\""},
	{"library", "libraries",
		"name the package that has it in \"packages\" of "
		"\"binaries\", or install it"},
	{"interpreter", "libraries",
		"name the package that has it in \"packages\" of "
		"\"binaries\", or install it"},
	{"file", "files", "take it out of \"paths\", or see where it is"},
	{"nss", "nss",
		"give an /etc/nsswitch.conf in \"files\" that does not name "
		"it, or the package that has it"},
	{"locale", "locale",
		"name the package locales-all in \"packages\" of "
		"\"binaries\", or make it with locale-gen"},
	{"zoneinfo", "zoneinfo",
		"name the package tzdata in \"packages\" of \"binaries\""},
};

/* 0: something is missing that nothing can do without. */
static int tell_missing(
	const struct closure *c, const char *check, struct findings *f)
{
	size_t n;
	const struct closure_missing *m = closure_missed(c, &n);
	int whole = 1;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
			if (strcmp(m[i].kind, kinds[k].kind) != 0)
				continue;
			whole &= m[i].optional;
			findings_add(f,
				m[i].optional ? FINDING_WARNING : FINDING_ERROR,
				check ? check : kinds[k].check, m[i].name,
				kinds[k].fix, "%s", m[i].text);
		}
	return whole;
}

int check_collected(
	struct build *b, struct findings *f, int *whole, struct err *e)
{
	struct closure *c = NULL;
	int r = collect_closure(b, &c, e);

	*whole = 1;
	if (r == 0 && c)
		*whole = tell_missing(c, NULL, f);
	closure_free(c);
	return r;
}

int check_installed(const char *path, struct findings *f, struct err *e)
{
	char real[PATH_MAX];
	struct closure_spec spec = {
		.root = "/",
		.what = "the files of this machine",
		.machine = EM_X86_64,
	};
	struct closure *c;
	int r;

	if (!realpath(path, real))
		return err_errno(e, "open %s", path);
	c = closure_new(&spec);
	r = closure_add_program(c, real, real, e);
	if (r == 0)
		r = closure_finish(c, e);
	if (r == 0)
		tell_missing(c, "installed", f);
	closure_free(c);
	return r;
}

/* --- the environment
 * --------------------------------------------------------*/

static int is_named(const struct strv *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcasecmp(list->v[i], name))
			return 1;
	return 0;
}

static void check_locales(
	const struct app *a, const struct strv *named, struct findings *f)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < 3; i++) {
		const char *v = check_env(a, names[i]);

		if (!v || !*v || !strcmp(v, "C") || !strcmp(v, "POSIX") ||
			!strcasecmp(v, "C.UTF-8") || !strcasecmp(v, "C.utf8") ||
			is_named(named, v))
			continue;
		findings_add(f, FINDING_WARNING, "locale", names[i],
			"name it in \"locales\" of \"binaries\", or set it to "
			"C.UTF-8",
			"%s is %s, which is not among the locales that are "
			"taken along",
			names[i], v);
	}
}

void check_settings(const struct app *a, struct findings *f)
{
	static const struct strv none;
	const char *tz = check_env(a, "TZ");
	_free_ char *path = NULL;

	check_locales(a, a->binaries ? &a->binaries->locales : &none, f);
	if (!tz || !check_is_zone(tz))
		return;
	tz += *tz == ':';
	path = *tz == '/' ? xstrdup(tz)
			  : xasprintf("/usr/share/zoneinfo/%s", tz);
	if (!check_has_file(a, path))
		findings_add(f, FINDING_WARNING, "zoneinfo", tz,
			"name it in \"zoneinfo\" of \"binaries\"",
			"TZ names the zone %s, but its file is not taken "
			"along: times are UTC",
			tz);
}
