/* SPDX-License-Identifier: Apache-2.0 */
/* Where the dynamic loader finds a library: ld.so(8), ldconfig(8). */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "closure/collect.h"
#include "closure/root.h"
#include "core/file.h"
#include "core/mem.h"

enum { CONF_MAX = 1 << 20, CONF_DEPTH = 8 };

static const char *triplet(const struct closure *c)
{
	return c->spec.machine == EM_AARCH64 ? "aarch64-linux-gnu"
					     : "x86_64-linux-gnu";
}

/* --- lists of folders -----------------------------------------------------*/

/* $ORIGIN, $LIB and $PLATFORM, with or without braces. */
static size_t expand(
	const char *s, size_t n, const char *origin, struct buf *out)
{
	static const char *const names[] = {"ORIGIN", "LIB", "PLATFORM"};
	const char *values[] = {origin, "lib/x86_64-linux-gnu", "x86_64"};
	int braces = n > 1 && s[1] == '{';

	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(names[i]);

		if (n < 1 + len + 2 * (size_t)braces ||
			strncmp(s + 1 + braces, names[i], len) != 0 ||
			(braces && s[2 + len] != '}'))
			continue;
		buf_adds(out, values[i]);
		return 1 + len + 2 * (size_t)braces;
	}
	buf_add(out, s, 1);
	return 1;
}

void search_add(struct strv *dirs, const char *list, const char *origin)
{
	for (const char *s = list;; s++) {
		size_t n = strcspn(s, ":;"), used;
		_buf_ struct buf dir = {0};

		for (used = 0; used < n;) {
			if (s[used] == '$') {
				used += expand(
					s + used, n - used, origin, &dir);
			} else {
				buf_add(&dir, s + used, 1);
				used++;
			}
		}
		/* One that begins where the program is started is nowhere. */
		if (dir.len && dir.data[0] == '/')
			strv_add(dirs, dir.data);
		s += n;
		if (!*s)
			return;
	}
}

/* --- /etc/ld.so.conf ------------------------------------------------------*/

static void read_conf(struct closure *c, const char *path, unsigned depth);

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "include /etc/ld.so.conf.d/[*].conf": patterns in the last part only. */
static void include(struct closure *c, const char *pattern, unsigned depth)
{
	_free_ char *dir = path_dir(pattern);
	_free_ char *real = NULL;
	_free_ char *host = NULL;
	_strv_ struct strv names = {0};
	struct dirent *de;
	struct err ignored;
	struct stat st;
	DIR *d;

	if (root_follow(c->spec.root, dir, NULL, NULL, &real, &st, &ignored) <
		0)
		return;
	host = root_host(c->spec.root, real);
	d = opendir(host);
	while (d && (de = readdir(d)))
		if (!fnmatch(path_base(pattern), de->d_name, FNM_PERIOD))
			strv_addf(&names, "%s/%s", real, de->d_name);
	if (d)
		closedir(d);
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), by_bytes);
	for (size_t i = 0; i < names.n; i++)
		read_conf(c, names.v[i], depth + 1);
}

static void read_conf(struct closure *c, const char *path, unsigned depth)
{
	_free_ char *real = NULL;
	_free_ char *host = NULL;
	_buf_ struct buf text = {0};
	struct err ignored;
	char *line, *save;
	struct stat st;

	if (depth > CONF_DEPTH || root_follow(c->spec.root, path, NULL, NULL,
					  &real, &st, &ignored) < 0)
		return;
	host = root_host(c->spec.root, real);
	if (!S_ISREG(st.st_mode) ||
		file_read(host, CONF_MAX, &text, &ignored) < 0 || !text.data)
		return;
	for (line = strtok_r(text.data, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save)) {
		line[strcspn(line, "#")] = 0;
		line += strspn(line, " \t");
		if (!strncmp(line, "include", 7) && strchr(" \t", line[7])) {
			char *pattern, *rest;

			for (pattern = strtok_r(line + 7, " \t", &rest);
				pattern; pattern = strtok_r(NULL, " \t", &rest))
				include(c, pattern, depth);
		} else if (*line == '/') {
			line[strcspn(line, " \t,=")] = 0;
			strv_add(&c->conf, line);
		}
	}
}

/* --- looking --------------------------------------------------------------*/

/* Where the library is in that folder, if it is one for this machine. */
static char *try_folder(
	const struct closure *c, const char *dir, const char *name)
{
	_free_ char *path = xasprintf("%s/%s", dir, name);
	_free_ char *real = NULL;
	_free_ char *host = NULL;
	_elf_ struct elf f = {0};
	struct err ignored;
	struct stat st;

	if (root_follow(c->spec.root, path, NULL, NULL, &real, &st, &ignored) <
			0 ||
		!S_ISREG(st.st_mode))
		return NULL;
	host = root_host(c->spec.root, real);
	if (elf_open(&f, host, &ignored) < 0 || !load_is_ours(c, &f))
		return NULL;
	return steal_ptr(path);
}

static char *try_all(
	const struct closure *c, const struct strv *dirs, const char *name)
{
	char *path = NULL;

	for (size_t i = 0; !path && i < dirs->n; i++)
		path = try_folder(c, dirs->v[i], name);
	return path;
}

static int is_musl(const struct search *s)
{
	return !strncmp(s->loader, "ld-musl-", 8);
}

static void usual_folders(
	struct closure *c, const struct search *s, struct strv *dirs)
{
	static const char *const both[] = {
		"/lib64", "/usr/lib64", "/lib", "/usr/lib"};

	if (is_musl(s)) {
		strv_add(dirs, "/lib");
		strv_add(dirs, "/usr/local/lib");
		strv_add(dirs, "/usr/lib");
	}
	strv_addf(dirs, "/lib/%s", triplet(c));
	strv_addf(dirs, "/usr/lib/%s", triplet(c));
	for (size_t i = 0; i < sizeof(both) / sizeof(*both); i++)
		strv_add(dirs, both[i]);
}

/* glibc-hwcaps/x86-64-v3 and so on, beside what was found: what runs
 * everywhere is taken, and these are told. */
static char *variants(const struct closure *c, const char *path)
{
	static const char *const names[] = {
		"x86-64-v2", "x86-64-v3", "x86-64-v4"};
	_free_ char *dir = path_dir(path);
	_buf_ struct buf out = {0};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		_free_ char *sub =
			xasprintf("%s/glibc-hwcaps/%s", dir, names[i]);
		_free_ char *there = try_folder(c, sub, path_base(path));

		if (there)
			buf_addf(&out, "%s%s", out.len ? ", " : "", names[i]);
	}
	return out.len ? buf_steal(&out) : NULL;
}

char *search_library(struct closure *c, const struct search *s,
	const char *name, char **left_out, struct err *e)
{
	_strv_ struct strv usual = {0};
	char *path;

	(void)e;
	*left_out = NULL;
	if (strchr(name, '/'))
		return *name == '/' ? try_folder(c, "", name + 1) : NULL;
	path = try_all(c, &s->first, name);
	usual_folders(c, s, &usual);
	if (!path && !is_musl(s)) {
		if (!c->conf_read)
			read_conf(c, "/etc/ld.so.conf", 0);
		c->conf_read = 1;
		path = try_all(c, &c->conf, name);
		for (size_t i = 0; path && i <= usual.n; i++) {
			_free_ char *dir = path_dir(path);

			if (i == usual.n)
				ldcache_note(c, name, path);
			else if (!strcmp(dir, usual.v[i]))
				break;
		}
	}
	if (!path)
		path = try_all(c, &usual, name);
	if (path && !is_musl(s))
		*left_out = variants(c, path);
	return path;
}
