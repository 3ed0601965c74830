/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lib/closure collects of a tree: closure ROOT [-e K=V] [-n NSSWITCH]
 * [-p PROGRAM[=FILE]] [-l LOCALE] [-z ZONE] [-m MADE] [PATH]...
 * prints "MODE TYPE PATH -> LINK  (REASON)" and "missing KIND NAME: TEXT",
 * with "may" before what is optional; status 1 after an error of reading.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "closure/closure.h"
#include "core/mem.h"

static void print(struct closure *c)
{
	size_t n;
	const struct closure_file *f = closure_files(c, &n);
	const struct closure_missing *m;

	for (size_t i = 0; i < n; i++)
		printf("%04o %c %s%s%s  (%s)\n", f[i].mode,
			f[i].link   ? 'l'
			: f[i].from ? 'f'
				    : 'd',
			f[i].path, f[i].link ? " -> " : "",
			f[i].link ? f[i].link : "", f[i].reason);
	m = closure_missed(c, &n);
	for (size_t i = 0; i < n; i++)
		printf("%smissing %s %s: %s\n", m[i].optional ? "may " : "",
			m[i].kind, m[i].name, m[i].text);
}

static int add(struct closure *c, int key, char *what, struct err *e)
{
	char *from = NULL;

	switch (key) {
	case 'p':
		from = strchr(what, '=');
		if (from)
			*from++ = 0;
		return closure_add_program(c, what, from, e);
	case 'l':
		return closure_add_locale(c, what, e);
	case 'z':
		return closure_add_zone(c, what, e);
	default:
		return closure_add_path(c, what, e);
	}
}

int main(int argc, char **argv)
{
	static const char keys[] = "+e:n:p:l:z:m:";
	_strv_ struct strv env = {0};
	struct closure_spec spec = {.what = "the tree",
		.machine = EM_X86_64,
		.env = &env,
		.made = "/nonexistent"};
	struct closure *c;
	struct err e = {0};
	int key, r = 0;

	if (argc < 2)
		return 2;
	spec.root = argv[1];
	optind = 2;
	while ((key = getopt(argc, argv, keys)) != -1) {
		if (key == 'e')
			strv_add(&env, optarg);
		else if (key == 'n')
			spec.nsswitch = optarg;
		else if (key == 'm')
			spec.made = optarg;
		else if (key == '?')
			return 2;
	}
	c = closure_new(&spec);
	optind = 2;
	while (r == 0 && (key = getopt(argc, argv, keys)) != -1)
		if (strchr("plz", key))
			r = add(c, key, optarg, &e);
	for (; r == 0 && optind < argc; optind++)
		r = add(c, 0, argv[optind], &e);
	if (r == 0)
		r = closure_finish(c, &e);
	if (r == 0)
		print(c);
	else
		printf("error: %s\n", e.msg);
	closure_free(c);
	return r < 0;
}
