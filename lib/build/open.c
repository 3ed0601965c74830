/* SPDX-License-Identifier: Apache-2.0 */
/* A build's beginning and end: manifest, target, folder, lock. */
#include "build/build.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "build/imageroot.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/sweep.h"

/* SOURCE_DATE_EPOCH: decimal seconds, nothing else; 0 when unset. */
static int read_epoch(uint64_t *epoch, struct err *e)
{
	const char *s = getenv("SOURCE_DATE_EPOCH");
	unsigned long long v;

	*epoch = 0;
	if (!s)
		return 0;
	errno = 0;
	v = strspn(s, "0123456789") == strlen(s) ? strtoull(s, NULL, 10) : 0;
	if (!*s || strspn(s, "0123456789") != strlen(s) || errno ||
		v > INT64_MAX)
		return err_set(e, -EINVAL,
			"SOURCE_DATE_EPOCH: \"%s\" is not a number of seconds",
			s);
	*epoch = v;
	return 0;
}

/* A wrong SLIPWAY_LIB would else look like a wrong target. */
static int check_data_dir(const char *dir, struct err *e)
{
	_free_ char *targets = path_join(dir, "targets");
	const char *set = getenv("SLIPWAY_LIB");

	if (access(targets, R_OK | X_OK) == 0)
		return 0;
	err_errno(e, "open %s", targets);
	if (set && *set)
		return err_wrap(e, "SLIPWAY_LIB is not the lib/slipway of an "
				   "installation");
	return err_wrap(e, "Slipway is not installed completely");
}

/* A target's manifest alone does not make a base for its machine. */
static int check_base(const struct build *b, struct err *e)
{
	_free_ char *stamp = path_join(b->target_dir, "stamp");

	if (access(stamp, R_OK) == 0)
		return 0;
	return err_set(e, -EINVAL,
		"target %s cannot be built: this installation has no %s for "
		"%s machines (no %s)",
		b->target->name, b->target->base, b->target->arch, stamp);
}

static int lock_dir(struct build *b, struct err *e)
{
	_free_ char *path = path_join(b->dir, ".lock");
	_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_errno(e, "open %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		log_add(LOG_NOTE, "waiting for another build of %s", b->dir);
		while (flock(fd, LOCK_EX) < 0) {
			if (errno != EINTR)
				return err_errno(e, "lock %s", path);
		}
	}
	b->lock = steal_fd(fd);
	return 0;
}

/* What builds left that were killed outright, here and at the outputs of
 * this name; at another place it goes when the output is written again. */
static void sweep_all(const struct build *b)
{
	static const char *const suffixes[] = {".tar", ".oci", ".img", ".elf",
		".rootfs", ".qcow2", ".vmdk", ".vhdx", ".vpc", ".tar.gz", NULL};
	_free_ char *builds = path_dir(b->stem);
	_free_ char *objects = path_join(b->dir, "obj");

	for (size_t i = 0; suffixes[i]; i++) {
		_free_ char *prefix =
			xasprintf(".%s%s", b->app->name, suffixes[i]);

		sweep_dir(builds, prefix);
	}
	sweep_dir(b->dir, NULL);
	sweep_dir(objects, NULL);
}

static void set_paths(struct build *b)
{
	_free_ char *builds = path_join(b->app->dir, "build");
	_free_ char *sysroots = path_join(b->data_dir, "sysroot");

	b->stem = path_join(builds, b->app->name);
	b->dir = strcmp(b->target->name, b->app->targets.v[0]) != 0
			 ? xasprintf("%s/targets/%s", b->stem, b->target->name)
			 : xstrdup(b->stem);
	b->target_dir = path_join(sysroots, b->target->name);
	/* A packaged source is built once for all with the same compilers; in a
	 * folder of the user's, commands may look at which it is. */
	b->tools =
		b->app->build && b->app->build->source && b->target->toolchain
			? b->target->toolchain
			: b->target->name;
	b->tools_dir = path_join(sysroots, b->tools);
	b->program = path_join(b->dir, "program");
	b->kernel = path_join(b->dir, "kernel");
	b->rootfs = path_join(b->dir, "rootfs.erofs");
	b->disk = path_join(b->dir, "disk.img");
	b->config = path_join(b->dir, "vm.json");
}

int build_open(struct build *b, const char *manifest, const char *target,
	struct diags *diags, struct err *e)
{
	_build_ struct build n = {.lock = -1};
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	_free_ char *state = NULL;
	int r;

	n.jobs = cpus > 0 ? (unsigned)cpus : 1;
	n.data_dir = file_data_dir(e);
	if (!n.data_dir)
		return e->code;
	r = check_data_dir(n.data_dir, e);
	if (r == 0)
		r = read_epoch(&n.epoch, e);
	if (r < 0)
		return r;
	n.app = app_read_for(manifest, target, diags);
	if (!n.app)
		return -EINVAL;
	n.target = app_target(n.app, n.data_dir, diags);
	if (!n.target)
		return -EINVAL;
	set_paths(&n);
	r = check_base(&n, e);
	if (r == 0)
		r = imageroot_open(&n, e);
	if (r == 0)
		r = file_mkdirs(n.dir, e);
	if (r == 0)
		r = lock_dir(&n, e);
	if (r < 0)
		return r;
	sweep_all(&n);
	state = path_join(n.dir, "state");
	state_open(&n.state, state);
	*b = n;
	n = (struct build){.lock = -1};
	return 0;
}

void build_close(struct build *b)
{
	app_free(b->app);
	oci_image_free(&b->image);
	target_free(b->target);
	free(b->data_dir);
	free(b->target_dir);
	free(b->tools_dir);
	free(b->stem);
	free(b->dir);
	free(b->program);
	free(b->kernel);
	free(b->rootfs);
	free(b->disk);
	free(b->config);
	state_close(&b->state);
	if (b->lock >= 0)
		close(b->lock);
	*b = (struct build){.lock = -1};
}

void build_close_targets(struct build *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		build_close(&v[i]);
	free(v);
}

static int has(const struct strv *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], s))
			return 1;
	return 0;
}

/* Those that were asked for, as the manifest has them: builds that lock
 * several folders do so in one order, and so do the images in an index. */
static int choose(const char *manifest, const struct strv *wanted,
	struct strv *out, struct diags *diags)
{
	struct app *a = app_read_for(manifest, NULL, diags);
	int r = a ? 0 : -EINVAL;

	for (size_t i = 0; a && i < a->targets.n; i++)
		if (!wanted || has(wanted, a->targets.v[i]))
			strv_add(out, a->targets.v[i]);
	/* What says that it is not one of them. */
	for (size_t i = 0; a && wanted && i < wanted->n; i++) {
		if (has(&a->targets, wanted->v[i]))
			continue;
		app_free(app_read_for(manifest, wanted->v[i], diags));
		r = -EINVAL;
	}
	app_free(a);
	return r;
}

int build_open_targets(struct build **v, size_t *n, const char *manifest,
	const struct strv *targets, struct diags *diags, struct err *e)
{
	_strv_ struct strv names = {0};
	struct build *list;
	size_t count = 1, i;
	int r = 0;

	if (targets && targets->n == 1)
		strv_add(&names, targets->v[0]);
	else if (!targets || targets->n)
		r = choose(manifest, targets, &names, diags);
	if (r < 0)
		return r;
	if (names.n)
		count = names.n;
	list = xcalloc(count, sizeof(*list));
	for (i = 0; i < count && r == 0; i++)
		r = build_open(&list[i], manifest, names.n ? names.v[i] : NULL,
			diags, e);
	if (r < 0) {
		build_close_targets(list, i - 1);
		return r;
	}
	*v = list;
	*n = count;
	return 0;
}
