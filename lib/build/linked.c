/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a kernel has parts of, by the map of its link. */
#include "build/linked.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"
#include "toolchain/elf.h"
#include "toolchain/ldmap.h"
#include "toolchain/note.h"

/* How keel's makefile names lwIP's objects in the archive. */
#define LWIP_MEMBERS "libkeel.a(net-lwip-"

void linked_free(struct linked *l)
{
	strv_free(&l->files);
	strv_free(&l->parts);
	*l = (struct linked){0};
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, each once. */
static void settle(struct strv *s)
{
	size_t n = 0;

	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), compare_strings);
	for (size_t i = 0; i < s->n; i++) {
		if (n && !strcmp(s->v[n - 1], s->v[i]))
			free(s->v[i]);
		else
			s->v[n++] = s->v[i];
	}
	s->n = n;
	if (s->v)
		s->v[n] = NULL;
}

/* "(MEMBER)" of an archive's, or NULL. */
static const char *member_of(const char *file)
{
	size_t n = strlen(file);

	return n && file[n - 1] == ')' ? strrchr(file, '(') : NULL;
}

static void add_once(struct strv *out, const char *s)
{
	if (!out->n || strcmp(out->v[out->n - 1], s) != 0)
		strv_add(out, s);
}

/* As realpath has it. Files of the linker's own temporary folder are gone by
 * now. */
static void add_file(struct strv *out, const char *cwd, const char *name)
{
	_free_ char *path = path_join(cwd, name);
	char *real = realpath(path, NULL);

	if (real)
		strv_take(out, real);
}

/* "FILE(MEMBER)" or "FILE", the file as realpath has it; those of a file are
 * neighbours. */
static void add_parts(struct strv *out, const char *cwd, struct strv *names)
{
	_free_ char *last = NULL, *real = NULL;

	settle(names);
	for (size_t i = 0; i < names->n; i++) {
		const char *file = names->v[i], *open = member_of(file);
		char *name = open ? xstrndup(file, (size_t)(open - file))
				  : xstrdup(file);

		if (!last || strcmp(last, name) != 0) {
			_free_ char *path = path_join(cwd, name);

			free(real);
			real = realpath(path, NULL);
		}
		free(last);
		last = name;
		if (real)
			strv_addf(out, "%s%s", real, open ? open : "");
	}
}

/* "DIR/lib.a(member.o)" without the member; most are of the archive of the
 * one before. */
static void add_name(struct linked *l, struct strv *names, const char *file)
{
	size_t n = strlen(file);
	const char *open = member_of(file);
	const char *last = names->n ? names->v[names->n - 1] : "";

	if (strstr(file, LWIP_MEMBERS))
		l->lwip = 1;
	if (open)
		n = (size_t)(open - file);
	if (strlen(last) != n || strncmp(last, file, n) != 0)
		strv_take(names, xstrndup(file, n));
}

int linked_read(const struct build *b, struct linked *out, struct err *e)
{
	_free_ char *path = path_join(b->dir, "kernel.map");
	_linked_ struct linked l = {0};
	_strv_ struct strv names = {0}, parts = {0};
	_ldmap_ struct ldmap map = {0};
	_note_ struct note note = {0};
	_elf_ struct elf f = {0};
	int on_keel = !strcmp(b->target->base, "keel");
	int r;

	*out = (struct linked){0};
	if (b->app->program)
		return 0;
	r = elf_open(&f, b->program, e);
	if (r == 0)
		r = note_read(&f, b->program, &note, e);
	if (r == 0 && on_keel)
		r = ldmap_read(&map, path, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < map.n; i++) {
		add_name(&l, &names, map.v[i].file);
		add_once(&parts, map.v[i].file);
	}
	/* What the optimizer made of the inputs has no name of theirs. */
	for (size_t i = 0; (note.lto || !on_keel) && i < note.ninputs; i++) {
		add_name(&l, &names, note.inputs[i].path);
		add_once(&parts, note.inputs[i].path);
	}
	settle(&names);
	for (size_t i = 0; i < names.n; i++)
		add_file(&l.files, note.cwd, names.v[i]);
	settle(&l.files);
	add_parts(&l.parts, note.cwd, &parts);
	*out = l;
	l = (struct linked){0};
	return 0;
}
