/* SPDX-License-Identifier: Apache-2.0 */
/* Which of a program's link options are for the link onto a base, too. */
#include "toolchain/ldargs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum verdict { KEEP, DROP, DROP_WITH_VALUE, KEEP_WITH_VALUE, REFUSE };

struct rule {
	const char *start; /* "x*": also what only begins so */
	enum verdict verdict;
};

/* Options of ld, one dash or two. */
static const struct rule ld_rules[] = {
	{"E", DROP},
	{"export-dynamic", DROP},
	{"no-gc-sections", DROP},
	{"print-gc-sections", DROP},
	{"rpath", DROP_WITH_VALUE},
	{"rpath-link", DROP_WITH_VALUE},
	{"R", DROP_WITH_VALUE},
	{"rpath=*", DROP},
	{"rpath-link=*", DROP},
	{"soname", DROP_WITH_VALUE},
	{"soname=*", DROP},
	{"h", DROP_WITH_VALUE},
	{"dynamic-linker", DROP_WITH_VALUE},
	{"I", DROP_WITH_VALUE},
	{"dynamic-linker=*", DROP},
	{"dynamic-list*", DROP},
	{"version-script", DROP_WITH_VALUE},
	{"version-script=*", DROP},
	{"enable-new-dtags", DROP},
	{"disable-new-dtags", DROP},
	{"Map", DROP_WITH_VALUE},
	{"Map=*", DROP},
	{"M", DROP},
	{"print-map", DROP},
	{"cref", DROP},
	{"build-id*", DROP},
	{"hash-style*", DROP},
	{"s", DROP},
	{"S", DROP},
	{"strip-all", DROP},
	{"strip-debug", DROP},
	{"x", DROP},
	{"q", DROP},
	{"emit-relocs", DROP},
	{"z", DROP_WITH_VALUE},
	{"Bdynamic", DROP},
	{"Bsymbolic*", DROP},
	{"dy", DROP},
	{"call_shared", DROP},
	{"O*", DROP},
	{"Ttext*", DROP},
	{"section-start*", DROP},
	{"e", DROP_WITH_VALUE},
	{"entry", DROP_WITH_VALUE},
	{"entry=*", DROP},
	{"T", REFUSE},
	{"dT", REFUSE},
	{"script", REFUSE},
	{"script=*", REFUSE},
	{"u", KEEP_WITH_VALUE},
	{"undefined", KEEP_WITH_VALUE},
	{"defsym", KEEP_WITH_VALUE},
	{"wrap", KEEP_WITH_VALUE},
	{"y", KEEP_WITH_VALUE},
};

/* Options of gcc, with the dash. */
static const struct rule gcc_rules[] = {
	{"-rdynamic", DROP},
	{"-export-dynamic", DROP},
	{"-s", DROP},
	{"-S", DROP},
	{"-v", DROP},
	{"-pipe", KEEP},
	{"-nostartfiles", DROP},
	{"-nodefaultlibs", DROP},
	{"-nostdlib", DROP},
	{"-nolibc", DROP},
	{"-save-temps*", DROP},
	{"-dumpdir", DROP_WITH_VALUE},
	{"-dumpbase", DROP_WITH_VALUE},
	{"-dumpbase-ext", DROP_WITH_VALUE},
	{"-fdump*", DROP},
	{"-fstack-usage", DROP},
	{"-MF", DROP_WITH_VALUE},
	{"-MT", DROP_WITH_VALUE},
	{"-MQ", DROP_WITH_VALUE},
	{"-M*", DROP},
	{"-z", DROP_WITH_VALUE},
	{"-e", DROP_WITH_VALUE},
	{"--entry", DROP_WITH_VALUE},
	{"-T", REFUSE},
	{"-T*", REFUSE},
	{"-I", KEEP_WITH_VALUE},
	{"-D", KEEP_WITH_VALUE},
	{"-U", KEEP_WITH_VALUE},
	{"-u", KEEP_WITH_VALUE},
	{"-B", KEEP_WITH_VALUE},
	{"-include", KEEP_WITH_VALUE},
	{"-isystem", KEEP_WITH_VALUE},
	{"-idirafter", KEEP_WITH_VALUE},
	{"-iquote", KEEP_WITH_VALUE},
	{"-imacros", KEEP_WITH_VALUE},
	{"--param", KEEP_WITH_VALUE},
	{"-Xassembler", KEEP_WITH_VALUE},
	{"-Xpreprocessor", KEEP_WITH_VALUE},
};

static enum verdict judge(const struct rule *rules, size_t n, const char *opt)
{
	size_t i, len;

	for (i = 0; i < n; i++) {
		len = strlen(rules[i].start);
		if (!strcmp(rules[i].start, opt))
			return rules[i].verdict;
		if (rules[i].start[len - 1] == '*' &&
			!strncmp(rules[i].start, opt, len - 1))
			return rules[i].verdict;
	}
	return KEEP;
}

static enum verdict judge_ld(const char *word)
{
	if (word[0] != '-' || !word[1])
		return KEEP;
	word += word[1] == '-' ? 2 : 1;
	return judge(ld_rules, sizeof(ld_rules) / sizeof(*ld_rules), word);
}

static int refuse(const char *word, struct err *e)
{
	return err_set(e, -EINVAL,
		"%s: the program is linked with a script of its own, "
		"which cannot be joined with the base's",
		word);
}

static int is_for_ld(const char *word)
{
	return !strcmp(word, "-Xlinker") || !strncmp(word, "-Wl,", 4);
}

/* All words for ld from v[*i] on, as far as only such follow: an option
 * may be in one "-Wl,a,b" or "-Xlinker a" and its value in the next. */
static void gather_ld(const struct strv *v, size_t *i, struct strv *words)
{
	char *word, *rest;

	for (; *i < v->n && is_for_ld(v->v[*i]); ++*i) {
		_free_ char *copy = xstrdup(v->v[*i]);

		if (copy[1] == 'X') {
			if (*i + 1 < v->n)
				strv_add(words, v->v[++*i]);
			continue;
		}
		for (word = copy + 4; word; word = rest) {
			rest = strchr(word, ',');
			if (rest)
				*rest++ = 0;
			strv_add(words, word);
		}
	}
	--*i;
}

/* Leaves *i at the last word that it took. */
static int filter_ld(
	const struct strv *v, size_t *i, struct strv *out, struct err *e)
{
	_strv_ struct strv words = {0}, keep = {0};
	size_t k;

	gather_ld(v, i, &words);
	for (k = 0; k < words.n; k++) {
		enum verdict verdict = judge_ld(words.v[k]);

		if (verdict == REFUSE)
			return refuse(words.v[k], e);
		if (verdict == DROP_WITH_VALUE)
			k++;
		if (verdict == DROP || verdict == DROP_WITH_VALUE)
			continue;
		strv_add(&keep, words.v[k]);
		if (verdict == KEEP_WITH_VALUE && k + 1 < words.n)
			strv_add(&keep, words.v[++k]);
	}
	for (k = 0; k < keep.n; k++) {
		strv_add(out, "-Xlinker");
		strv_add(out, keep.v[k]);
	}
	return 0;
}

int ldargs_filter(const struct strv *args, struct strv *out, struct err *e)
{
	size_t i;
	int r;

	for (i = 0; i < args->n; i++) {
		const char *word = args->v[i];

		if (is_for_ld(word)) {
			r = filter_ld(args, &i, out, e);
			if (r < 0)
				return r;
			continue;
		}
		switch (judge(gcc_rules, sizeof(gcc_rules) / sizeof(*gcc_rules),
			word)) {
		case REFUSE:
			return refuse(word, e);
		case DROP_WITH_VALUE:
			i++;
			break;
		case DROP:
			break;
		case KEEP_WITH_VALUE:
			strv_add(out, word);
			if (i + 1 < args->n)
				strv_add(out, args->v[++i]);
			break;
		case KEEP:
			strv_add(out, word);
			break;
		}
	}
	return 0;
}
