/* SPDX-License-Identifier: Apache-2.0 */
/* What an image was made from: its files, the disk's, the build's inputs. */
#include "build/bill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build/collect.h"
#include "build/memo.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/proc.h"
#include "core/version.h"
#include "disk/rootfs.h"

#define DISK_FILE   "disk/disk.img"
#define KERNEL_FILE ".boot/kernel"

void bill_free(struct bill *b)
{
	free(b->scratch);
	sbom_free(&b->sbom);
	provenance_free(&b->provenance);
	buf_free(&b->spdx);
	*b = (struct bill){0};
}

const char *bill_name(const struct build *b, const char *path)
{
	size_t n = strlen(b->app->dir);

	if (!strncmp(path, b->app->dir, n) && path[n] == '/')
		return path + n + 1;
	return path_base(path);
}

int bill_relate_owners(struct bill *b, const struct strv *paths,
	const sbom_ref *refs, const char *type, struct err *e)
{
	_strv_ struct strv lines = {0};
	int r = memo_owners(NULL, paths, b->scratch, &lines, e);

	for (size_t i = 0; i < lines.n && r == 0; i++) {
		sbom_ref deb;

		if (sbom_add_deb(&b->sbom, lines.v[i], &deb) == 0)
			sbom_relate(&b->sbom, refs[i], type, deb);
	}
	return r;
}

/* What files are, by their names: none is opened for it. */
static const char *file_type(const char *path, unsigned mode)
{
	const char *base = path_base(path);
	size_t n = strlen(base);

	if (n > 5 && !strcmp(base + n - 5, ".json"))
		return "TEXT";
	return mode & 0111 || strstr(base, ".so") ? "BINARY" : "OTHER";
}

/* --- the image --------------------------------------------------------------
 */

/* What the bill does not list as a file of the image: folders and links have
 * no contents, the disk is a package with contents of its own. */
static int is_listed(const struct image_entry *f)
{
	return !f->dir && !f->link && strcmp(f->path, DISK_FILE) != 0;
}

static sbom_ref add_image_file(struct bill *b, const struct image_entry *f,
	const struct sbom_sums *sums)
{
	_free_ char *name = xasprintf("./%s", f->path);

	return sbom_add_file(
		&b->sbom, b->image, name, file_type(f->path, f->mode), sums);
}

/* A file of ours, or of the distribution; the application's kernel. */
static void relate_file(struct bill *b, const struct image_entry *f,
	sbom_ref file, struct strv *foreign, sbom_ref *refs)
{
	_free_ char *ours = path_join(b->build->data_dir, "launch/");

	if (!strcmp(f->path, KERNEL_FILE)) {
		sbom_relate(&b->sbom, file, "GENERATED_FROM", b->app);
	} else if (f->source && !strncmp(f->source, ours, strlen(ours))) {
		sbom_relate(&b->sbom, file, "GENERATED_FROM", b->slipway);
	} else if (f->source && f->source[0] == '/' &&
		   !strcmp(f->source + 1, f->path)) {
		refs[foreign->n] = file;
		strv_add(foreign, f->source);
	}
}

static int add_layer(struct bill *b, const struct image_layer *l, struct err *e)
{
	_free_ struct sbom_sums *sums = xcalloc(l->n + 1, sizeof(*sums));
	_free_ sbom_ref *refs = xcalloc(l->n + 1, sizeof(*refs));
	_strv_ struct strv paths = {0}, foreign = {0};
	struct sbom_sums own;
	size_t k = 0;
	int r;

	for (size_t i = 0; i < l->n; i++)
		if (is_listed(&l->v[i]) && l->v[i].source)
			strv_add(&paths, l->v[i].source);
	r = memo_sums(&paths, b->scratch, sums, e);
	for (size_t i = 0; i < l->n && r == 0; i++) {
		const struct image_entry *f = &l->v[i];
		sbom_ref file;

		if (!is_listed(f))
			continue;
		if (!f->source)
			sbom_sum_bytes(f->data ? f->data : "", f->len, &own);
		file = add_image_file(b, f, f->source ? &sums[k++] : &own);
		relate_file(b, f, file, &foreign, refs);
		if (!strcmp(f->path, KERNEL_FILE))
			provenance_add_subject(
				&b->provenance, "kernel", sums[k - 1].sha256);
	}
	if (r == 0)
		r = bill_relate_owners(
			b, &foreign, refs, "EXPANDED_FROM_ARCHIVE", e);
	return r;
}

/* --- the disk ---------------------------------------------------------------
 */

struct guest {
	struct strv names, paths;
};

static int add_guest_file(
	const char *path, const char *from, void *arg, struct err *e)
{
	struct guest *g = arg;

	(void)e;
	strv_addf(&g->names, ".%s", path);
	strv_add(&g->paths, from);
	return 0;
}

static int add_guest_files(
	struct bill *b, const struct guest *g, sbom_ref rootfs, struct err *e)
{
	_free_ struct sbom_sums *sums = xcalloc(g->paths.n + 1, sizeof(*sums));
	_free_ sbom_ref *refs = xcalloc(g->paths.n + 1, sizeof(*refs));
	_free_ sbom_ref *taken = xcalloc(g->paths.n + 1, sizeof(*taken));
	_strv_ struct strv foreign = {0}, collected = {0};
	_free_ char *root = collect_root(b->build);
	size_t len = strlen(b->build->app->dir);
	int r = memo_sums(&g->paths, b->scratch, sums, e);

	for (size_t i = 0; i < g->paths.n && r == 0; i++) {
		const char *from = g->paths.v[i];
		sbom_ref file = sbom_add_file(&b->sbom, rootfs, g->names.v[i],
			file_type(g->names.v[i], 0), &sums[i]);
		int own = !strncmp(from, b->build->app->dir, len) &&
			  from[len] == '/';
		const char *inside = collect_inside(b->build, root, from, own);

		if (inside) {
			taken[collected.n] = file;
			strv_add(&collected, inside);
		}
		if (inside || own)
			continue;
		refs[foreign.n] = file;
		strv_add(&foreign, from);
	}
	if (r == 0 && collected.n)
		r = bill_relate_collected(b, &collected, taken, e);
	if (r == 0 && foreign.n)
		r = bill_relate_owners(
			b, &foreign, refs, "EXPANDED_FROM_ARCHIVE", e);
	return r;
}

/* Without the files of an image: that is a package of its own. */
static int each_own_file(
	const struct app *a, rootfs_file_fn *fn, void *arg, struct err *e)
{
	_free_ struct app_file *own = xcalloc(a->nfiles, sizeof(*own));
	size_t n = 0;

	for (size_t i = 0; i < a->nfiles; i++)
		if (!a->files[i].layer)
			own[n++] = a->files[i];
	return rootfs_each(own, n, fn, arg, e);
}

static int add_disk(struct bill *b, struct err *e)
{
	const struct app *a = b->build->app;
	struct sbom_package *p;
	struct guest g = {0};
	sbom_ref disk, rootfs;
	int r = 0;

	p = sbom_add_package(&b->sbom, "Disk", "disk.img", &disk);
	p->purpose = xstrdup("FILE");
	p->comment = xstrdup("./" DISK_FILE " of the image: the kernel with "
			     "Slipway's boot loaders, and the root filesystem "
			     "if there is one.");
	sbom_relate(&b->sbom, b->image, "CONTAINS", disk);
	sbom_relate(&b->sbom, disk, "CONTAINS", b->app);
	sbom_relate(&b->sbom, disk, "CONTAINS", b->slipway);
	if (!a->nfiles)
		return 0;
	p = sbom_add_package(
		&b->sbom, "RootFilesystem", "root filesystem", &rootfs);
	p->purpose = xstrdup("ARCHIVE");
	sbom_relate(&b->sbom, disk, "CONTAINS", rootfs);
	r = each_own_file(a, add_guest_file, &g, e);
	if (r == 0)
		r = add_guest_files(b, &g, rootfs, e);
	if (r == 0)
		r = bill_add_rootimage(b, rootfs, e);
	strv_free(&g.names);
	strv_free(&g.paths);
	return r;
}

/* --- the whole --------------------------------------------------------------
 */

static char *label(const struct app *a, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < a->labels.n; i++)
		if (!strncmp(a->labels.v[i], key, n) &&
			a->labels.v[i][n] == '=')
			return xstrdup(a->labels.v[i] + n + 1);
	return NULL;
}

static void add_roots(struct bill *b)
{
	const struct app *a = b->build->app;
	char *license = label(a, "org.opencontainers.image.licenses");
	struct sbom_package *p;

	b->sbom.name = xstrdup(a->name);
	b->sbom.epoch = b->build->epoch;
	p = sbom_add_package(&b->sbom, "Image", a->name, &b->image);
	p->purpose = xstrdup("CONTAINER");
	p->version = label(a, "org.opencontainers.image.version");
	p->comment = xstrdup("Its files are those of the image without the "
			     "disk, this document and the provenance.");
	p = sbom_add_package(&b->sbom, "Application", a->name, &b->app);
	p->purpose = xstrdup("APPLICATION");
	p->version = label(a, "org.opencontainers.image.version");
	if (license && license_is_known(license))
		p->license = steal_ptr(license);
	else if (license)
		p->comment = xasprintf(
			"The manifest says of the licence: %s", license);
	free(license);
	p = sbom_add_package(&b->sbom, "Slipway", "slipway", &b->slipway);
	p->purpose = xstrdup("LIBRARY");
	p->version = xstrdup(SLIPWAY_VERSION);
	p->license = xstrdup("Apache-2.0");
	p->comment = xasprintf("The base %s that the application is linked "
			       "onto, the boot loaders and the launcher.",
		b->build->target->name);
	sbom_relate(&b->sbom, SBOM_DOCUMENT, "DESCRIBES", b->image);
}

/* The packages of the launcher's libraries, listed when it was built. */
static void add_launcher_parts(struct bill *b)
{
	_free_ char *path = xasprintf("%s/launch/%s/linked", b->build->data_dir,
		b->build->target->arch);
	_buf_ struct buf text = {0};
	struct err ignored;
	char *save, *line;

	if (file_read(path, 65536, &text, &ignored) < 0 || !text.data)
		return;
	for (line = strtok_r(text.data, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save)) {
		sbom_ref deb;

		if (sbom_add_deb(&b->sbom, line, &deb) == 0)
			sbom_relate(&b->sbom, b->slipway, "STATIC_LINK", deb);
	}
}

/* The programs of the machine that do the work. */
static int add_tools(struct bill *b, struct err *e)
{
	static const char *const tools[] = {"gcc", "ld"};
	_strv_ struct strv paths = {0}, lines = {0};
	int r;

	for (size_t i = 0; i < 2; i++) {
		_free_ char *name =
			xasprintf("%s-%s", b->build->target->triplet, tools[i]);
		_free_ char *path = proc_which(name);
		_free_ char *real = path ? realpath(path, NULL) : NULL;

		if (real)
			strv_add(&paths, real);
	}
	if (b->build->app->nfiles) {
		_free_ char *path = proc_which("mkfs.erofs");

		if (path)
			strv_add(&paths, path);
	}
	r = memo_owners(NULL, &paths, b->scratch, &lines, e);
	for (size_t i = 0; i < lines.n && r == 0; i++) {
		sbom_ref deb;

		if (sbom_add_deb(&b->sbom, lines.v[i], &deb) == 0)
			sbom_relate(&b->sbom, deb, "BUILD_TOOL_OF", b->app);
	}
	return r;
}

/* Every package of the distribution that the bill names is an input. */
static void add_package_inputs(struct bill *b)
{
	for (size_t i = 0; i < b->sbom.npackages; i++) {
		const struct sbom_package *p = &b->sbom.packages[i];
		const char *sha256 = p->sha256;

		for (size_t k = 0; p->purl && k < b->sbom.nfiles; k++) {
			const char *name = b->sbom.files[k].name;
			const char *dot = strrchr(name, '.');

			if (b->sbom.files[k].package == i && dot &&
				!strcmp(dot, ".dsc"))
				sha256 = b->sbom.files[k].sums.sha256;
		}
		/* What an image lists came with it: that is the input. */
		if (p->purl &&
			strncmp(p->id, BILL_ROOT, strlen(BILL_ROOT)) != 0)
			provenance_add_input(
				&b->provenance, p->name, p->purl, sha256);
	}
}

static int finish(struct bill *b, struct err *e)
{
	struct sbom_sums sums;
	const struct app *a = b->build->app;
	int r = 0;

	add_package_inputs(b);
	if (a->nfiles)
		r = sbom_sum_file(b->build->rootfs, &sums, e);
	if (r < 0)
		return r;
	if (a->nfiles)
		provenance_add_subject(
			&b->provenance, "rootfs.erofs", sums.sha256);
	sbom_write_spdx(&b->sbom, &b->spdx);
	sbom_sum_bytes(b->spdx.data, b->spdx.len, &sums);
	provenance_add_subject(&b->provenance, "sbom.spdx.json", sums.sha256);
	return 0;
}

int bill_make(struct bill *bill, const struct build *b,
	struct image_layer *const *layers, size_t nlayers, struct err *e)
{
	int r;

	*bill = (struct bill){.build = b};
	bill->scratch = path_join(b->dir, "memo");
	bill->provenance.manifest = xstrdup(path_base(b->app->path));
	bill->provenance.name = xstrdup(b->app->name);
	bill->provenance.target = xstrdup(b->target->name);
	bill->provenance.base = xstrdup(b->target->base);
	bill->provenance.epoch = b->epoch;
	add_roots(bill);
	r = bill_add_parts(bill, e);
	if (r == 0)
		r = add_tools(bill, e);
	if (r == 0)
		r = add_disk(bill, e);
	for (size_t i = 0; i < nlayers && r == 0; i++)
		r = add_layer(bill, layers[i], e);
	if (r == 0) {
		add_launcher_parts(bill);
		r = finish(bill, e);
	}
	return r < 0 ? err_wrap(e, "bill of materials") : 0;
}
