/* SPDX-License-Identifier: Apache-2.0 */
/* What the dynamic loader would map for a program or a plugin. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "closure/collect.h"
#include "closure/root.h"
#include "core/file.h"
#include "core/mem.h"
#include "toolchain/dynamic.h"

/* One of the files that are mapped together. */
struct object {
	char *real, *host;
	ssize_t parent; /* that wanted it first; -1: nobody */
	struct strv rpath, runpath;
	struct elf elf;
	struct dynamic dynamic;
};

/* All of them, breadth first as the loader goes, and the names by which it
 * would know them again. */
struct load {
	struct closure *c;
	struct object *v;
	size_t n;
	struct strv names;
	char *loader;   /* base name of the interpreter */
	size_t current; /* whose needs are being looked at */
};

static void load_free(struct load *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].real);
		free(l->v[i].host);
		strv_free(&l->v[i].rpath);
		strv_free(&l->v[i].runpath);
		elf_close(&l->v[i].elf);
	}
	free(l->v);
	strv_free(&l->names);
	free(l->loader);
}
#define _load_ __attribute__((cleanup(load_free)))

int load_is_ours(const struct closure *c, const struct elf *f)
{
	return f->eh.e_machine == c->spec.machine;
}

static int is_known(const struct load *l, const char *name)
{
	for (size_t i = 0; i < l->names.n; i++)
		if (!strcmp(l->names.v[i], name))
			return 1;
	return 0;
}

struct paths {
	struct strv *dirs;
	char *origin;
};

static int take_path(const char *s, void *arg, struct err *e)
{
	const struct paths *p = arg;

	(void)e;
	search_add(p->dirs, s, p->origin);
	return 0;
}

static int has_version(const struct dynamic *d, const char *version)
{
	return memmem(d->strings, d->nstrings, version, strlen(version) + 1) !=
	       NULL;
}

struct wants {
	struct closure *c;
	const char *file;
};

static void see_symbol(const char *name, void *arg)
{
	const struct wants *w = arg;

	families_see(w->c, name, w->file);
}

/* Opens the file as one more object. */
static int add_object(struct load *l, const char *real, const char *host,
	ssize_t parent, struct err *e)
{
	struct object *o;
	const char *soname;
	struct paths rpath, runpath;
	struct wants wants = {l->c, real};
	struct err ignored;
	struct elf f;
	int r = elf_open(&f, host, e);

	if (r < 0)
		return r;
	l->v = xreallocarray(l->v, l->n + 1, sizeof(*l->v));
	o = &l->v[l->n++];
	*o = (struct object){
		.real = xstrdup(real), .host = xstrdup(host), .parent = parent};
	o->elf = f;
	if (!dynamic_open(&o->elf, &o->dynamic))
		return 0;
	rpath = (struct paths){&o->rpath, path_dir(real)};
	runpath = (struct paths){&o->runpath, rpath.origin};
	dynamic_each(&o->dynamic, DT_RPATH, take_path, &rpath, &ignored);
	dynamic_each(&o->dynamic, DT_RUNPATH, take_path, &runpath, &ignored);
	free(rpath.origin);
	soname = dynamic_string(&o->dynamic, DT_SONAME);
	if (soname)
		strv_add(&l->names, soname);
	if (soname && !strcmp(soname, "libc.so.6")) {
		l->c->glibc = 1;
		l->c->built_in = has_version(&o->dynamic, "GLIBC_2.34");
	} else {
		dynamic_wanted(&o->elf, see_symbol, &wants);
	}
	return 0;
}

/* ld.so(8): RPATHs up to the program, unless there is a RUNPATH. */
static void make_search(const struct load *l, struct search *s)
{
	const struct object *o = &l->v[l->current];
	const struct strv *env = l->c->spec.env;
	static const char name[] = "LD_LIBRARY_PATH=";

	s->loader = l->loader ? l->loader : "";
	for (const struct object *at = o; !o->runpath.n;
		at = &l->v[at->parent]) {
		for (size_t i = 0; !at->runpath.n && i < at->rpath.n; i++)
			strv_add(&s->first, at->rpath.v[i]);
		if (at->parent < 0)
			break;
	}
	for (size_t i = 0; env && i < env->n; i++) {
		_free_ char *origin = path_dir(l->v[0].real);

		if (!strncmp(env->v[i], name, sizeof(name) - 1))
			search_add(&s->first, env->v[i] + sizeof(name) - 1,
				origin);
	}
	for (size_t i = 0; i < o->runpath.n; i++)
		strv_add(&s->first, o->runpath.v[i]);
}

/* musl is its own loader, and these names are all it. */
static int is_musl_itself(const struct load *l, const char *name)
{
	static const char *const own[] = {
		"c", "pthread", "rt", "m", "dl", "util", "xnet"};

	if (!l->loader || strncmp(l->loader, "ld-musl-", 8) != 0 ||
		strncmp(name, "lib", 3) != 0)
		return 0;
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		size_t n = strlen(own[i]);

		if (!strncmp(name + 3, own[i], n) && name[3 + n] == '.')
			return 1;
	}
	return 0;
}

/* Adds a library that was found, and makes it an object. */
static int take_library(struct load *l, const char *name, const char *path,
	const char *left_out, struct err *e)
{
	const char *user = l->v[l->current].real;
	_free_ char *reason = xasprintf(
		"library: needed by %s (DT_NEEDED %s)%s%s%s", user, name,
		left_out ? ", without its variant for " : "",
		left_out ? left_out : "", left_out ? " processors" : "");
	_free_ char *real = NULL;
	_free_ char *host = NULL;
	int r = collect_path(l->c, path, reason, &real, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].real, real))
			return 0;
	host = root_host(l->c->spec.root, real);
	return add_object(l, real, host, (ssize_t)l->current, e);
}

static int add_needed(const char *name, void *arg, struct err *e)
{
	struct load *l = arg;
	struct search s = {0};
	_free_ char *path = NULL;
	_free_ char *left_out = NULL;
	const char *other;
	int r = 0;

	if (is_known(l, name) || is_musl_itself(l, name))
		return 0;
	strv_add(&l->names, name);
	make_search(l, &s);
	path = search_library(l->c, &s, name, &left_out, e);
	strv_free(&s.first);
	/* A plugin's may be mapped already, by the program that opens it. */
	if (!path && !l->loader && (other = collect_find(l->c, name)))
		path = xstrdup(other);
	if (path)
		r = take_library(l, name, path, left_out, e);
	else
		collect_miss(l->c, "library", name, 0,
			"the library %s is not in %s: needed by %s", name,
			l->c->spec.what, l->v[l->current].real);
	return r;
}

static int add_interpreter(struct load *l, struct err *e)
{
	_free_ char *path = dynamic_interpreter(&l->v[0].elf);
	_free_ char *reason = NULL;
	int r;

	if (!path)
		return 0;
	reason = xasprintf("interpreter of %s", l->v[0].real);
	r = collect_path(l->c, path, reason, NULL, e);
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP) {
		collect_miss(l->c, "interpreter", path, 0,
			"the interpreter %s is not in %s: needed by %s", path,
			l->c->spec.what, l->v[0].real);
		r = 0;
	}
	l->loader = xstrdup(path_base(path));
	strv_add(&l->names, l->loader);
	return r;
}

static const char *machine_name(unsigned machine)
{
	switch (machine) {
	case EM_X86_64:
		return "x86_64";
	case EM_AARCH64:
		return "aarch64";
	case EM_386:
		return "i386";
	case EM_ARM:
		return "ARM";
	case EM_RISCV:
		return "RISC-V";
	default:
		return "another machine";
	}
}

void load_check_program(struct closure *c, const char *path, const char *host)
{
	_elf_ struct elf f = {0};
	struct err broken;

	if (elf_open(&f, host, &broken) < 0)
		collect_miss(c, "program", path, 0,
			"the program %s cannot run: %s", path, broken.msg);
	else if (!load_is_ours(c, &f))
		collect_miss(c, "program", path, 0,
			"the program %s cannot run: it is for %s, and the "
			"target for %s",
			path, machine_name(f.eh.e_machine),
			machine_name(c->spec.machine));
}

int load_closure(
	struct closure *c, const char *real, const char *from, struct err *e)
{
	_load_ struct load l = {.c = c};
	struct err broken;
	int r;

	/* Files of another machine, or broken ones, may be data. */
	if (add_object(&l, real, from, -1, &broken) < 0 ||
		!load_is_ours(c, &l.v[0].elf))
		return 0;
	r = add_interpreter(&l, e);
	for (l.current = 0; r == 0 && l.current < l.n; l.current++) {
		struct dynamic d = l.v[l.current].dynamic;

		r = dynamic_each(&d, DT_NEEDED, add_needed, &l, e);
	}
	return r;
}
