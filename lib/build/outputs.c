/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a build leaves: root filesystem, disk, vm.json, image. */
#include "build/build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build/bill.h"
#include "build/engines.h"
#include "build/seed.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/sweep.h"
#include "disk/convert.h"
#include "disk/disk.h"
#include "disk/rootfs.h"
#include "image/image.h"
#include "image/vmm.h"
#include "sbom/dpkg.h"
#include "toolchain/elf.h"
#include "toolchain/explain.h"
#include "toolchain/symbols.h"
#include "vm/config.h"

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

static void key_begin(const struct build *b, struct digest *key)
{
	_free_ char *stamp = path_join(b->target_dir, "stamp");

	digest_init(key);
	state_key_file(key, stamp);
	digest_add(key, &b->epoch, sizeof(b->epoch));
}

static int key_files(const struct build *b, struct digest *key, struct err *e)
{
	for (size_t i = 0; i < b->app->nfiles; i++) {
		const struct app_file *f = &b->app->files[i];
		int r = f->from ? state_key_tree(key, f->from, e) : 0;

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

int build_rootfs(struct build *b, struct err *e)
{
	struct digest_hex hex;
	struct digest key;
	int r;

	if (!b->app->nfiles)
		return 0;
	key_begin(b, &key);
	r = key_files(b, &key, e);
	hex = digest_end(&key);
	if (r < 0 || state_fresh(&b->state, "rootfs", &hex, b->rootfs))
		return r;
	log_add(LOG_STEP, "root filesystem");
	r = rootfs_write(b->app->files, b->app->nfiles, b->epoch, b->rootfs, e);
	return r < 0 ? r : state_done(&b->state, "rootfs", &hex, b->rootfs, e);
}

int build_disk(struct build *b, struct err *e)
{
	_free_ char *boot = path_join(b->data_dir, "boot");
	_free_ char *boot_dir = path_join(boot, b->target->arch);
	struct disk_spec spec = {
		.kernel = b->kernel,
		.rootfs = b->app->nfiles ? b->rootfs : NULL,
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

static void copy_list(struct strv *to, const struct strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		strv_add(to, from->v[i]);
}

static void copy_ports(struct strv *to, const struct app *a)
{
	for (size_t i = 0; i < a->nports; i++)
		strv_addf(to, "%u/%s", a->ports[i].port,
			a->ports[i].udp ? "udp" : "tcp");
}

/*
 * A machine without a card starts faster, so it has one only if the link took
 * keel's network in. It did unless its unstripped copy shows otherwise.
 */
static int needs_network(const struct build *b)
{
	_free_ char *path = path_join(b->dir, "kernel.debug");
	_elf_ struct elf f = {0};
	struct err ignored;
	uint64_t at;

	if (strcmp(b->target->base, "keel") != 0 ||
		elf_open(&f, path, &ignored) < 0)
		return 1;
	return symbols_value(&f, "keel_net_init", &at) == 0 && at != 0;
}

/* What to start, with the kernel and the disk at these places. */
static void fill_config(const struct build *b, struct vm_config *c,
	const char *kernel, const char *disk)
{
	const struct app *a = b->app;

	vm_config_init(c);
	free(c->machine);
	free(c->workdir);
	free(c->stop_signal);
	c->name = xstrdup(a->name);
	c->machine = xstrdup(b->target->machine);
	c->memory = a->memory;
	c->cpus = a->cpus;
	c->network = (unsigned)needs_network(b);
	copy_list(&c->args, &a->args);
	copy_list(&c->env, &a->env);
	c->workdir = xstrdup(a->workdir);
	c->hostname = a->hostname ? xstrdup(a->hostname) : NULL;
	copy_ports(&c->ports, a);
	copy_list(&c->volumes, &a->volumes);
	c->stop_signal = xstrdup(a->stop_signal);
	c->stop_timeout_s = a->stop_timeout_s;
	c->drain_ms = (unsigned)(a->drain_ns / 1000000);
	c->kernel = xstrdup(kernel);
	c->disk = a->nfiles ? xstrdup(disk) : NULL;
}

int build_config(struct build *b, struct err *e)
{
	_vm_config_ struct vm_config c = {0};
	_buf_ struct buf text = {0}, old = {0};
	struct err ignored = {0};

	fill_config(b, &c, "kernel", "disk.img");
	vm_config_write(&c, &text);
	if (file_read(b->config, SIZE_MAX, &old, &ignored) == 0 &&
		old.len == text.len && !memcmp(old.data, text.data, text.len))
		return 0;
	return file_put(b->config, text.data, text.len, 0644, e);
}

/* A file of the launcher's; caller frees. */
static char *launch_file(const struct build *b, const char *name)
{
	return xasprintf("%s/launch/%s/%s", b->data_dir, b->target->arch, name);
}

/* The same for all applications: compressed once, kept, shared. */
static void launch_layer(const struct build *b, struct image_layer *l)
{
	_free_ char *launch = launch_file(b, "launch");
	_free_ char *listen = launch_file(b, "listen.so");

	l->keep = 1;
	image_add_file(l, "slipway/launch", launch, 0755, 0, 0);
	image_add_file(l, "slipway/listen.so", listen, 0644, 0, 0);
	/* All of launch's arguments are the program's: a second name. */
	image_add_link(l, "slipway/health", "launch");
}

/* The application's layer: the launcher's orders, kernel and disk. */
static int app_layer(const struct build *b, enum output_runner runner,
	struct image_layer *l, struct err *e)
{
	_free_ char *explain = path_join(b->dir, EXPLAIN_FILE);
	_vm_config_ struct vm_config c = {0};
	_buf_ struct buf text = {0};
	int r;

	fill_config(b, &c, "/" ENGINES_KERNEL, "/" ENGINES_DISK);
	if (runner == OUTPUT_RUNNER_QEMU) {
		free(c.qemu);
		c.qemu = vmm_path(b->target->qemu, e);
		if (!c.qemu)
			return e->code;
	}
	vm_config_write(&c, &text);
	/* Only for slipway inspect; nothing that runs reads it. */
	if (!strcmp(b->target->base, "keel"))
		image_add_file(l, "slipway/" EXPLAIN_FILE, explain, 0644, 0, 0);
	image_add_data(l, "slipway/vm.json", text.data, text.len, 0644, 0, 0);
	r = engines_add_files(b, l, e);
	return r < 0 ? r : seed_volumes(b->app, l, e);
}

static void write_spdx(
	const struct digest_hex *image, const void *arg, struct buf *out)
{
	const struct bill *bill = arg;

	(void)image;
	buf_add(out, bill->spdx.data, bill->spdx.len);
}

static void write_provenance(
	const struct digest_hex *image, const void *arg, struct buf *out)
{
	const struct bill *bill = arg;

	provenance_write(&bill->provenance, image, out);
}

/* What the layers were made from: into the last of them, and beside the
 * image where the output has a place for that. */
static int add_bill(const struct build *b, const struct output *o,
	struct image_spec *s, struct bill *bill, struct err *e)
{
	static const char spdx[] = "application/spdx+json";
	struct image_layer *app = s->layers[s->nlayers - 1];
	_buf_ struct buf text = {0};
	int r = bill_make(bill, b, s->layers, s->nlayers, e);

	if (r < 0)
		return r;
	provenance_write(&bill->provenance, NULL, &text);
	image_add_data(
		app, BILL_SBOM, bill->spdx.data, bill->spdx.len, 0644, 0, 0);
	image_add_data(app, BILL_PROVENANCE, text.data, text.len, 0644, 0, 0);
	if (o->type != OUTPUT_OCI)
		return 0;
	bill->referrers[0] =
		(struct image_referrer){spdx, NULL, write_spdx, bill};
	bill->referrers[1] = (struct image_referrer){
		PROVENANCE_TYPE, PROVENANCE_PREDICATE, write_provenance, bill};
	s->referrers = bill->referrers;
	s->nreferrers = 2;
	return 0;
}

static int write_image(const struct build *b, const struct output *o,
	const struct strv *tags, const char *path, struct err *e)
{
	const struct app *a = b->app;
	_layer_ struct image_layer vmm = {.comment = "virtual machine monitor"};
	_layer_ struct image_layer launch = {.comment = "launcher"};
	_layer_ struct image_layer app = {.comment = a->name};
	struct image_layer *layers[] = {&vmm, &launch, &app};
	int alone = o->runner == OUTPUT_RUNNER_NONE;
	_strv_ struct strv entry = {0}, ports = {0}, check = {0}, labels = {0};
	struct image_health health;
	_bill_ struct bill bill = {0};
	struct image_spec spec = {
		.oci_arch = b->target->oci_arch,
		.tags = tags->n ? *tags : a->tags,
		.cmd = a->args,
		.env = a->env,
		.workdir = a->workdir,
		.volumes = a->volumes,
		.stop_signal = a->stop_signal,
		.epoch = b->epoch,
		.compression = o->compression,
		.level = o->level,
		.threads = b->jobs,
		.layers = alone ? layers + 2 : layers,
		.nlayers = alone ? 1 : 3,
	};
	size_t n = strlen(path);
	int r = alone ? 0 : vmm_add(&vmm, b->target->qemu, e);

	if (r == 0)
		r = app_layer(b, o->runner, &app, e);
	if (r < 0)
		return r;
	launch_layer(b, &launch);
	/* An engine that starts the kernel gives it the whole command. */
	strv_add(&entry, alone ? a->name : "/slipway/launch");
	copy_ports(&ports, a);
	engines_add_labels(b, &labels);
	spec.entrypoint = entry;
	spec.ports = ports;
	spec.labels = labels;
	if (a->health && !alone) {
		strv_add(&check, "/slipway/health");
		copy_list(&check, &a->health->test);
		health = (struct image_health){
			.command = check,
			.interval_ns = a->health->interval_ns,
			.timeout_ns = a->health->timeout_ns,
			.start_period_ns = a->health->start_period_ns,
			.retries = a->health->retries,
		};
		spec.health = &health;
	}
	r = add_bill(b, o, &spec, &bill, e);
	if (r < 0)
		return r;
	if (o->type == OUTPUT_ROOTFS)
		return image_write_rootfs(&spec, path, e);
	if (o->type == OUTPUT_OCI &&
		(n < 4 || strcmp(path + n - 4, ".tar") != 0))
		return image_write_layout(&spec, path, NULL, e);
	return image_write_tar(&spec, path, NULL, e);
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
		return xasprintf("%s.tar.gz", b->dir);
	return xasprintf("%s%s%s", b->dir, suffix,
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
static struct digest_hex output_key(
	const struct build *b, const struct output *o, const struct strv *tags)
{
	const struct strv *lists[] = {tags, &b->app->tags, &b->app->labels};
	_free_ char *explain = path_join(b->dir, EXPLAIN_FILE);
	_free_ char *launch = launch_file(b, "launch");
	_free_ char *listen = launch_file(b, "listen.so");
	_free_ char *qemu = NULL, *status = NULL;
	struct err ignored = {0};
	struct digest key;

	key_begin(b, &key);
	state_key_file(&key, b->kernel);
	state_key_file(&key, b->disk);
	state_key_file(&key, b->config);
	state_key_file(&key, explain);
	state_key_file(&key, launch);
	state_key_file(&key, listen);
	digest_add(&key, &o->type, sizeof(o->type));
	digest_add(&key, &o->compression, sizeof(o->compression));
	digest_add(&key, &o->level, sizeof(o->level));
	digest_add(&key, &o->runner, sizeof(o->runner));
	digest_add_str(&key, o->format ? o->format : "");
	digest_add(&key, &o->size, sizeof(o->size));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		for (size_t k = 0; k < lists[i]->n; k++)
			digest_add_str(&key, lists[i]->v[k]);
		digest_add_str(&key, "\n");
	}
	key_health(&key, b->app->health);
	qemu = vmm_path(b->target->qemu, &ignored);
	state_key_file(&key, qemu ? qemu : "");
	state_key_file(&key, "/etc/ld.so.cache");
	status = dpkg_status_path();
	state_key_file(&key, status);
	return digest_end(&key);
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

int build_output(struct build *b, const struct output *o,
	const struct strv *tags, struct err *e)
{
	_free_ char *path = build_output_path(b, o);
	_free_ char *step = xasprintf("output:%s", path);
	struct digest_hex key;
	int r = check_dest(b, path, e);

	if (r == 0)
		r = o->type == OUTPUT_KERNEL ? build_kernel(b, e)
					     : build_disk(b, e);
	if (r == 0)
		r = build_config(b, e);
	if (r < 0)
		return r;
	key = output_key(b, o, tags);
	if (state_fresh(&b->state, step, &key, path))
		return 0;
	log_add(LOG_STEP, "write %s", path);
	sweep_beside(path);
	switch (o->type) {
	case OUTPUT_KERNEL:
		r = copy_file(b->kernel, path, e);
		break;
	case OUTPUT_DISK:
		r = disk_convert(b->disk, o->format ? o->format : "raw",
			o->size, path, e);
		break;
	case OUTPUT_DOCKER:
	case OUTPUT_OCI:
	case OUTPUT_ROOTFS:
		r = write_image(b, o, tags, path, e);
		break;
	}
	return r < 0 ? r : state_done(&b->state, step, &key, path, e);
}
