/* SPDX-License-Identifier: Apache-2.0 */
/* Which package of the distribution a file of this machine came with. */
#include "sbom/dpkg.h"

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"
#include "sbom/deb822.h"

static char *admin_path(const char *admin, const char *name)
{
	const char *dir = admin ? admin : getenv("DPKG_ADMINDIR");

	return path_join(dir && *dir ? dir : "/var/lib/dpkg", name);
}

char *dpkg_status_path(const char *admin)
{
	return admin_path(admin, "status");
}

/* A name by which the database may know one of the paths. */
struct wanted {
	char *path;
	size_t index;
};

struct search {
	struct wanted *v; /* sorted by path */
	size_t n;
	char **owners; /* "PACKAGE" or "PACKAGE:ARCH", by index */
};

static int by_path(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void add_wanted(struct search *s, char *path, size_t index)
{
	s->v[s->n++] = (struct wanted){path, index};
}

/* Each as it is, and with /usr taken away or put before. */
static void collect(struct search *s, const struct strv *paths)
{
	s->v = xcalloc(2 * paths->n + 1, sizeof(*s->v));
	s->owners = xcalloc(paths->n + 1, sizeof(*s->owners));
	for (size_t i = 0; i < paths->n; i++) {
		const char *p = paths->v[i];

		add_wanted(s, xstrdup(p), i);
		if (!strncmp(p, "/usr/", 5))
			add_wanted(s, xstrdup(p + 4), i);
		else
			add_wanted(s, xasprintf("/usr%s", p), i);
	}
	qsort(s->v, s->n, sizeof(*s->v), by_path);
}

static void search_free(struct search *s, size_t npaths)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].path);
	for (size_t i = 0; i < npaths; i++)
		free(s->owners[i]);
	free(s->v);
	free(s->owners);
}

/* All names that are the same are neighbours. */
static void match(struct search *s, char *line, const char *owner)
{
	const struct wanted key = {line, 0};
	struct wanted *w = bsearch(&key, s->v, s->n, sizeof(key), by_path);

	if (!w)
		return;
	while (w > s->v && !strcmp(w[-1].path, line))
		w--;
	for (; w < s->v + s->n && !strcmp(w->path, line); w++) {
		free(s->owners[w->index]);
		s->owners[w->index] = xstrdup(owner);
	}
}

/* PACKAGE.list: the paths that it brought, one a line. */
static void read_list(struct search *s, const char *path, const char *owner)
{
	_buf_ struct buf text = {0};
	struct err ignored;
	char *line, *next;

	if (file_read(path, SIZE_MAX, &text, &ignored) < 0 || !text.data)
		return;
	for (line = text.data; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		match(s, line, owner);
	}
}

static void read_lists(struct search *s, const char *admin)
{
	_free_ char *info = admin_path(admin, "info");
	struct dirent **names = NULL;
	int n = scandir(info, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char *name = names[i]->d_name;
		size_t len = strlen(name);
		_free_ char *path = path_join(info, name);

		if (len > 5 && !strcmp(name + len - 5, ".list")) {
			name[len - 5] = 0;
			read_list(s, path, name);
		}
		free(names[i]);
	}
	free(names);
}

/* "SOURCE" or "SOURCE (VERSION)"; without it the package's own. */
static void add_source(
	struct buf *out, char *source, const char *package, const char *version)
{
	char *open = source ? strstr(source, " (") : NULL;

	if (open) {
		*open = 0;
		open[2 + strcspn(open + 2, ")")] = 0;
	}
	buf_addf(out, " %s %s", source ? source : package,
		open ? open + 2 : version);
}

/* The line of the package that the paragraph is about, if it is wanted. */
static void take_package(
	const struct deb822 *d, struct search *s, char **lines, size_t npaths)
{
	_free_ char *package = deb822_get(d, "Package");
	_free_ char *version = NULL, *arch = NULL, *source = NULL;
	_free_ char *full = NULL, *sum = NULL;
	_buf_ struct buf line = {0};

	for (size_t i = 0; package && i < npaths; i++) {
		size_t n = strlen(package);

		if (lines[i] || !s->owners[i] ||
			strncmp(s->owners[i], package, n) != 0 ||
			(s->owners[i][n] && s->owners[i][n] != ':'))
			continue;
		if (!version) {
			version = deb822_get(d, "Version");
			arch = deb822_get(d, "Architecture");
			source = deb822_get(d, "Source");
			if (!version || !arch)
				return;
			full = xasprintf("%s:%s", package, arch);
			buf_addf(&line, "%s %s %s", package, version, arch);
			add_source(&line, source, package, version);
			sum = deb822_get(d, "SHA256");
			if (sum)
				buf_addf(&line, " %s", sum);
		}
		if (s->owners[i][n] == ':' && strcmp(s->owners[i], full) != 0)
			continue;
		lines[i] = xstrdup(line.data);
	}
}

void dpkg_find(const char *admin, const struct strv *paths, struct buf *out)
{
	_free_ char *status = dpkg_status_path(admin);
	_free_ char **lines = xcalloc(paths->n + 1, sizeof(*lines));
	_buf_ struct buf text = {0};
	struct search s = {0};
	struct err ignored;

	collect(&s, paths);
	if (file_read(status, SIZE_MAX, &text, &ignored) == 0 && text.data) {
		struct deb822 d = {.next = text.data};

		read_lists(&s, admin);
		while (deb822_next(&d))
			take_package(&d, &s, lines, paths->n);
	}
	for (size_t i = 0; i < paths->n; i++) {
		buf_addf(out, "%s\n", lines[i] ? lines[i] : "-");
		free(lines[i]);
	}
	search_free(&s, paths->n);
}
