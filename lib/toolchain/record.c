/* SPDX-License-Identifier: Apache-2.0 */
/* Has the objects of a compiler's call tell what they were compiled from. */
#include "toolchain/record.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "toolchain/depfile.h"
#include "toolchain/inputs.h"

static const char *root(void)
{
	const char *dir = getenv(RECORD_ENV);

	return dir && *dir ? dir : NULL;
}

/* -M, -MM, -MD and their like, also as passed on to the preprocessor. */
static int is_dependency_option(const char *s)
{
	return !strncmp(s, "-M", 2) || !strncmp(s, "-Wp,-M", 6) ||
	       strstr(s, "-dependencies") != NULL;
}

static int is_without_object(const char *s)
{
	static const char *const options[] = {"-E", "-S", "-M", "-MM",
		"-fsyntax-only", "--preprocess", "--assemble", "--dependencies",
		"--user-dependencies"};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (!strcmp(s, options[i]))
			return 1;
	return 0;
}

int record_is_wanted(const struct cc_args *a)
{
	if (!root() || a->dry_run || a->mode == CC_MODE_INFO ||
		a->mode == CC_MODE_PARTIAL)
		return 0;
	for (size_t i = 0; i < a->n; i++)
		if (a->items[i].kind == CC_OPTION &&
			is_without_object(a->items[i].text))
			return 0;
	return 1;
}

/* gcc lists what it read once. */
static int has_own_list(const struct cc_args *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct cc_item *item = &a->items[i];

		if (item->kind == CC_OPTION &&
			(is_dependency_option(item->text) ||
				!strcmp(item->text, "-Xpreprocessor")))
			return 1;
	}
	return getenv("DEPENDENCIES_OUTPUT") || getenv("SUNPRO_DEPENDENCIES");
}

void record_prepare(const struct cc_args *a, const char *dep, struct strv *argv)
{
	if (has_own_list(a) || (a->mode == CC_MODE_COMPILE && a->nsources != 1))
		return;
	strv_add(argv, "-MD");
	strv_add(argv, "-MF");
	strv_add(argv, dep);
}

/* The preprocessor's list for one source, by the other options. */
static void list_again(const struct driver *d, const struct cc_args *a,
	const struct cc_item *source, const char *dep)
{
	struct cc_args one = {.mode = CC_MODE_COMPILE,
		.ninputs = 1,
		.nsources = 1,
		.nostdinc = a->nostdinc};
	_free_ struct cc_item *items = xcalloc(a->n, sizeof(*items));
	_strv_ struct strv argv = {0};
	_buf_ struct buf said = {0};
	struct proc_status st;
	struct proc p;
	struct err ignored;

	one.items = items;
	for (size_t i = 0; i < a->n; i++) {
		const struct cc_item *item = &a->items[i];

		if (item == source ||
			(item->kind == CC_OPTION &&
				!is_dependency_option(item->text) &&
				strncmp(item->text, "-save-temps", 11) != 0))
			items[one.n++] = *item;
	}
	driver_command(d, &one, &argv);
	strv_add(&argv, "-M");
	strv_add(&argv, "-MF");
	strv_add(&argv, dep);
	p = (struct proc)PROC_INIT(argv.v);
	p.out = &said;
	p.err = &said;
	if (proc_run(&p, &st, &ignored) < 0 || st.exited || st.signal)
		unlink(dep);
}

/* Assembly that is not preprocessed has no list. */
static int is_plain_assembly(const struct cc_item *source)
{
	size_t n = strlen(source->text);

	return source->lang ? !strcmp(source->lang, "assembler")
			    : n > 2 && !strcmp(source->text + n - 2, ".s");
}

void record_object(const struct driver *d, const struct cc_args *a,
	const struct cc_item *source, const char *dep, const char *object)
{
	_free_ char *dir = root() ? realpath(root(), NULL) : NULL;
	_free_ char *sysroot = realpath(d->sysroot, NULL);
	_free_ char *main = realpath(source->text, NULL);
	_strv_ struct strv read = {0}, names = {0};
	struct err ignored;

	if (!dir || !main || access(object, W_OK) < 0)
		return;
	if (access(dep, F_OK) < 0 && !is_plain_assembly(source))
		list_again(d, a, source, dep);
	if (depfile_read(dep, &read, &ignored) < 0 &&
		!is_plain_assembly(source))
		return;
	strv_add(&names, main);
	for (size_t i = 0; i < read.n; i++) {
		_free_ char *path = realpath(read.v[i], NULL);
		size_t n = sysroot ? strlen(sysroot) : 0;

		/* Slipway may be in a folder of the project. */
		if (path && strcmp(path, main) != 0 &&
			(!n || strncmp(path, sysroot, n) != 0))
			strv_add(&names, path);
	}
	inputs_write(object, dir, &names, &ignored);
}

/* Where gcc -c leaves it. */
static char *object_of(const struct cc_args *a, const char *source)
{
	const char *base = path_base(source), *dot = strrchr(base, '.');

	if (a->output)
		return xstrdup(a->output);
	return xasprintf("%.*s.o",
		(int)(dot && dot != base ? dot - base : (long)strlen(base)),
		base);
}

int record_compile(const struct driver *d, const struct cc_args *a,
	struct proc_status *st, struct err *e)
{
	_free_ char *dir = file_temp_dir("slipway-cc", e);
	_free_ char *dep = dir ? path_join(dir, "read.d") : NULL;
	_strv_ struct strv argv = {0};
	struct proc p;
	struct err ignored;
	int r;

	if (!dir)
		return e->code;
	driver_command(d, a, &argv);
	record_prepare(a, dep, &argv);
	p = (struct proc)PROC_INIT(argv.v);
	p.fd_in = PROC_INHERIT;
	r = proc_run(&p, st, e);
	for (size_t i = 0; i < a->n && r == 0 && !st->exited && !st->signal;
		i++) {
		const struct cc_item *item = &a->items[i];
		_free_ char *object = object_of(a, item->text);

		if (!item->source)
			continue;
		record_object(d, a, item, dep, object);
		unlink(dep);
	}
	file_remove_tree(dir, &ignored);
	return r;
}
