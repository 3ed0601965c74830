/* SPDX-License-Identifier: Apache-2.0 */
/* Reader and checks of "rootfs" and "user": what others made, and as whom. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/mem.h"
#include "manifest/app_read.h"

static void read_image(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app *a = to;
	_free_ char *s = NULL, *quoted = NULL;
	struct oci_ref ref;

	value_string(d, at, v, &s);
	if (!s)
		return;
	if (oci_ref_parse(s, &ref) < 0) {
		quoted = doc_quote(s);
		doc_error(d, at, "image-syntax",
			"%s is not an image: \"docker-archive:FILE\", "
			"\"oci:FOLDER\" or \"oci-archive:FILE\", with :TAG "
			"where there are several",
			quoted);
		return;
	}
	a->image = xcalloc(1, sizeof(*a->image));
	*a->image = ref;
}

static const struct field rootfs_fields[] = {
	{"image", read_image, 0, 1},
};

void app_read_rootfs(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	app_free_rootfs(to);
	doc_read_object(d, at, v, rootfs_fields,
		sizeof(rootfs_fields) / sizeof(*rootfs_fields), to);
}

void app_free_rootfs(struct app *a)
{
	if (!a->image)
		return;
	oci_ref_free(a->image);
	free(a->image);
	a->image = NULL;
}

/* As of Docker: USER[:GROUP], names or numbers. */
void app_read_user(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app *a = to;
	_free_ char *s = NULL, *quoted = NULL;
	const char *colon;

	value_string(d, at, v, &s);
	if (!s)
		return;
	colon = strchr(s, ':');
	if (*s == ':' || (colon && (!colon[1] || strchr(colon + 1, ':'))) ||
		strlen(s) > 128 || strpbrk(s, "/ \t")) {
		quoted = doc_quote(s);
		doc_error(d, at, "user-syntax",
			"%s is not a user: \"www-data\", \"33\" or "
			"\"33:33\"",
			quoted);
		return;
	}
	free(a->user);
	a->user = steal_ptr(s);
}

void app_check_rootfs(struct app_ctx *c)
{
	const struct place rootfs = app_place(c, "rootfs");
	const struct place at = {&rootfs, "image", 0};
	struct app *a = c->app;
	struct stat st;

	if (!a->image)
		return;
	if (a->build || a->sources.n)
		doc_error_key(&c->doc, &rootfs, "build-twice",
			"cannot stand beside \"%s\"",
			a->build ? "build" : "sources");
	if (a->binaries)
		doc_error_key(&c->doc, &rootfs, "build-twice",
			"cannot stand beside \"binaries\"");
	if (app_resolve(c, &at, &a->image->path, &st) < 0)
		return;
	if (a->image->kind == OCI_LAYOUT && !S_ISDIR(st.st_mode))
		doc_error(&c->doc, &at, "file-type",
			"must be a folder (of a tar say \"oci-archive:\")");
	else if (a->image->kind != OCI_LAYOUT && !S_ISREG(st.st_mode))
		doc_error(&c->doc, &at, "file-type", "must be a file");
}

int app_says(const struct app *a, const char *key)
{
	for (size_t i = 0; i < a->said.n; i++)
		if (!strcmp(a->said.v[i], key))
			return 1;
	return 0;
}
