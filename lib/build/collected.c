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

void collect_reasons(const struct app *a, struct buf *out)
{
	json_t *list = json_array();
	char *text;
	int any = 0;

	for (size_t i = 0; i < a->nfiles; i++) {
		const struct app_file *f = &a->files[i];
		json_t *o = json_object();

		any |= f->weak;
		json_object_set_new(o, "path", json_string(f->to));
		json_object_set_new(o, "reason",
			json_string(f->reason ? f->reason : "listed in files"));
		json_array_append_new(list, o);
	}
	text = any ? json_dumps(list, JSON_INDENT(0) | JSON_SORT_KEYS) : NULL;
	if (text)
		buf_addf(out, "%s\n", text);
	free(text);
	json_decref(list);
}
