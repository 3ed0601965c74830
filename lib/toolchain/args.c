/* SPDX-License-Identifier: Apache-2.0 */
/* A command line of gcc, taken apart as far as a driver around it must. */
#include "toolchain/args.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"
#include "toolchain/respond.h"

/* Options whose argument may be, or is, the next word. */
static const char *const with_value[] = {"-A", "-B", "-D", "-F", "-G", "-I",
	"-MF", "-MQ", "-MT", "-T", "-U", "-V", "-Xassembler", "-Xlinker",
	"-Xpreprocessor", "-aux-info", "-b", "-dumpbase", "-dumpbase-ext",
	"-dumpdir", "-e", "-h", "-idirafter", "-imacros", "-imultilib",
	"-include", "-iprefix", "-iquote", "-isysroot", "-isystem",
	"-iwithprefix", "-iwithprefixbefore", "-specs", "-u", "-wrapper", "-z",
	"--entry", "--include", "--param", "--sysroot", "--specs"};

/* Options that gcc answers by itself, with or without inputs. */
static const char *const questions[] = {"--help", "--target-help", "--version",
	"-dumpmachine", "-dumpspecs", "-dumpversion", "-dumpfullversion"};

static const char *const before_link[] = {"-c", "-S", "-E", "-M", "-MM",
	"-fsyntax-only", "--compile", "--assemble", "--preprocess",
	"--dependencies", "--user-dependencies"};

/* A target has one kind of code and executable; these ask for another. */
static const char *const ignored[] = {"-static", "--static", "-static-pie",
	"-static-libgcc", "-pie", "--pie", "-no-pie", "-nopie", "-fno-pie",
	"-fno-PIE", "-fno-pic", "-fno-PIC", "-shared-libgcc", "-Wl,-pie",
	"-Wl,-no-pie", "-Wl,-static", "-Wl,--static"};

static const struct {
	const char *start;
	const char *needs;
} impossible[] = {
	{"-shared", "shared objects"},
	{"--shared", "shared objects"},
	{"-Wl,-shared", "shared objects"},
	{"-Wl,--shared", "shared objects"},
	{"-m32", "32-bit code"},
	{"-mx32", "32-bit pointers"},
	{"-fsplit-stack", "split stacks"},
	{"-fopenmp", "OpenMP"},
	{"-fopenacc", "OpenACC"},
	{"-fgnu-tm", "transactional memory"},
	{"-pg", "gprof profiles"},
	{"--coverage", "coverage profiles"},
	{"-coverage", "coverage profiles"},
	{"-fprofile-arcs", "coverage profiles"},
	{"-fprofile-generate", "profiles"},
};

#define IN_LIST(list, s) in_list(list, sizeof(list) / sizeof(*(list)), s)

static int in_list(const char *const *list, size_t n, const char *s)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(list[i], s))
			return 1;
	return 0;
}

static int starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static int is_source_name(const char *path)
{
	static const char *const suffixes[] = {"c", "i", "ii", "cc", "cp",
		"cxx", "cpp", "CPP", "c++", "C", "s", "S", "sx", "h", "hh", "H",
		"hp", "hxx", "hpp", "m", "mi", "mm", "M", "mii", "f", "for",
		"f77", "f90", "F", "F90", "go", "d", "adb", "ads"};
	const char *dot = strrchr(path_base(path), '.');

	return dot && IN_LIST(suffixes, dot + 1);
}

static struct cc_item *add_item(struct cc_args *a, enum cc_kind kind,
	const char *text, const char *value)
{
	struct cc_item *item;

	a->items = xreallocarray(a->items, a->n + 1, sizeof(*a->items));
	item = &a->items[a->n++];
	*item = (struct cc_item){.kind = kind, .text = xstrdup(text)};
	if (value)
		item->value = xstrdup(value);
	return item;
}

static void add_input(struct cc_args *a, const char *path, const char *lang)
{
	/* "{N}" means something else in the note of a link. */
	_free_ char *dotted = path[0] == '{' ? xasprintf("./%s", path) : NULL;
	struct cc_item *item =
		add_item(a, CC_INPUT, dotted ? dotted : path, NULL);

	a->ninputs++;
	if (lang)
		item->lang = xstrdup(lang);
	item->source = lang || is_source_name(path);
	a->nsources += item->source != 0;
}

/* Sanitizers need a library, except undefined behaviour as a trap. */
static int refuse_sanitizer(const struct strv *all, struct err *e)
{
	int trap = 0;
	size_t i;

	for (i = 0; i < all->n; i++)
		trap |= !strcmp(
			all->v[i], "-fsanitize-undefined-trap-on-error");
	for (i = 0; i < all->n; i++) {
		const char *s = all->v[i];

		if (!starts(s, "-fsanitize=") || starts(s, "-fsanitize=none"))
			continue;
		if (!trap || strstr(s, "address") || strstr(s, "thread") ||
			strstr(s, "leak"))
			return err_set(e, -EINVAL,
				"%s: no library of sanitizers here", s);
	}
	return 0;
}

static int refuse(const char *opt, struct err *e)
{
	size_t i, n;

	for (i = 0; i < sizeof(impossible) / sizeof(*impossible); i++) {
		n = strlen(impossible[i].start);
		if (!strncmp(opt, impossible[i].start, n) &&
			(!opt[n] || opt[n] == '=' || opt[n] == ','))
			return err_set(e, -EINVAL, "%s: no %s here", opt,
				impossible[i].needs);
	}
	return 0;
}

/* What an option means to us; gcc gets it all the same. */
static void note_option(struct cc_args *a, const char *opt, const char *value)
{
	if (IN_LIST(questions, opt) || starts(opt, "-print-") ||
		starts(opt, "--print-") || starts(opt, "--help="))
		a->mode = CC_MODE_INFO;
	else if (IN_LIST(before_link, opt) && a->mode == CC_MODE_LINK)
		a->mode = CC_MODE_COMPILE;
	else if (!strcmp(opt, "-r") && a->mode == CC_MODE_LINK)
		a->mode = CC_MODE_PARTIAL;
	else if (!strcmp(opt, "-flto") || starts(opt, "-flto="))
		a->lto = 1;
	else if (!strcmp(opt, "-fno-lto"))
		a->lto = 0;
	else if (!strcmp(opt, "-###"))
		a->dry_run = 1;
	else if (!strcmp(opt, "-nostdinc"))
		a->nostdinc = 1;
	else if (!strcmp(opt, "-nostdlib"))
		a->nostdlib = 1;
	else if (!strcmp(opt, "-nostartfiles"))
		a->nostartfiles = 1;
	else if (!strcmp(opt, "-nodefaultlibs") || !strcmp(opt, "-nolibc"))
		a->nodefaultlibs = 1;
	else if (starts(opt, "-T") || starts(opt, "-Wl,-T") ||
		 starts(opt, "-Wl,--script") || starts(opt, "-Wl,-dT"))
		a->script = 1;
	else if (!strcmp(opt, "-dumpdir") && value) {
		free(a->dumpdir);
		a->dumpdir = xstrdup(value);
	}
}

/*
 * One word at argv[*i], which may take the next. The result is 0, or a
 * negative errno.
 */
static int parse_word(struct cc_args *a, const struct strv *v, size_t *i,
	char **lang, struct err *e)
{
	const char *s = v->v[*i];
	const char *value = NULL;
	int r;

	if (s[0] != '-' || !s[1]) {
		add_input(a, s, *lang);
		return 0;
	}
	r = refuse(s, e);
	if (r < 0)
		return r;
	if (IN_LIST(ignored, s))
		return 0;
	if (starts(s, "-o") || starts(s, "-x") || starts(s, "-l") ||
		starts(s, "-L")) {
		value = s[2] ? s + 2 : v->v[*i + 1] ? v->v[++*i] : NULL;
		if (!value) {
			add_item(a, CC_OPTION, s, NULL); /* gcc complains */
			return 0;
		}
		if (s[1] == 'l')
			add_item(a, CC_LIB, value, NULL);
		else if (s[1] == 'L')
			add_item(a, CC_LIBDIR, value, NULL);
		else if (s[1] == 'o') {
			free(a->output);
			a->output = xstrdup(value);
		} else {
			free(*lang);
			*lang = strcmp(value, "none") ? xstrdup(value) : NULL;
		}
		return 0;
	}
	if (IN_LIST(with_value, s) && v->v[*i + 1])
		value = v->v[++*i];
	note_option(a, s, value);
	add_item(a, CC_OPTION, s, value);
	return 0;
}

int cc_args_parse(struct cc_args *a, int argc, char *const *argv, struct err *e)
{
	_cc_args_ struct cc_args out = {.mode = CC_MODE_LINK};
	_strv_ struct strv v = {0};
	_free_ char *lang = NULL;
	size_t i;
	int r;

	r = respond_expand(argc - 1, argv + 1, &v, e);
	if (r == 0)
		r = refuse_sanitizer(&v, e);
	for (i = 0; !r && i < v.n; i++)
		r = parse_word(&out, &v, &i, &lang, e);
	if (r < 0)
		return r;
	if (!out.ninputs)
		out.mode = CC_MODE_INFO;
	*a = out;
	out = (struct cc_args){0};
	return 0;
}

void cc_args_free(struct cc_args *a)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		free(a->items[i].text);
		free(a->items[i].value);
		free(a->items[i].lang);
	}
	free(a->items);
	free(a->output);
	free(a->dumpdir);
	*a = (struct cc_args){0};
}

void cc_item_add(struct strv *to, const struct cc_item *item)
{
	switch (item->kind) {
	case CC_LIB:
		strv_addf(to, "-l%s", item->text);
		break;
	case CC_LIBDIR:
		strv_addf(to, "-L%s", item->text);
		break;
	case CC_INPUT:
		if (item->lang) {
			strv_add(to, "-x");
			strv_add(to, item->lang);
		}
		strv_add(to, item->text);
		if (item->lang) {
			strv_add(to, "-x");
			strv_add(to, "none");
		}
		break;
	case CC_OPTION:
		strv_add(to, item->text);
		if (item->value)
			strv_add(to, item->value);
		break;
	}
}
