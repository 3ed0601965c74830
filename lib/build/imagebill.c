/* SPDX-License-Identifier: Apache-2.0 */
/* The bill of a root filesystem that is a container image. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build/bill.h"
#include "core/file.h"
#include "core/mem.h"
#include "sbom/deb822.h"
#include "sbom/purl.h"

#define STATUS   "/var/lib/dpkg/status"
#define STATUS_D "/var/lib/dpkg/status.d/" /* of images without dpkg */

enum { STATUS_MAX = 64 << 20, RELEASE_MAX = 65536 };

/* One of the image's list; the document has this machine's own, too. */
static void add_package(
	struct bill *b, const struct deb822 *d, const char *id, sbom_ref image)
{
	_free_ char *name = deb822_get(d, "Package");
	_free_ char *version = deb822_get(d, "Version");
	_free_ char *arch = deb822_get(d, "Architecture");
	_free_ char *state = deb822_get(d, "Status");
	_free_ char *own = NULL;
	struct sbom_package *p;
	sbom_ref ref;

	if (!name || !version || !arch ||
		(state && !strstr(state, " installed")))
		return;
	own = xasprintf(BILL_ROOT "Deb-%s-%s", name, arch);
	if (sbom_find_package(&b->sbom, own, &ref))
		return;
	p = sbom_add_package(&b->sbom, own, name, &ref);
	p->version = xstrdup(version);
	p->purl = purl_deb_of(id, name, version, arch);
	p->comment = xstrdup("As the image's own list of packages says.");
	sbom_relate(&b->sbom, image, "CONTAINS", ref);
}

static int add_packages(struct bill *b, const char *path, const char *id,
	sbom_ref image, struct err *e)
{
	_buf_ struct buf text = {0};
	struct deb822 d = {0};
	int r = file_read(path, STATUS_MAX, &text, e);

	if (r < 0)
		return r;
	d.next = text.data ? text.data : "";
	while (deb822_next(&d))
		add_package(b, &d, id, image);
	return 0;
}

/* The file that the root has at a path; NULL: none, or it is a link. */
static const char *find(const struct app *a, const char *path)
{
	for (size_t i = 0; i < a->nfiles; i++)
		if (a->files[i].layer && a->files[i].from &&
			!strcmp(a->files[i].to, path))
			return a->files[i].from;
	return NULL;
}

/* The distribution that the image says it is of; caller frees. */
static char *distribution(const struct app *a)
{
	static const char *const paths[] = {
		"/usr/lib/os-release", "/etc/os-release"};

	for (size_t i = 0; i < 2; i++) {
		const char *from = find(a, paths[i]);
		char *id = from ? purl_release_id(from) : NULL;

		if (id)
			return id;
	}
	return xstrdup("debian");
}

int bill_add_rootimage(struct bill *b, sbom_ref rootfs, struct err *e)
{
	const struct oci_image *image = &b->build->image;
	const struct app *a = b->build->app;
	_free_ char *id = NULL;
	struct sbom_package *p;
	sbom_ref ref;
	int r = 0;

	if (!a->image)
		return 0;
	id = distribution(a);
	p = sbom_add_package(
		&b->sbom, "RootImage", path_base(a->image->path), &ref);
	p->version = xstrdup(image->digest);
	p->purpose = xstrdup("CONTAINER");
	p->comment = xasprintf("The container image whose %zu layers are the "
			       "root filesystem, by the digest of its %s.",
		image->nlayers,
		a->image->kind == OCI_DOCKER_ARCHIVE ? "configuration"
						     : "manifest");
	sbom_relate(&b->sbom, rootfs, "GENERATED_FROM", ref);
	provenance_add_input(&b->provenance, path_base(a->image->path), NULL,
		image->digest + strlen("sha256:"));
	for (size_t i = 0; i < a->nfiles && r == 0; i++) {
		const struct app_file *f = &a->files[i];

		if (f->layer && f->from &&
			(!strcmp(f->to, STATUS) ||
				!strncmp(f->to, STATUS_D, strlen(STATUS_D))))
			r = add_packages(b, f->from, id, ref, e);
	}
	return r;
}
