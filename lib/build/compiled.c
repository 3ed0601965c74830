/* SPDX-License-Identifier: Apache-2.0 */
/* The sources of a program that commands of its own built, by what the
 * objects say that were linked (toolchain/inputs.h). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build/bill.h"
#include "core/file.h"
#include "core/mem.h"
#include "toolchain/archive.h"
#include "toolchain/elf.h"
#include "toolchain/inputs.h"
#include "toolchain/note.h"

/* Lines of inputs.h. */
struct compiled {
	const char *root;      /* of the project, as realpath has it */
	struct strv sources;   /* that were read */
	struct strv artifacts; /* linked, but made of nobody knows what */
};

static void compiled_free(struct compiled *c)
{
	strv_free(&c->sources);
	strv_free(&c->artifacts);
}
#define _compiled_ __attribute__((cleanup(compiled_free)))

static void take_object(
	struct compiled *c, const char *name, const void *data, size_t len)
{
	struct sbom_sums sums;

	if (inputs_read(data, len, &c->sources))
		return;
	sbom_sum_bytes(data, len, &sums);
	strv_take(&c->artifacts, inputs_line(name, &sums));
}

static int has(const struct strv *v, const char *s)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->v[i], s))
			return 1;
	return 0;
}

static int is_part(
	const struct strv *parts, const char *path, const char *member)
{
	_free_ char *part = xasprintf("%s(%s)", path, member);

	return has(parts, part);
}

static int take_thin(struct compiled *c, const char *name, const char *path,
	const char *member, struct err *e)
{
	_free_ char *dir = path_dir(path);
	_free_ char *file = path_join(dir, member);
	_buf_ struct buf bytes = {0};
	int r = file_read(file, SIZE_MAX, &bytes, e);

	if (r == 0)
		take_object(c, name, bytes.data ? bytes.data : "", bytes.len);
	return r;
}

/* All members, or those that the link took; 0 if it knows none of them. */
static int take_members(struct compiled *c, const struct strv *parts,
	const char *path, struct archive a, struct err *e)
{
	struct archive_member m;
	int whole = has(parts, path), taken = 0, r = 0;

	while (r == 0 && archive_next(&a, &m)) {
		_free_ char *own = m.name;
		_free_ char *name = xasprintf(
			"%s(%s)", path + strlen(c->root) + 1, path_base(own));

		if (!whole && !is_part(parts, path, own))
			continue;
		taken = 1;
		if (m.data)
			take_object(c, name, m.data, m.len);
		else
			r = take_thin(c, name, path, own, e);
	}
	return r < 0 ? r : taken;
}

static int take_file(struct compiled *c, const struct strv *parts,
	const char *path, struct err *e)
{
	_buf_ struct buf bytes = {0};
	struct archive a;
	int r = file_read(path, SIZE_MAX, &bytes, e);

	if (r < 0)
		return r;
	if (bytes.data && archive_init(&a, bytes.data, bytes.len))
		r = take_members(c, parts, path, a, e);
	if (r == 0)
		take_object(c, path + strlen(c->root) + 1,
			bytes.data ? bytes.data : "", bytes.len);
	return r < 0 ? r : 0;
}

/* Objects of calls that compile and link at once are in the program. */
static void take_inner(
	struct compiled *c, const struct elf *f, const struct note *note)
{
	for (size_t i = 0; i < note->objects.n; i++) {
		size_t len;
		const void *data = note_object(f, i, &len);

		if (data)
			take_object(c, note->objects.v[i], data, len);
	}
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(struct bill *b, struct strv *lines, const char *type)
{
	if (lines->n)
		qsort(lines->v, lines->n, sizeof(*lines->v), compare_strings);
	for (size_t i = 0; i < lines->n; i++) {
		struct sbom_sums sums;
		_free_ char *path = inputs_path(lines->v[i], &sums);
		_free_ char *name = path ? xasprintf("./%s", path) : NULL;

		if (!path || (i && !strcmp(lines->v[i], lines->v[i - 1])))
			continue;
		sbom_add_file(&b->sbom, b->app, name, type, &sums);
		provenance_add_input(&b->provenance, path, NULL, sums.sha256);
	}
}

/* make removes what it made on the way: the digest of the link is left. */
static void list_gone(struct bill *b, const char *root, const struct note *note)
{
	size_t n = strlen(root);

	for (size_t i = 0; i < note->ninputs; i++) {
		const char *path = note->inputs[i].path;

		if (!strncmp(path, root, n) && path[n] == '/' &&
			access(path, F_OK) < 0)
			provenance_add_input(&b->provenance, path + n + 1, NULL,
				note->inputs[i].sha256.s);
	}
}

int bill_add_compiled(struct bill *b, const char *root,
	const struct strv *files, const struct strv *parts, struct err *e)
{
	_compiled_ struct compiled c = {.root = root};
	const char *program = b->build->program;
	_elf_ struct elf f = {0};
	_note_ struct note note = {0};
	int r = 0;

	if (b->build->app->program)
		return 0;
	for (size_t i = 0; i < files->n && r == 0; i++)
		r = take_file(&c, parts, files->v[i], e);
	if (r == 0)
		r = elf_open(&f, program, e);
	if (r == 0)
		r = note_read(&f, program, &note, e);
	if (r < 0)
		return r;
	take_inner(&c, &f, &note);
	list(b, &c.sources, "SOURCE");
	list(b, &c.artifacts, "BINARY");
	list_gone(b, root, &note);
	return 0;
}
