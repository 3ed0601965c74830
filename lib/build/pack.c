/* SPDX-License-Identifier: Apache-2.0 */
/* The image of an application, or of its several targets: layers, config. */
#include "build/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build/bill.h"
#include "build/collect.h"
#include "build/engines.h"
#include "build/seed.h"
#include "core/file.h"
#include "core/mem.h"
#include "image/image.h"
#include "image/vmm.h"
#include "inspect/reasons.h"
#include "toolchain/explain.h"
#include "vm/config.h"

/* One target's image, and all that its description points to. */
struct made {
	struct image_layer vmm, launch, app;
	struct image_layer *layers[3];
	struct strv entry, ports, check, labels;
	struct image_health health;
	struct bill bill;
	struct image_spec spec;
};

static void made_free(struct made *m)
{
	image_layer_free(&m->vmm);
	image_layer_free(&m->launch);
	image_layer_free(&m->app);
	strv_free(&m->entry);
	strv_free(&m->ports);
	strv_free(&m->check);
	strv_free(&m->labels);
	bill_free(&m->bill);
}

char *pack_launch_file(const struct build *b, const char *name)
{
	return xasprintf("%s/launch/%s/%s", b->data_dir, b->target->arch, name);
}

/* The same for all applications: compressed once, kept, shared. */
static void launch_layer(const struct build *b, struct image_layer *l)
{
	_free_ char *launch = pack_launch_file(b, "launch");
	_free_ char *listen = pack_launch_file(b, "listen.so");

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
	_buf_ struct buf text = {0}, reasons = {0};
	int r;

	pack_config(b, &c, "/" ENGINES_KERNEL, "/" ENGINES_DISK);
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
	collect_reasons(b->app, &reasons);
	if (reasons.len)
		image_add_data(l, REASONS_IMAGE_PATH, reasons.data, reasons.len,
			0644, 0, 0);
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

/* The engine's question, answered by the launcher. */
static void make_check(const struct build *b, struct made *m)
{
	const struct app_health *h = b->app->health;

	app_health_command(h, &m->check);
	m->health = (struct image_health){
		.command = m->check,
		.interval_ns = h->interval_ns,
		.timeout_ns = h->timeout_ns,
		.start_period_ns = h->start_period_ns,
		.retries = h->retries,
	};
	m->spec.health = &m->health;
}

static void make_spec(const struct build *b, const struct output *o,
	const struct strv *tags, struct made *m)
{
	const struct app *a = b->app;
	int alone = o->runner == OUTPUT_RUNNER_NONE;

	m->vmm.comment = "virtual machine monitor";
	m->launch.comment = "launcher";
	m->app.comment = a->name;
	m->layers[0] = &m->vmm;
	m->layers[1] = &m->launch;
	m->layers[2] = &m->app;
	/* An engine that starts the kernel gives it the whole command. */
	strv_add(&m->entry, alone ? a->name : "/slipway/launch");
	pack_ports(&m->ports, a);
	engines_add_labels(b, &m->labels);
	m->spec = (struct image_spec){
		.target = b->target->name,
		.oci_arch = b->target->oci_arch,
		.oci_variant = b->target->oci_variant,
		.tags = tags->n ? *tags : a->tags,
		.entrypoint = m->entry,
		.cmd = a->args,
		.env = a->env,
		.workdir = a->workdir,
		.ports = m->ports,
		.volumes = a->volumes,
		.labels = m->labels,
		.stop_signal = a->stop_signal,
		.epoch = b->epoch,
		.compression = o->compression,
		.level = o->level,
		.threads = b->jobs,
		.layers = alone ? m->layers + 2 : m->layers,
		.nlayers = alone ? 1 : 3,
	};
	if (a->health && !alone)
		make_check(b, m);
}

static int make(const struct build *b, const struct output *o,
	const struct strv *tags, struct made *m, struct err *e)
{
	int alone = o->runner == OUTPUT_RUNNER_NONE;
	int r;

	make_spec(b, o, tags, m);
	r = alone ? 0 : vmm_add(&m->vmm, b->target->qemu, e);
	if (r == 0)
		r = app_layer(b, o->runner, &m->app, e);
	if (r < 0)
		return r;
	launch_layer(b, &m->launch);
	return add_bill(b, o, &m->spec, &m->bill, e);
}

static int write_one(const struct output *o, const struct image_spec *s,
	const char *path, struct err *e)
{
	size_t n = strlen(path);

	if (o->type == OUTPUT_ROOTFS)
		return image_write_rootfs(s, path, e);
	if (o->type == OUTPUT_OCI &&
		(n < 4 || strcmp(path + n - 4, ".tar") != 0))
		return image_write_layout(s, path, NULL, e);
	return image_write_tar(s, path, NULL, e);
}

int pack_image(const struct build *b, size_t n, const struct output *o,
	const struct strv *tags, const char *path, struct err *e)
{
	_free_ struct made *v = xcalloc(n, sizeof(*v));
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		r = make(&b[i], o, tags, &v[i], e);
		if (i)
			v[i - 1].spec.next = &v[i].spec;
	}
	if (r == 0)
		r = write_one(o, &v[0].spec, path, e);
	for (size_t i = 0; i < n; i++)
		made_free(&v[i]);
	return r;
}
