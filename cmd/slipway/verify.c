/* SPDX-License-Identifier: Apache-2.0 */
/* slipway build --verify: the same bytes a second time. */
#include "verify.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "core/digest.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/proc.h"
#include "output.h"
#include "ui.h"

/* --- the copy of the sources ---------------------------------------------- */

/* What earlier builds left is none of the sources. */
static int is_result(const char *rel)
{
	return !strcmp(rel, "build") || !strncmp(rel, "build/", 6);
}

static int copy_file(
	const char *path, const char *to, const struct stat *st, struct err *e)
{
	_close_ int from = open(path, O_RDONLY | O_CLOEXEC);
	_close_ int fd = -1;

	if (from < 0)
		return err_errno(e, "open %s", path);
	fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		st->st_mode & 0777);
	/* Not less than it had: the umask of the copy is none of its modes. */
	if (fd < 0 || fchmod(fd, st->st_mode & 0777) < 0)
		return err_errno(e, "create %s", to);
	return file_copy_range(from, 0, fd, 0, UINT64_MAX, e);
}

static int copy_link(
	const char *path, const char *to, const struct stat *st, struct err *e)
{
	size_t size = (size_t)st->st_size;
	_free_ char *target = xmalloc(size + 1);
	ssize_t n = readlink(path, target, size + 1);

	if (n < 0 || (size_t)n > size)
		return err_errno(e, "read the link %s", path);
	target[n] = '\0';
	return symlink(target, to) < 0 ? err_errno(e, "create %s", to) : 0;
}

static int copy_one(const char *path, const char *rel, const struct stat *st,
	void *arg, struct err *e)
{
	_free_ char *to = path_join(arg, rel);

	if (is_result(rel))
		return 0;
	if (S_ISREG(st->st_mode))
		return copy_file(path, to, st, e);
	if (S_ISLNK(st->st_mode))
		return copy_link(path, to, st, e);
	if (S_ISDIR(st->st_mode) && *rel && mkdir(to, 0755) < 0)
		return err_errno(e, "mkdir %s", to);
	return 0;
}

/* --- the second build -------------------------------------------------------
 */

/* The manifest in the copy. */
static char *second_manifest(const char *tmp, const struct app *a)
{
	struct stat st;
	int is_dir = stat(a->path, &st) == 0 && S_ISDIR(st.st_mode);

	return xasprintf("%s/sources/%s", tmp,
		is_dir ? "slipway.json" : path_base(a->path));
}

static char *second_path(const char *tmp, const struct build *b,
	const struct output *o, size_t i)
{
	_free_ char *first = build_output_path(b, o);

	return xasprintf("%s/%zu/%s", tmp, i + 1, path_base(first));
}

static int build_again(const struct build *b, size_t ntargets,
	const struct output *outputs, size_t n, const struct strv *tags,
	const char *tmp, struct err *e)
{
	_free_ char *cache = xasprintf("SLIPWAY_CACHE=%s/cache", tmp);
	char *env[] = {cache, (char[]){"TZ=Pacific/Kiritimati"}, NULL};
	_strv_ struct strv argv = {0};
	struct proc p;
	mode_t mask;
	int r;

	strv_add(&argv, "/proc/self/exe");
	strv_add(&argv, "build");
	strv_add(&argv, "--quiet");
	strv_add(&argv, "--jobs");
	strv_add(&argv, b->jobs > 1 ? "1" : "2");
	for (size_t i = 0; i < ntargets; i++) {
		strv_add(&argv, "--target");
		strv_add(&argv, b[i].target->name);
	}
	for (size_t i = 0; i < tags->n; i++) {
		strv_add(&argv, "--tag");
		strv_add(&argv, tags->v[i]);
	}
	for (size_t i = 0; i < n; i++) {
		const struct output *o = &outputs[i];
		_free_ char *to = second_path(tmp, b, o, i);
		_free_ char *dir = path_dir(to);

		r = file_mkdirs(dir, e);
		if (r < 0)
			return r;
		strv_add(&argv, "--output");
		strv_take(&argv, output_spec(o, to));
	}
	strv_take(&argv, second_manifest(tmp, b->app));
	p = (struct proc)PROC_INIT(argv.v);
	p.env = env;
	mask = umask(077);
	r = proc_check(&p, e);
	umask(mask);
	return r;
}

/* --- comparison -------------------------------------------------------------
 */

struct sum {
	struct digest digest;
	int modes; /* count, too */
};

static int add_one(const char *path, const char *rel, const struct stat *st,
	void *arg, struct err *e)
{
	struct sum *sum = arg;
	struct digest *d = &sum->digest;
	_free_ char *mode = xasprintf("%o",
		(unsigned)st->st_mode & (sum->modes ? ~0u : (unsigned)S_IFMT));
	struct digest_hex hex;
	char link[4096];
	ssize_t n;

	/* Of the folder itself nothing comes into an image. */
	if (!*rel)
		return 0;
	digest_add_str(d, rel);
	digest_add_str(d, mode);
	if (S_ISREG(st->st_mode)) {
		if (digest_file(path, &hex, e) < 0)
			return e->code;
		digest_add_str(d, hex.s);
	} else if (S_ISLNK(st->st_mode)) {
		n = readlink(path, link, sizeof(link));
		if (n < 0)
			return err_errno(e, "read the link %s", path);
		digest_add(d, link, (size_t)n);
	}
	return 0;
}

/* Of a file, or of a folder and all that is in it. An OCI layout's modes are
 * as the user's umask wants them, those of an image's files belong to it. */
static int digest_of(const char *path, enum output_type type,
	struct digest_hex *out, struct err *e)
{
	struct sum sum = {.modes = type == OUTPUT_ROOTFS};
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(e, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return digest_file(path, out, e);
	digest_init(&sum.digest);
	if (file_walk(path, add_one, &sum, e) < 0)
		return e->code;
	*out = digest_end(&sum.digest);
	return 0;
}

/* 1 if an output is not the same. */
static int compare(const struct build *b, const struct output *outputs,
	size_t n, const char *tmp, struct err *e)
{
	int differs = 0;

	for (size_t i = 0; i < n; i++) {
		_free_ char *first = build_output_path(b, &outputs[i]);
		_free_ char *second = second_path(tmp, b, &outputs[i], i);
		struct digest_hex in_first, in_second;

		if (digest_of(first, outputs[i].type, &in_first, e) < 0 ||
			digest_of(second, outputs[i].type, &in_second, e) < 0)
			return e->code;
		if (!strcmp(in_first.s, in_second.s))
			continue;
		differs = 1;
		ui_error("%s is not the same the second time; what differs: "
			 "slipway inspect %s %s",
			first, first, second);
	}
	return differs;
}

int verify_build(const struct build *b, size_t ntargets,
	const struct output *outputs, size_t noutputs, const struct strv *tags)
{
	struct err e = {0};
	_free_ char *tmp = file_temp_dir("slipway-verify", &e);
	_free_ char *sources = tmp ? path_join(tmp, "sources") : NULL;
	int r;

	if (!tmp)
		return ui_fail(&e);
	log_add(LOG_STEP, "verify");
	r = file_mkdirs(sources, &e);
	if (r == 0)
		r = file_walk(b->app->dir, copy_one, sources, &e);
	if (r == 0)
		r = build_again(b, ntargets, outputs, noutputs, tags, tmp, &e);
	if (r == 0)
		r = compare(b, outputs, noutputs, tmp, &e);
	if (r < 0) {
		err_wrap(&e, "verify");
		ui_fail(&e);
	}
	/* What differs is kept, to be looked into. */
	if (r <= 0 && file_remove_tree(tmp, &e) < 0)
		return ui_fail(&e);
	return r ? EXIT_FAILED : EXIT_OK;
}
