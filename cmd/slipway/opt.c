/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a subcommand: one table that parses and that prints the help. */
#include "opt.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "core/mem.h"
#include "core/near.h"
#include "ui.h"

enum { MAX_OPTS = 48, KEY_HELP = 0x7f00 };

static void (*interceptor)(const struct opts *o);

void opt_intercept(void (*fn)(const struct opts *o))
{
	interceptor = fn;
}

static void print_help(const struct opts *o)
{
	const struct opt *p;
	char left[64];

	printf("usage: %s\n\n%s\n\noptions:\n", o->usage, o->about);
	for (p = o->table; p->key; p++) {
		if (!p->help)
			continue;
		snprintf(left, sizeof(left), "%s%s%s%s%s%s",
			p->key < 256 ? (char[]){'-', (char)p->key, 0} : "  ",
			p->key < 256 && p->name ? ", " : "",
			p->key >= 256 ? "  " : "", p->name ? "--" : "",
			p->name ? p->name : "", p->arg ? " " : "");
		/* A long argument puts the meaning on a line of its own. */
		printf("  %s%-*s", left, (int)(26 - strlen(left)),
			p->arg ? p->arg : "");
		if (p->arg && strlen(left) + strlen(p->arg) > 26)
			printf("\n%28s", "");
		printf(" %s\n", p->help);
	}
	printf("  -h, --help                 show this text\n");
}

/* The name of the command for messages: the usage's first two words. */
static int name_len(const struct opts *o)
{
	const char *space = strchr(o->usage, ' ');

	if (!space)
		return (int)strlen(o->usage);
	return (int)(strchrnul(space + 1, ' ') - o->usage);
}

int opt_error(const struct opts *o, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ui_error("%s (see %.*s --help)", text, name_len(o), o->usage);
	return EXIT_USAGE;
}

int opt_status(int key)
{
	return key == OPT_HELP ? EXIT_OK : EXIT_USAGE;
}

static int bad_option(const struct opts *o, const char *word)
{
	const char *names[MAX_OPTS];
	const struct opt *p;
	const char *near;
	_free_ char *name = NULL;
	size_t n = 0;

	if (strncmp(word, "--", 2) != 0) {
		opt_error(o, "unknown option -%c", optopt ? optopt : '?');
		return OPT_BAD;
	}
	for (p = o->table; p->key && n < MAX_OPTS - 1; p++) {
		if (p->name)
			names[n++] = p->name;
	}
	names[n++] = "help";
	name = xstrndup(word + 2, strcspn(word + 2, "="));
	near = near_find(name, names, n);
	if (near)
		opt_error(o, "unknown option --%s, did you mean --%s?", name,
			near);
	else
		opt_error(o, "unknown or ambiguous option --%s", name);
	return OPT_BAD;
}

int opt_next(const struct opts *o, int argc, char **argv)
{
	struct option longs[MAX_OPTS + 2] = {0};
	char shorts[2 * MAX_OPTS + 5];
	const struct opt *p;
	const char *word;
	size_t n = 0, s = 0;
	int key;

	if (interceptor) {
		interceptor(o);
		return OPT_HELP;
	}
	shorts[s++] = '+';
	shorts[s++] = ':';
	shorts[s++] = 'h';
	for (p = o->table; p->key && n < MAX_OPTS; p++) {
		if (p->key < 256) {
			shorts[s++] = (char)p->key;
			if (p->arg)
				shorts[s++] = ':';
		}
		if (p->name)
			longs[n++] = (struct option){p->name,
				p->arg ? required_argument : no_argument, NULL,
				p->key};
	}
	longs[n++] = (struct option){"help", no_argument, NULL, KEY_HELP};
	shorts[s] = 0;
	opterr = 0;
	optopt = 0;
	word = optind < argc && optind > 0 ? argv[optind] : argv[1];
	key = getopt_long(argc, argv, shorts, longs, NULL);
	switch (key) {
	case -1:
		return OPT_END;
	case 'h':
	case KEY_HELP:
		print_help(o);
		return OPT_HELP;
	case ':':
		opt_error(o, "option %s needs an argument", word);
		return OPT_BAD;
	case '?':
		return bad_option(o, word);
	default:
		return key;
	}
}
