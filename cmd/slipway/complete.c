/* SPDX-License-Identifier: Apache-2.0 */
/* What a shell can offer for a command line that is being typed. */
#include "complete.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "build/build.h"
#include "core/file.h"
#include "core/mem.h"
#include "manifest/target.h"
#include "opt.h"

/* The command line; the callback of opt_intercept takes no argument. */
static int nwords;
static char **words;
static const char *typed; /* the last word, or its part after "--NAME=" */
static int prefix_len;    /* of that part's beginning in the last word */

static void offer(const char *word, const char *meaning)
{
	if (strncmp(word, typed, strlen(typed)) != 0)
		return;
	printf("%.*s%s\t%s\n", prefix_len, words[nwords - 1], word, meaning);
}

static void offer_files(void)
{
	puts(":files");
}

/* Offers "a|b|c"; 1 if something of it stands for the name of a file. */
static int offer_choices(const char *text, size_t len, const char *meaning)
{
	_free_ char *copy = xstrndup(text, len);
	char *rest = copy, *word;
	int files = 0;

	while ((word = strsep(&rest, "|"))) {
		if (islower((unsigned char)*word))
			offer(word, meaning);
		else if (isupper((unsigned char)*word))
			files = 1;
	}
	return files;
}

/* With `several` also after names that are there, and a comma. */
static void offer_targets(int several)
{
	const char *comma = several ? strrchr(typed, ',') : NULL;
	int before = comma ? (int)(comma + 1 - typed) : 0;
	_strv_ struct strv names = {0};
	struct err e = {0};
	_free_ char *data_dir = file_data_dir(&e);

	if (!data_dir || target_list(data_dir, &names, &e) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		_free_ char *word =
			xasprintf("%.*s%s", before, typed, names.v[i]);

		offer(word, "target");
	}
}

static int add_template(const char *path, const char *rel,
	const struct stat *st, void *arg, struct err *e)
{
	(void)path;
	(void)e;
	if (S_ISDIR(st->st_mode) && *rel && !strchr(rel, '/'))
		strv_add(arg, rel);
	return 0;
}

static void offer_templates(void)
{
	_strv_ struct strv names = {0};
	struct err e = {0};
	_free_ char *data_dir = file_data_dir(&e);
	_free_ char *dir = data_dir ? path_join(data_dir, "templates") : NULL;

	if (!dir || file_walk(dir, add_template, &names, &e) < 0)
		return;
	for (size_t i = 0; i < names.n; i++)
		offer(names.v[i], "template");
}

static void offer_outputs(void)
{
	for (size_t i = 0; i < OUTPUT_TYPES; i++) {
		_free_ char *spec =
			xasprintf("type=%s,dest=", output_type_names[i]);

		offer(spec, "output");
	}
}

static void offer_value(const struct opt *p)
{
	static const char *const paths[] = {
		"PATH", "FILE", "DIR", "IMAGE", "HOST:GUEST[:ro]"};

	if (p->name && !strcmp(p->name, "target"))
		offer_targets(strchr(p->arg, ',') != NULL);
	else if (p->name && !strcmp(p->name, "template"))
		offer_templates();
	else if (islower((unsigned char)*p->arg))
		offer_choices(p->arg, strlen(p->arg), p->help ? p->help : "");
	if (strstr(p->arg, "SPEC"))
		offer_outputs();
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		if (!strncmp(p->arg, paths[i], strlen(paths[i]))) {
			offer_files();
			return;
		}
	}
}

/* The option of this spelling, if it takes an argument. */
static const struct opt *find(const struct opts *o, const char *word)
{
	for (const struct opt *p = o->table; p->key; p++) {
		if (!p->arg || word[0] != '-')
			continue;
		if (p->key < 256 && word[1] == p->key && !word[2])
			return p;
		if (p->name && word[1] == '-' && !strcmp(word + 2, p->name))
			return p;
	}
	return NULL;
}

/* "--NAME=VALUE" that is being typed: what comes after "=" counts. */
static const struct opt *find_joined(const struct opts *o)
{
	const char *equals = strchr(typed, '=');
	_free_ char *name = equals && typed[0] == '-'
				    ? xstrndup(typed, (size_t)(equals - typed))
				    : NULL;
	const struct opt *p = name ? find(o, name) : NULL;

	if (p) {
		prefix_len = (int)(equals + 1 - typed);
		typed = equals + 1;
	}
	return p;
}

static void offer_options(const struct opts *o)
{
	for (const struct opt *p = o->table; p->key; p++) {
		_free_ char *word = NULL;

		if (!p->help)
			continue;
		word = p->name ? xasprintf("--%s", p->name)
			       : xasprintf("-%c", p->key);
		offer(word, p->help);
	}
	offer("--help", "show this text");
}

/* What the usage names behind the command: "[DIR|MANIFEST]", "a|b". */
static void offer_operands(const struct opts *o)
{
	const char *p = o->usage;
	int files = 0, nth = 0;

	while (*p) {
		size_t len;

		p += strspn(p, " [.]");
		len = strcspn(p, " [.]");
		if (nth++ < 2 || *p == '-' || !strncmp(p, "OPTION", 6) ||
			!strncmp(p, "ARG", 3))
			/* skip "slipway", the command and options */;
		else if (len)
			files |= offer_choices(p, len, "");
		/* An option's argument is none of the operands. */
		p += *p == '-' ? strcspn(p, "]") : len;
	}
	if (files)
		offer_files();
}

static void offer_for(const struct opts *o)
{
	const struct opt *p = NULL;

	for (int i = 1; i < nwords - 1; i++) {
		if (!strcmp(words[i], "--")) {
			offer_files();
			return;
		}
	}
	if (nwords > 2)
		p = find(o, words[nwords - 2]);
	if (!p)
		p = find_joined(o);
	if (p)
		offer_value(p);
	else if (*typed == '-')
		offer_options(o);
	else
		offer_operands(o);
}

static void offer_commands(const struct command *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		offer(list[i].name, list[i].help);
	offer("help", "what a command does and its options");
	offer("--help", "all commands");
	offer("--version", "the version");
}

int complete(const struct command *list, size_t n, int argc, char **argv)
{
	if (argc < 1)
		return EXIT_USAGE;
	nwords = argc;
	words = argv;
	typed = argv[argc - 1];
	if (argc == 1 || (argc == 2 && !strcmp(argv[0], "help"))) {
		offer_commands(list, n);
		return EXIT_OK;
	}
	if (!strcmp(argv[0], "cc")) {
		offer_files();
		return EXIT_OK;
	}
	opt_intercept(offer_for);
	for (size_t i = 0; i < n; i++) {
		char *alone[] = {argv[0], NULL};

		if (!strcmp(argv[0], list[i].name))
			return list[i].run(1, alone);
	}
	return EXIT_OK;
}
