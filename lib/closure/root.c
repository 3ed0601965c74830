/* SPDX-License-Identifier: Apache-2.0 */
/* Follows paths inside an unpacked system, and never out of it. */
#include "closure/root.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"

enum { LINKS_MAX = 40 }; /* path_resolution(7) */

char *root_host(const char *root, const char *real)
{
	return xasprintf("%s%s", strcmp(root, "/") != 0 ? root : "", real);
}

static int is_systems_own(const char *real)
{
	return !strcmp(real, "/dev") || !strcmp(real, "/proc") ||
	       !strcmp(real, "/sys");
}

/* The walk: where it is, and what of the path is left. */
struct walk {
	const char *root, *path;
	struct buf at; /* "" or "/usr/lib", without links */
	char *rest;
	unsigned links;
	struct stat st;
};

static void go_up(struct walk *w)
{
	while (w->at.len && w->at.data[--w->at.len] != '/')
		;
	if (w->at.data)
		w->at.data[w->at.len] = 0;
}

/* At a link: the rest of the way begins with what it contains. */
static int take_link(struct walk *w, const char *host, const char *after,
	root_link_fn *fn, void *arg, struct err *e)
{
	char target[PATH_MAX];
	ssize_t n = readlink(host, target, sizeof(target) - 1);
	char *rest;

	if (n < 0)
		return err_errno(e, "read link %s", host);
	target[n] = 0;
	if (++w->links > LINKS_MAX)
		return err_set(e, -ELOOP, "%s: too many links", w->path);
	if (fn)
		fn(w->at.data, target, arg);
	rest = xasprintf("%s/%s", target, after);
	free(w->rest);
	w->rest = rest;
	go_up(w);
	if (target[0] == '/') {
		w->at.len = 0;
		w->at.data[0] = 0;
	}
	return 0;
}

/* Takes the next part of the path; 1 at its end. */
static int step(struct walk *w, root_link_fn *fn, void *arg, struct err *e)
{
	char *part = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(part, "/");
	_free_ char *after = xstrdup(part + n);
	_free_ char *host = NULL;

	if (!n)
		return 1;
	part[n] = 0;
	if (!strcmp(part, "..")) {
		go_up(w);
	} else if (strcmp(part, ".") != 0) {
		buf_addf(&w->at, "/%s", part);
		if (is_systems_own(w->at.data))
			return err_set(e, -EXDEV,
				"%s leads to %s, which is the system's own",
				w->path, w->at.data);
		host = root_host(w->root, w->at.data);
		if (lstat(host, &w->st) < 0)
			return err_errno(e, "open %s", host);
		if (S_ISLNK(w->st.st_mode))
			return take_link(w, host, after, fn, arg, e);
		if (!S_ISDIR(w->st.st_mode) && after[strspn(after, "/")])
			return err_set(e, -ENOTDIR, "%s: not a folder", host);
	}
	free(w->rest);
	w->rest = steal_ptr(after);
	return 0;
}

int root_follow(const char *root, const char *path, root_link_fn *fn, void *arg,
	char **real, struct stat *st, struct err *e)
{
	struct walk w = {.root = root, .path = path, .rest = xstrdup(path)};
	_free_ char *host = NULL;
	int r = 0;

	buf_adds(&w.at, "");
	while (r == 0)
		r = step(&w, fn, arg, e);
	if (r > 0) {
		if (!w.at.len)
			buf_adds(&w.at, "/");
		host = root_host(root, w.at.data);
		/* ".." may have led back from what was looked at last. */
		r = lstat(host, st) < 0 ? err_errno(e, "open %s", host) : 0;
	}
	if (r == 0)
		*real = buf_steal(&w.at);
	buf_free(&w.at);
	free(w.rest);
	return r;
}
