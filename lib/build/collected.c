/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of collected files: their packages, licences and reasons. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "build/bill.h"
#include "build/collect.h"
#include "build/memo.h"
#include "closure/root.h"
#include "core/file.h"
#include "core/mem.h"

enum { COPYRIGHT_MAX = 4 << 20 };

/* /usr/share/doc/PACKAGE/copyright of the tree. */
static void add_licenses(
	struct bill *b, const char *root, const char *package, sbom_ref ref)
{
	_free_ char *path = xasprintf("/usr/share/doc/%s/copyright", package);
	_free_ char *real = NULL;
	_free_ char *host = NULL;
	_buf_ struct buf text = {0};
	struct licenses found = {0};
	struct err ignored;
	struct stat st;

	if (root_follow(root, path, NULL, NULL, &real, &st, &ignored) < 0 ||
		!S_ISREG(st.st_mode))
		return;
	host = root_host(root, real);
	if (file_read(host, COPYRIGHT_MAX, &text, &ignored) < 0 || !text.data)
		return;
	licenses_read(&found, text.data, package);
	sbom_add_licenses(&b->sbom, ref, &found);
	licenses_free(&found);
}

int bill_relate_collected(struct bill *b, const struct strv *paths,
	const sbom_ref *refs, struct err *e)
{
	_free_ char *admin = collect_dpkg(b->build);
	_free_ char *root = collect_root(b->build);
	_strv_ struct strv lines = {0};
	int r = memo_owners(admin, paths, b->scratch, &lines, e);

	for (size_t i = 0; i < lines.n && r == 0; i++) {
		size_t before = b->sbom.npackages;
		sbom_ref deb;

		if (sbom_add_deb(&b->sbom, lines.v[i], &deb) < 0)
			continue;
		if (b->sbom.npackages > before) {
			_free_ char *name =
				xstrndup(lines.v[i], strcspn(lines.v[i], " "));

			add_licenses(b, root, name, deb);
		}
		sbom_relate(&b->sbom, refs[i], "EXPANDED_FROM_ARCHIVE", deb);
	}
	return r;
}

/* The reason of what was collected, or the words of the manifest. */
static char *reason_of(const struct app *a, const struct app_file *f)
{
	size_t n = strlen(a->dir);
	const char *from = f->from;

	if (f->reason)
		return xstrdup(f->reason);
	if (f->link)
		return xasprintf("files: link to %s", f->link);
	if (!from)
		return xstrdup("files: a folder");
	if (!strncmp(from, a->dir, n) && from[n] == '/')
		from += n + 1;
	return xasprintf("files: %s", from);
}

/* Where a listed file is in the end: below a merged /bin or /lib. */
static char *merged_path(const struct app *a, const char *to)
{
	for (size_t i = 0; i < a->nfiles; i++) {
		const struct app_file *f = &a->files[i];
		size_t n = strlen(f->to);

		if (f->weak && f->link && f->link[0] != '/' &&
			!strchr(f->to + 1, '/') && !strncmp(to, f->to, n) &&
			to[n] == '/')
			return xasprintf("/%s%s", f->link, to + n);
	}
	return xstrdup(to);
}

static void add_reason(
	json_t *list, const struct app *a, const struct app_file *f)
{
	_free_ char *why = reason_of(a, f);
	_free_ char *to = f->weak ? xstrdup(f->to) : merged_path(a, f->to);
	json_t *path = json_string(to), *reason = json_string(why);
	struct stat st;
	json_t *o;

	/* What is not UTF-8 has no place in JSON. */
	if (path && reason) {
		o = json_pack("{s:O, s:O}", "path", path, "reason", reason);
		if (f->from && !f->weak && stat(f->from, &st) == 0 &&
			S_ISDIR(st.st_mode))
			json_object_set_new(o, "tree", json_true());
		json_array_append_new(list, o);
	}
	json_decref(path);
	json_decref(reason);
}

void collect_reasons(const struct app *a, struct buf *out)
{
	json_t *list = json_array();
	char *text = NULL;

	/* What is listed wins over what was collected or is an image's, and
	 * comes after. */
	for (int weak = 1; weak >= 0; weak--)
		for (size_t i = 0; i < a->nfiles; i++)
			if (a->files[i].weak == weak)
				add_reason(list, a, &a->files[i]);
	if (json_array_size(list))
		text = json_dumps(list, JSON_INDENT(0) | JSON_SORT_KEYS);
	if (text)
		buf_addf(out, "%s\n", text);
	free(text);
	json_decref(list);
}
