/* SPDX-License-Identifier: Apache-2.0 */
/* A source package: name, version, checksums of its files, licences. */
#include "sbom/source.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"
#include "sbom/deb822.h"
#include "sbom/sbom.h"

enum { CONTROL_MAX = 4 << 20 };

void source_free(struct source *s)
{
	for (size_t i = 0; i < s->nfiles; i++)
		free(s->files[i].name);
	free(s->files);
	free(s->name);
	free(s->version);
	licenses_free(&s->licenses);
	*s = (struct source){0};
}

/* The text of a file, "" if it cannot be read; caller frees. */
static char *read_text(const char *path)
{
	_buf_ struct buf text = {0};
	struct err ignored;

	if (file_read(path, CONTROL_MAX, &text, &ignored) < 0 || !text.data)
		return xstrdup("");
	return buf_steal(&text);
}

static struct source_file *find_file(struct source *s, const char *name)
{
	struct source_file *f;

	for (size_t i = 0; i < s->nfiles; i++)
		if (!strcmp(s->files[i].name, name))
			return &s->files[i];
	s->files = xreallocarray(s->files, s->nfiles + 1, sizeof(*s->files));
	f = &s->files[s->nfiles++];
	*f = (struct source_file){.name = xstrdup(name)};
	return f;
}

/* Lines of "DIGEST SIZE NAME". */
static void take_sums(struct source *s, char *lines, size_t digits)
{
	char *save, *line;

	for (line = strtok_r(lines, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save)) {
		char hex[65], name[256];
		struct source_file *f;

		if (sscanf(line, "%64s %*s %255s", hex, name) != 2 ||
			strspn(hex, "0123456789abcdef") != digits ||
			strlen(hex) != digits)
			continue;
		f = find_file(s, name);
		memcpy(digits == 40 ? f->sha1 : f->sha256, hex, digits + 1);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct source_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Only files with both sums are told: SPDX wants the first of them. */
static void drop_partial(struct source *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nfiles; i++) {
		if (*s->files[i].sha1 && *s->files[i].sha256)
			s->files[n++] = s->files[i];
		else
			free(s->files[i].name);
	}
	s->nfiles = n;
	if (n)
		qsort(s->files, n, sizeof(*s->files), by_name);
}

/* The paragraph of a .dsc that names the package; 0 if there is none. */
static int find_dsc(struct deb822 *d, char **name, char **version)
{
	while (deb822_next(d)) {
		*name = deb822_get(d, "Source");
		*version = deb822_get(d, "Version");
		if (*name && *version)
			return 1;
		free(*name);
		free(*version);
	}
	*name = *version = NULL;
	return 0;
}

/* 1 if it was read: it is there, and of `version` (NULL: any). */
static int read_dsc(struct source *s, const char *path, const char *version)
{
	_free_ char *text = read_text(path), *name = NULL, *has = NULL;
	_free_ char *sha1 = NULL, *sha256 = NULL;
	struct deb822 d = {.next = text};
	struct sbom_sums sums;
	struct source_file *f;
	const char *revision;

	if (!find_dsc(&d, &name, &has) ||
		(version && strcmp(has, version) != 0))
		return 0;
	sha1 = deb822_get(&d, "Checksums-Sha1");
	sha256 = deb822_get(&d, "Checksums-Sha256");
	if (sha1)
		take_sums(s, sha1, 40);
	if (sha256)
		take_sums(s, sha256, 64);
	/* A version's epoch is not in the names of files. */
	revision = strchr(has, ':') ? strchr(has, ':') + 1 : has;
	sbom_sum_bytes(text, strlen(text), &sums);
	{
		_free_ char *own = xasprintf("%s_%s.dsc", name, revision);

		f = find_file(s, own);
		memcpy(f->sha1, sums.sha1, sizeof(f->sha1));
		memcpy(f->sha256, sums.sha256, sizeof(f->sha256));
	}
	drop_partial(s);
	free(s->name);
	s->name = steal_ptr(name);
	s->version = steal_ptr(has);
	return 1;
}

/* "musl (1.2.3-1) unstable; ...": the version; NULL. Caller frees. */
static char *changelog_version(const char *debian)
{
	_free_ char *path = path_join(debian, "changelog");
	_free_ char *text = read_text(path);
	const char *open = text + strcspn(text, "(\n");

	return *open == '(' ? xstrndup(open + 1, strcspn(open + 1, ")\n"))
			    : NULL;
}

/* The folder where fetch.sh keeps what it downloads; caller frees. */
static char *downloads(const char *name)
{
	const char *set = getenv("SLIPWAY_SOURCES");
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (set && *set)
		return path_join(set, name);
	if (cache && *cache)
		return xasprintf("%s/slipway/sources/%s", cache, name);
	return xasprintf("%s/.cache/slipway/sources/%s",
		home && *home ? home : "/root", name);
}

static int read_download(
	struct source *s, const char *name, const char *version)
{
	_free_ char *dir = downloads(name);
	_free_ char *pattern = path_join(dir, "*.dsc");
	glob_t found = {0};
	int r = 0;

	if (glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1)
		r = read_dsc(s, found.gl_pathv[0], version);
	globfree(&found);
	return r;
}

void source_read(struct source *s, const char *debian, const char *name)
{
	_free_ char *dsc = path_join(debian, "source.dsc");
	_free_ char *copyright = path_join(debian, "copyright");
	_free_ char *text = read_text(copyright);
	_free_ char *version = NULL;

	*s = (struct source){.name = xstrdup(name)};
	if (!read_dsc(s, dsc, NULL)) {
		version = changelog_version(debian);
		if (!read_download(s, name, version))
			s->version = steal_ptr(version);
	}
	licenses_read(&s->licenses, text, s->name);
}
