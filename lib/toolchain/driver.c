/* SPDX-License-Identifier: Apache-2.0 */
/* TARGET-cc: gcc with the sysroot of a target in place of the host's. */
#include "toolchain/driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "toolchain/libs.h"
#include "toolchain/note.h"
#include "toolchain/record.h"

void driver_clean_env(void)
{
	unsetenv("CPATH");
	unsetenv("C_INCLUDE_PATH");
	unsetenv("CPLUS_INCLUDE_PATH");
	unsetenv("OBJC_INCLUDE_PATH");
	unsetenv("LIBRARY_PATH");
}

/* The compiler and the target's options, which the user's may override. */
static void add_start(const struct driver *d, struct strv *argv)
{
	const char *project = getenv("SLIPWAY_PROJECT");
	_free_ char *cwd = getcwd(NULL, 0);
	size_t i;

	strv_addf(argv, "%s-%s", d->target->triplet, d->cxx ? "g++" : "gcc");
	for (i = 0; i < d->target->cflags.n; i++)
		strv_add(argv, d->target->cflags.v[i]);
	/* __FILE__ must not tell where the build was (design D11). */
	if (project && *project)
		strv_addf(argv, "-ffile-prefix-map=%s=.", project);
	if (cwd)
		strv_addf(argv, "-fmacro-prefix-map=%s=.", cwd);
	/* Nor debug information where Slipway is: objects are cached. */
	strv_addf(
		argv, "-ffile-prefix-map=%s=/%s", d->sysroot, d->target->name);
}

/* Last, so that folders of -isystem come before the sysroot's headers. */
static void add_headers(
	const struct driver *d, const struct cc_args *a, struct strv *argv)
{
	if (a->nostdinc)
		return;
	strv_add(argv, "-nostdinc");
	strv_add(argv, "-isystem");
	strv_addf(argv, "%s/include", d->sysroot);
	strv_add(argv, "-iwithprefix"); /* gcc's own, after the C library's */
	strv_add(argv, "include");
}

/* An -I or -isystem that would bring in the build host's headers. */
static int is_host_include(const struct cc_item *item)
{
	if (item->kind != CC_OPTION)
		return 0;
	if (item->value &&
		(!strcmp(item->text, "-I") || !strcmp(item->text, "-isystem") ||
			!strcmp(item->text, "-idirafter")))
		return libs_is_host_dir(item->value);
	return !strncmp(item->text, "-I", 2) && item->text[2] &&
	       libs_is_host_dir(item->text + 2);
}

static void add_options(const struct cc_args *a, struct strv *argv)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->items[i].kind == CC_OPTION &&
			!is_host_include(&a->items[i]))
			cc_item_add(argv, &a->items[i]);
}

void driver_command(
	const struct driver *d, const struct cc_args *a, struct strv *argv)
{
	size_t i;

	add_start(d, argv);
	if (a->mode == CC_MODE_PARTIAL)
		strv_add(argv, "-no-pie"); /* Debian's gcc adds -pie to -r */
	if (a->mode == CC_MODE_INFO)
		strv_addf(argv, "-B%s/lib/", d->sysroot);
	for (i = 0; i < a->n; i++)
		if (!is_host_include(&a->items[i]))
			cc_item_add(argv, &a->items[i]);
	if (a->output) {
		strv_add(argv, "-o");
		strv_add(argv, a->output);
	}
	if (a->mode != CC_MODE_INFO || a->ninputs)
		add_headers(d, a, argv);
}

/* What a link in progress has. */
struct link {
	const struct driver *d;
	const struct cc_args *a;
	char *dir;           /* temporary, for the objects and the note */
	struct strv objects; /* compiled here, by number */
	struct strv args;    /* what gcc gets between start and libraries */
	struct note note;
};

static void link_free(struct link *l)
{
	struct err ignored;

	if (l->dir)
		file_remove_tree(l->dir, &ignored);
	free(l->dir);
	strv_free(&l->objects);
	strv_free(&l->args);
	note_free(&l->note);
}

static int run(char *const *argv, struct proc_status *st, struct err *e)
{
	struct proc p = PROC_INIT(argv);

	p.fd_in = PROC_INHERIT;
	return proc_run(&p, st, e);
}

static int failed(const struct proc_status *st)
{
	return st->exited != 0 || st->signal != 0;
}

static int has_option(const struct cc_args *a, const char *start)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->items[i].kind == CC_OPTION &&
			!strncmp(a->items[i].text, start, strlen(start)))
			return 1;
	return 0;
}

static int stem_len(const char *path)
{
	const char *base = path_base(path);
	const char *dot = strrchr(base, '.');

	return (int)(dot && dot != base ? dot - path : (long)strlen(path));
}

/* Names side outputs (-MD, -save-temps) as gcc does when it compiles and
 * links at once. */
static void add_side_names(
	const struct cc_args *a, const char *source, struct strv *argv)
{
	const char *base = path_base(source);
	const char *out = a->output;

	if (!has_option(a, "-dump")) {
		strv_add(argv, "-dumpdir");
		strv_addf(argv, "%s-", out ? out : "a");
		strv_add(argv, "-dumpbase");
		strv_add(argv, base);
		strv_add(argv, "-dumpbase-ext");
		strv_add(argv, base + stem_len(base));
	}
	if (!has_option(a, "-MD") && !has_option(a, "-MMD"))
		return;
	if (!has_option(a, "-MF")) {
		strv_add(argv, "-MF");
		if (out)
			strv_addf(argv, "%.*s.d", stem_len(out), out);
		else
			strv_addf(argv, "a-%.*s.d", stem_len(base), base);
	}
	if (!has_option(a, "-MT") && !has_option(a, "-MQ")) {
		strv_add(argv, "-MQ");
		if (out)
			strv_add(argv, out);
		else
			strv_addf(argv, "%.*s.o", stem_len(base), base);
	}
}

/* Compiles input `item` to a temporary object, whose path is appended. */
static int compile_one(struct link *l, const struct cc_item *item,
	struct proc_status *st, struct err *e)
{
	_strv_ struct strv argv = {0};
	const char *base =
		strcmp(item->text, "-") ? path_base(item->text) : "stdin";
	_free_ char *sub = xasprintf("%s/%zu", l->dir, l->objects.n);
	_free_ char *dep = path_join(sub, "read.d");
	int wanted = record_is_wanted(l->a);
	int r;

	r = file_mkdirs(sub, e);
	if (r < 0)
		return r;
	strv_addf(&l->objects, "%s/%.*s.o", sub, stem_len(base), base);
	add_start(l->d, &argv);
	add_options(l->a, &argv);
	add_side_names(l->a, item->text, &argv);
	strv_add(&argv, "-c");
	strv_add(&argv, "-o");
	strv_add(&argv, l->objects.v[l->objects.n - 1]);
	cc_item_add(&argv, item);
	add_headers(l->d, l->a, &argv);
	if (wanted)
		record_prepare(l->a, dep, &argv);
	r = run(argv.v, st, e);
	if (wanted && r == 0 && !failed(st))
		record_object(
			l->d, l->a, item, dep, l->objects.v[l->objects.n - 1]);
	return r;
}

static int compile_all(struct link *l, struct proc_status *st, struct err *e)
{
	size_t i;
	int r;

	for (i = 0; i < l->a->n; i++) {
		if (!l->a->items[i].source)
			continue;
		r = compile_one(l, &l->a->items[i], st, e);
		if (r < 0 || failed(st))
			return r;
	}
	return 0;
}

/* Notes a file that the link reads; what is not there, ld complains of. */
static void note_input(
	struct note *n, const char *cwd, const char *path, const char *name)
{
	struct note_input *in;
	struct digest_hex sha;
	struct stat st;
	struct err ignored;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
		digest_file(path, &sha, &ignored) < 0)
		return;
	n->inputs =
		xreallocarray(n->inputs, n->ninputs + 1, sizeof(*n->inputs));
	in = &n->inputs[n->ninputs++];
	in->path = name ? xstrdup(name) : path_join(cwd, path);
	in->size = (uint64_t)st.st_size;
	in->sha256 = sha;
}

/* -lNAME becomes the archive's path, so that the note needs no search. */
static int resolve_lib(struct link *l, const char *name, struct err *e)
{
	_free_ char *path = NULL;

	if (libs_is_gcc_own(name)) {
		_free_ char *opt = xasprintf("-l%s", name);

		strv_add(&l->args, opt);
		strv_add(&l->note.args, opt);
		return 0;
	}
	path = libs_find(l->a, l->d->sysroot, name);
	if (!path)
		return err_set(e, -ENOENT,
			"cannot find -l%s: no lib%s.a in the folders of -L "
			"and none in the sysroot of %s",
			name, name, l->d->target->name);
	strv_add(&l->args, path);
	strv_add(&l->note.args, path);
	note_input(&l->note, l->note.cwd, path, NULL);
	return 0;
}

/* The user's part of the link line, and the same for the note. */
static int build_args(struct link *l, struct err *e)
{
	size_t i, nobject = 0;
	int r;

	for (i = 0; i < l->a->n; i++) {
		const struct cc_item *item = &l->a->items[i];
		char name[32];

		if (item->kind == CC_LIB) {
			r = resolve_lib(l, item->text, e);
			if (r < 0)
				return r;
		} else if (item->source) {
			const char *o = l->objects.v[nobject];

			snprintf(name, sizeof(name), "{%zu}", nobject++);
			strv_add(&l->args, o);
			strv_add(&l->note.args, name);
			strv_add(&l->note.objects, path_base(o));
			note_input(&l->note, l->note.cwd, o, name);
		} else if (item->kind != CC_LIBDIR && !is_host_include(item)) {
			cc_item_add(&l->args, item);
			cc_item_add(&l->note.args, item);
			if (item->kind == CC_INPUT)
				note_input(&l->note, l->note.cwd, item->text,
					NULL);
		}
	}
	return 0;
}

static void add_lib_file(
	const struct driver *d, const char *name, struct strv *argv)
{
	strv_addf(argv, "%s/lib/%s", d->sysroot, name);
}

static void build_command(
	const struct link *l, const char *note, struct strv *argv)
{
	const struct driver *d = l->d;
	int start = !l->a->nostdlib && !l->a->nostartfiles;
	int libs = !l->a->nostdlib && !l->a->nodefaultlibs;
	size_t i;

	add_start(d, argv);
	strv_add(argv, "-static");
	strv_add(argv, "-no-pie");
	strv_add(argv, "-nostdlib");
	strv_add(argv, "-Wl,--gc-sections");
	strv_add(argv, "-o");
	strv_add(argv, l->a->output ? l->a->output : "a.out");
	if (start) {
		add_lib_file(d, "crt1.o", argv);
		add_lib_file(d, "crti.o", argv);
	}
	for (i = 0; i < l->args.n; i++)
		strv_add(argv, l->args.v[i]);
	strv_add(argv, note);
	if (libs) {
		strv_add(argv, "-Wl,-Bstatic");
		strv_add(argv, "-Wl,--start-group");
		add_lib_file(d, "libc.a", argv);
		add_lib_file(d, "libhost.a", argv);
		strv_add(argv, "-lgcc");
		strv_add(argv, "-lgcc_eh");
		strv_add(argv, "-Wl,--end-group");
	}
	if (start)
		add_lib_file(d, "crtn.o", argv);
}

int driver_link(const struct driver *d, const struct cc_args *a,
	struct proc_status *st, struct err *e)
{
	__attribute__((cleanup(link_free))) struct link l = {.d = d, .a = a};
	_strv_ struct strv argv = {0};
	_free_ char *note = NULL;
	int r;

	*st = (struct proc_status){0};
	l.dir = file_temp_dir("slipway-cc", e);
	if (!l.dir)
		return e->code;
	l.note.target = xstrdup(d->target->name);
	l.note.cwd = getcwd(NULL, 0);
	l.note.lto = a->lto;
	if (!l.note.cwd)
		return err_errno(e, "getcwd");
	r = compile_all(&l, st, e);
	if (r < 0 || failed(st))
		return r;
	r = build_args(&l, e);
	if (r < 0)
		return r;
	note = path_join(l.dir, "link.o");
	r = note_write(&l.note, &l.objects, note, e);
	if (r < 0)
		return r;
	build_command(&l, note, &argv);
	return run(argv.v, st, e);
}
