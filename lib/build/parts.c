/* SPDX-License-Identifier: Apache-2.0 */
/* What the program and the kernel are made of, by what was really linked. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/bill.h"
#include "build/commands.h"
#include "build/memo.h"
#include "core/file.h"
#include "core/mem.h"
#include "toolchain/depfile.h"

/* Where a file lies decides whose it is. */
struct roots {
	char *sysroot, *tools, *src, *with, *project; /* as realpath has them */
};

static char *real(const char *path)
{
	char *r = realpath(path, NULL);

	return r ? r : xstrdup(path);
}

static void roots_open(struct roots *r, const struct build *b)
{
	_free_ char *src = path_join(b->dir, "src");
	_free_ char *with = path_join(b->dir, "with");

	r->sysroot = real(b->target_dir);
	r->tools = real(b->tools_dir);
	r->src = real(src);
	r->with = real(with);
	r->project = real(b->app->dir);
}

static void roots_close(struct roots *r)
{
	free(r->sysroot);
	free(r->tools);
	free(r->src);
	free(r->with);
	free(r->project);
}

/* What follows "ROOT/", or NULL. */
static const char *below(const char *path, const char *root)
{
	size_t n = strlen(root);

	return !strncmp(path, root, n) && path[n] == '/' ? path + n + 1 : NULL;
}

/* One of the distribution's source packages that the sysroot was built of. */
static sbom_ref add_base_source(
	struct bill *b, const char *name, const char *comment)
{
	_free_ char *dir =
		xasprintf("%s/sources/%s", b->build->target_dir, name);
	_source_ struct source s = {0};
	_free_ char *id = xasprintf("Source-%s", name);
	struct sbom_package *p;
	sbom_ref ref;

	p = sbom_find_package(&b->sbom, id, &ref);
	if (p)
		return ref;
	source_read(&s, dir, name);
	ref = sbom_add_source(&b->sbom, &s);
	p = &b->sbom.packages[ref];
	if (!p->comment)
		p->comment = xstrdup(comment);
	return ref;
}

/* The one of an unpacked tree. */
static sbom_ref add_tree_source(
	struct bill *b, const char *tree, const char *name)
{
	_free_ char *debian = path_join(tree, "debian");
	_source_ struct source s = {0};

	source_read(&s, debian, name);
	return sbom_add_source(&b->sbom, &s);
}

/* The package NAME[/SUITE] of the manifest that was unpacked to `tree`. */
static sbom_ref add_named(struct bill *b, const char *tree, const char *wanted)
{
	_free_ char *name = xstrndup(wanted, strcspn(wanted, "/"));

	return add_tree_source(b, tree, name);
}

/* A library that is in no package: one of its own, with its digests. */
static int add_unknown(struct bill *b, const char *path, struct err *e)
{
	_free_ char *id = xasprintf("Linked-%s", path_base(path));
	_free_ char *name = xasprintf("./%s", path_base(path));
	struct sbom_package *p;
	struct sbom_sums sums;
	sbom_ref ref;
	int r = sbom_sum_file(path, &sums, e);

	if (r < 0 || sbom_find_package(&b->sbom, id, &ref))
		return r;
	p = sbom_add_package(&b->sbom, id, path_base(path), &ref);
	p->purpose = xstrdup("LIBRARY");
	sbom_add_file(&b->sbom, ref, name, "BINARY", &sums);
	sbom_relate(&b->sbom, b->app, "STATIC_LINK", ref);
	provenance_add_input(
		&b->provenance, path_base(path), NULL, sums.sha256);
	return 0;
}

static int add_foreign(struct bill *b, const struct strv *paths, struct err *e)
{
	_strv_ struct strv lines = {0};
	int r = paths->n ? memo_owners(NULL, paths, b->scratch, &lines, e) : 0;

	for (size_t i = 0; i < lines.n && r == 0; i++) {
		sbom_ref deb;

		if (sbom_add_deb(&b->sbom, lines.v[i], &deb) < 0)
			r = add_unknown(b, paths->v[i], e);
		else
			sbom_relate(&b->sbom, b->app, "STATIC_LINK", deb);
	}
	return r;
}

/* A part of the sysroot: musl's, or keel's. */
static void add_base(struct bill *b, const char *name)
{
	if (!strncmp(path_base(name), "libkeel", 7))
		sbom_relate(&b->sbom, b->app, "STATIC_LINK", b->slipway);
	else
		sbom_relate(&b->sbom, b->app, "STATIC_LINK",
			add_base_source(b, "musl",
				"Built with Slipway's system calls in place "
				"of its own."));
}

/* Base `linux`: its kernel's package, and the C library that the compiler
 * names to nobody. */
static int add_system(struct bill *b, struct err *e)
{
	_free_ char *path = xasprintf("%s/lib/package", b->build->target_dir);
	_buf_ struct buf line = {0};
	sbom_ref deb;
	int r;

	if (strcmp(b->build->target->base, "linux") != 0)
		return 0;
	add_base(b, "libc.a");
	r = file_read(path, PATH_MAX, &line, e);
	if (r < 0)
		return r;
	line.data[strcspn(line.data, "\n")] = 0;
	if (sbom_add_deb(&b->sbom, line.data, &deb) < 0)
		return err_set(e, -EINVAL, "%s: not a package", path);
	sbom_relate(&b->sbom, b->app, "DEPENDS_ON", deb);
	return 0;
}

static int add_linked(struct bill *b, const struct roots *roots, struct err *e)
{
	_linked_ struct linked l = {0};
	_free_ char *commands = commands_root(b->build);
	_strv_ struct strv foreign = {0}, own = {0};
	int r = b->build->app->entry.n ? 0 : linked_read(b->build, &l, e);

	for (size_t i = 0; i < l.files.n && r == 0; i++) {
		const char *path = l.files.v[i], *rest;

		if ((rest = below(path, roots->sysroot)) != NULL ||
			(rest = below(path, roots->tools)) != NULL) {
			add_base(b, rest);
		} else if ((rest = below(path, roots->with)) != NULL) {
			_free_ char *name = xstrndup(rest, strcspn(rest, "/"));
			_free_ char *tree = path_join(roots->with, name);

			sbom_relate(&b->sbom, b->app, "STATIC_LINK",
				add_tree_source(b, tree, name));
		} else if (commands && below(path, commands)) {
			strv_add(&own, path);
		} else if (!below(path, roots->project)) {
			strv_add(&foreign, path);
		}
	}
	if (r == 0 && l.lwip)
		sbom_relate(&b->sbom, b->app, "STATIC_LINK",
			add_base_source(b, "lwip",
				"The parts that the base's network uses."));
	if (r == 0 && commands && !b->build->app->entry.n)
		r = bill_add_compiled(b, commands, &own, &l.parts, e);
	return r < 0 ? r : add_foreign(b, &foreign, e);
}

/* What was fetched for the build, linked or not. */
static void add_fetched(struct bill *b)
{
	const struct app_build *w = b->build->app->build;
	_free_ char *src = path_join(b->build->dir, "src");

	if (!w || !w->source)
		return;
	sbom_relate(&b->sbom, b->app, "GENERATED_FROM",
		add_named(b, src, w->source));
	for (size_t i = 0; i < w->with.n; i++) {
		const char *wanted = w->with.v[i];
		_free_ char *name = xstrndup(wanted, strcspn(wanted, "/"));
		_free_ char *tree =
			xasprintf("%s/with/%s", b->build->dir, name);

		sbom_relate(&b->sbom, add_named(b, tree, wanted),
			"BUILD_DEPENDENCY_OF", b->app);
	}
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What the compiler read for a source, of the project's files: its list is
 * beside the object, whose name has the source's path with % for /. */
static int list_read(const struct build *b, const char *source,
	struct strv *out, struct err *e)
{
	_free_ char *object = xstrdup(bill_name(b, source));
	_free_ char *path = NULL;
	_strv_ struct strv files = {0};
	int r;

	if (!below(source, b->app->dir)) {
		free(object);
		object = xstrdup(source);
	}
	for (char *p = object; *p; p++)
		if (*p == '/')
			*p = '%';
	path = xasprintf("%s/obj/%s.o.d", b->dir, object);
	r = depfile_read(path, &files, e);
	strv_add(out, source);
	for (size_t i = 0; i < files.n && r == 0; i++) {
		_free_ char *file = path_join(b->app->dir, files.v[i]);
		char *at = realpath(file, NULL);

		if (at && below(at, b->app->dir))
			strv_take(out, at);
		else
			free(at);
	}
	return r;
}

/* The sources, and of the project's headers those that they include; sorted,
 * with neighbours that are the same. */
static int list_sources(const struct build *b, struct strv *out, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < b->app->sources.n && r == 0; i++)
		r = list_read(b, b->app->sources.v[i], out, e);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), compare_strings);
	return r;
}

static int add_sources(struct bill *b, struct err *e)
{
	_strv_ struct strv paths = {0};
	int r = list_sources(b->build, &paths, e);

	for (size_t i = 0; i < paths.n && r == 0; i++) {
		const char *rest = bill_name(b->build, paths.v[i]);
		_free_ char *name = xasprintf("./%s", rest);
		struct sbom_sums sums;

		if (i && !strcmp(paths.v[i], paths.v[i - 1]))
			continue;
		r = sbom_sum_file(paths.v[i], &sums, e);
		if (r < 0)
			break;
		sbom_add_file(&b->sbom, b->app, name, "SOURCE", &sums);
		provenance_add_input(&b->provenance, rest, NULL, sums.sha256);
	}
	return r;
}

/* A file that goes into every kernel of the target, or into the image. */
static int add_base_inputs(struct bill *b, struct err *e)
{
	static const char *const files[] = {"crt1.o", "libc.a", "libkeel.a",
		"libkeel-absent.a", "keel.ld", "vmlinux", "init", "stub.bin"};
	int r = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files) && r == 0; i++) {
		_free_ char *path =
			xasprintf("%s/lib/%s", b->build->target_dir, files[i]);
		_free_ char *name =
			xasprintf("%s/%s", b->build->target->name, files[i]);
		struct digest_hex hex;

		if (access(path, F_OK) < 0)
			continue;
		r = digest_file(path, &hex, e);
		if (r == 0)
			provenance_add_input(&b->provenance, name, NULL, hex.s);
	}
	return r;
}

int bill_add_parts(struct bill *b, struct err *e)
{
	struct digest_hex manifest;
	struct roots roots;
	int r = digest_file(b->build->app->path, &manifest, e);

	if (r < 0)
		return r;
	provenance_add_input(
		&b->provenance, b->provenance.manifest, NULL, manifest.s);
	roots_open(&roots, b->build);
	r = add_sources(b, e);
	if (r == 0)
		r = add_base_inputs(b, e);
	if (r == 0) {
		add_fetched(b);
		r = add_linked(b, &roots, e);
	}
	if (r == 0)
		r = add_system(b, e);
	roots_close(&roots);
	return r;
}
