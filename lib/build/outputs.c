/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a build leaves: root filesystem, disk, outputs. */
#include "build/build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/collect.h"
#include "build/pack.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/sweep.h"
#include "disk/convert.h"
#include "disk/disk.h"
#include "disk/rootfs.h"
#include "inspect/reasons.h"
#include "image/vmm.h"
#include "sbom/dpkg.h"
#include "toolchain/explain.h"

const char *const output_type_names[OUTPUT_TYPES] = {
	[OUTPUT_DOCKER] = "docker",
	[OUTPUT_OCI] = "oci",
	[OUTPUT_DISK] = "disk",
	[OUTPUT_KERNEL] = "kernel",
	[OUTPUT_ROOTFS] = "rootfs",
};

const char *const output_runner_names[OUTPUT_RUNNERS] = {
	[OUTPUT_RUNNER_QEMU] = "qemu",
	[OUTPUT_RUNNER_NONE] = "none",
};

static void key_base(const struct build *b, struct digest *key)
{
	_free_ char *stamp = path_join(b->target_dir, "stamp");

	state_key_file(key, stamp);
	digest_add(key, &b->epoch, sizeof(b->epoch));
}

static void key_begin(const struct build *b, struct digest *key)
{
	digest_init(key);
	key_base(b, key);
}

static int key_files(const struct build *b, struct digest *key, struct err *e)
{
	for (size_t i = 0; i < b->app->nfiles; i++) {
		const struct app_file *f = &b->app->files[i];
		int r;

		if (f->layer) /* the image's digest is in the key */
			continue;
		r = f->from ? state_key_tree(key, f->from, e) : 0;

		if (r < 0)
			return r;
		digest_add_str(key, f->to);
		digest_add_str(key, f->link ? f->link : "");
		digest_add(key, &f->dir, sizeof(f->dir));
		digest_add(key, &f->mode, sizeof(f->mode));
		digest_add(key, &f->uid, sizeof(f->uid));
		digest_add(key, &f->gid, sizeof(f->gid));
	}
	return 0;
}

/* For slipway inspect. */
static int write_reasons(const struct build *b, struct err *e)
{
	_free_ char *path = path_join(b->dir, REASONS_FILE);
	_buf_ struct buf text = {0};

	collect_reasons(b->app, &text);
	if (!text.len && unlink(path) < 0 && errno != ENOENT)
		return err_errno(e, "remove %s", path);
	return text.len ? file_put(path, text.data, text.len, 0644, e) : 0;
}

int build_rootfs(struct build *b, struct err *e)
{
	struct digest_hex hex;
	struct digest key;
	int r;

	if (!b->app->nfiles)
		return 0;
	key_begin(b, &key);
	digest_add_str(&key, b->image.digest ? b->image.digest : "");
	r = key_files(b, &key, e);
	hex = digest_end(&key);
	if (r < 0 || state_fresh(&b->state, "rootfs", &hex, b->rootfs))
		return r;
	log_add(LOG_STEP, "root filesystem");
	r = rootfs_write(b->app->files, b->app->nfiles, b->epoch, b->rootfs, e);
	if (r == 0)
		r = write_reasons(b, e);
	return r < 0 ? r : state_done(&b->state, "rootfs", &hex, b->rootfs, e);
}

int build_disk(struct build *b, struct err *e)
{
	_free_ char *boot = path_join(b->data_dir, "boot");
	_free_ char *boot_dir = path_join(boot, b->target->arch);
	struct disk_spec spec = {
		.kernel = b->kernel,
		.boot_dir = boot_dir,
		.epoch = b->epoch,
	};
	struct digest_hex hex;
	struct digest key;
	int r = build_kernel(b, e);

	if (r == 0)
		r = build_rootfs(b, e);
	if (r < 0)
		return r;
	/* Not before: the program may bring files of its own. */
	spec.rootfs = b->app->nfiles ? b->rootfs : NULL;
	key_begin(b, &key);
	state_key_file(&key, b->kernel);
	if (spec.rootfs)
		state_key_file(&key, spec.rootfs);
	hex = digest_end(&key);
	if (state_fresh(&b->state, "disk", &hex, b->disk))
		return 0;
	log_add(LOG_STEP, "disk");
	r = disk_write(&spec, b->disk, NULL, e);
	return r < 0 ? r : state_done(&b->state, "disk", &hex, b->disk, e);
}

static const char *type_suffix(const struct output *o)
{
	switch (o->type) {
	case OUTPUT_DOCKER:
		return ".tar";
	case OUTPUT_OCI:
		return ".oci";
	case OUTPUT_DISK:
		return !o->format || !strcmp(o->format, "raw") ? ".img" : ".";
	case OUTPUT_KERNEL:
		return ".elf";
	case OUTPUT_ROOTFS:
		return ".rootfs";
	}
	return "";
}

char *build_output_path(const struct build *b, const struct output *o)
{
	const char *suffix = type_suffix(o);

	if (o->dest)
		return xstrdup(o->dest);
	if (o->format && !strcmp(o->format, "gcp"))
		return xasprintf("%s.tar.gz", b->stem);
	return xasprintf("%s%s%s", b->stem, suffix,
		!strcmp(suffix, ".") ? o->format : "");
}

static void key_health(struct digest *key, const struct app_health *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->test.n; i++)
		digest_add_str(key, h->test.v[i]);
	digest_add(key, &h->interval_ns, sizeof(h->interval_ns));
	digest_add(key, &h->timeout_ns, sizeof(h->timeout_ns));
	digest_add(key, &h->start_period_ns, sizeof(h->start_period_ns));
	digest_add(key, &h->retries, sizeof(h->retries));
}

/* What decides the bytes of an output, beside the step's own files. */
static void key_output(struct digest *key, const struct build *b,
	const struct output *o, const struct strv *tags)
{
	const struct strv *lists[] = {tags, &b->app->tags, &b->app->labels};
	_free_ char *explain = path_join(b->dir, EXPLAIN_FILE);
	_free_ char *launch = pack_launch_file(b, "launch");
	_free_ char *listen = pack_launch_file(b, "listen.so");
	_free_ char *qemu = NULL, *status = NULL;
	struct err ignored = {0};

	key_base(b, key);
	state_key_file(key, b->kernel);
	state_key_file(key, b->disk);
	state_key_file(key, b->config);
	state_key_file(key, explain);
	state_key_file(key, launch);
	state_key_file(key, listen);
	digest_add(key, &o->type, sizeof(o->type));
	digest_add(key, &o->compression, sizeof(o->compression));
	digest_add(key, &o->level, sizeof(o->level));
	digest_add(key, &o->runner, sizeof(o->runner));
	digest_add_str(key, o->format ? o->format : "");
	digest_add(key, &o->size, sizeof(o->size));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		for (size_t k = 0; k < lists[i]->n; k++)
			digest_add_str(key, lists[i]->v[k]);
		digest_add_str(key, "\n");
	}
	key_health(key, b->app->health);
	qemu = vmm_path(b->target->qemu, &ignored);
	state_key_file(key, qemu ? qemu : "");
	state_key_file(key, "/etc/ld.so.cache");
	status = dpkg_status_path(NULL);
	state_key_file(key, status);
}

static int copy_file(const char *from, const char *to, struct err *e)
{
	_outfile_ struct outfile f = {.fd = -1};
	_buf_ struct buf data = {0};
	int r = file_read(from, SIZE_MAX, &data, e);

	if (r == 0)
		r = file_create(&f, to, 0644, e);
	if (r == 0)
		r = file_write_all(f.fd, data.data, data.len, e);
	return r < 0 ? r : file_commit(&f, e);
}

/* An output never takes the place of a device, a pipe or a source. */
static int check_dest(const struct build *b, const char *path, struct err *e)
{
	struct stat st, source;

	if (stat(path, &st) < 0)
		return 0;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return err_set(e, -EINVAL, "%s: not a regular file", path);
	for (size_t i = 0; i < b->app->sources.n; i++) {
		if (stat(b->app->sources.v[i], &source) == 0 &&
			source.st_dev == st.st_dev &&
			source.st_ino == st.st_ino)
			return err_set(e, -EINVAL,
				"%s is a source, not an output", path);
	}
	return 0;
}

/* Of one build: all that its output is written from. */
static int prepare(struct build *b, const struct output *o, struct err *e)
{
	int r = o->type == OUTPUT_KERNEL ? build_kernel(b, e)
					 : build_disk(b, e);

	return r < 0 ? r : build_config(b, e);
}

static int write_output(const struct build *b, size_t n, const struct output *o,
	const struct strv *tags, const char *path, struct err *e)
{
	switch (o->type) {
	case OUTPUT_KERNEL:
		return copy_file(b->kernel, path, e);
	case OUTPUT_DISK:
		return disk_convert(b->disk, o->format ? o->format : "raw",
			o->size, path, e);
	case OUTPUT_DOCKER:
	case OUTPUT_OCI:
	case OUTPUT_ROOTFS:
		break;
	}
	return pack_image(b, n, o, tags, path, e);
}

int build_output(struct build *b, size_t n, const struct output *o,
	const struct strv *tags, struct err *e)
{
	_free_ char *path = build_output_path(b, o);
	_free_ char *step = xasprintf("output:%s", path);
	struct digest_hex hex;
	struct digest key;
	int r = check_dest(b, path, e);

	if (n > 1 && o->type != OUTPUT_OCI)
		return err_set(e, -EINVAL,
			"%s: an output of type %s holds one target; several "
			"go into type=oci",
			path, output_type_names[o->type]);
	digest_init(&key);
	for (size_t i = 0; i < n && r == 0; i++) {
		r = prepare(&b[i], o, e);
		if (r == 0)
			key_output(&key, &b[i], o, tags);
		else if (n > 1)
			err_wrap(e, "target %s", b[i].target->name);
	}
	hex = digest_end(&key);
	if (r < 0 || state_fresh(&b->state, step, &hex, path))
		return r;
	log_add(LOG_STEP, "write %s", path);
	sweep_beside(path);
	r = write_output(b, n, o, tags, path, e);
	return r < 0 ? r : state_done(&b->state, step, &hex, path, e);
}
