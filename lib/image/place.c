/* SPDX-License-Identifier: Apache-2.0 */
/* An output that is a folder: beside its place, or inside one that is there. */
#include "image/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/sweep.h"

/* A folder of ours, no mount point and no link to one. */
static int is_exchangeable(const char *path)
{
	const unsigned attr = STATX_ATTR_MOUNT_ROOT;
	struct statx sx;

	return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW,
		       STATX_TYPE | STATX_UID, &sx) == 0 &&
	       S_ISDIR(sx.stx_mode) &&
	       (sx.stx_uid == geteuid() || geteuid() == 0) &&
	       (sx.stx_attributes_mask & attr) && !(sx.stx_attributes & attr);
}

/* In the folder that is there, if it cannot be exchanged for another. */
static char *make_dir(const struct place *p, struct err *e)
{
	_free_ char *inner = path_join(p->dest, "slipway");
	struct err ignored;
	char *dir = NULL;

	if (!p->there)
		return file_temp_dir_beside(p->dest, e);
	sweep_dir(p->dest, ".slipway");
	if (is_exchangeable(p->dest))
		dir = file_temp_dir_beside(p->dest, &ignored);
	return dir ? dir : file_temp_dir_beside(inner, e);
}

int place_open(struct place *p, const char *path, struct err *e)
{
	struct stat st;
	size_t n;

	p->dest = xstrdup(path);
	for (n = strlen(p->dest); n > 1 && p->dest[n - 1] == '/'; n--)
		p->dest[n - 1] = 0;
	if (stat(p->dest, &st) < 0 && errno != ENOENT)
		return err_errno(e, "%s", p->dest);
	if (access(p->dest, F_OK) == 0) {
		if (!S_ISDIR(st.st_mode))
			return err_set(e, -ENOTDIR,
				"%s is there and is not a folder", p->dest);
		p->there = 1;
	}
	p->dir = make_dir(p, e);
	return p->dir ? 0 : e->code;
}

/* Names in a folder but for "." and ".." and one more. */
static int list(
	const char *dir, const char *but, struct strv *out, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *at;

	if (!d)
		return err_errno(e, "open %s", dir);
	while ((at = readdir(d)) != NULL)
		if (strcmp(at->d_name, ".") != 0 &&
			strcmp(at->d_name, "..") != 0 &&
			(!but || strcmp(at->d_name, but) != 0))
			strv_add(out, at->d_name);
	closedir(d);
	return 0;
}

int place_each(const struct place *p,
	int (*fn)(const char *name, void *arg, struct err *e), void *arg,
	struct err *e)
{
	_strv_ struct strv names = {0};
	int r;

	if (!p->there)
		return 0;
	r = list(p->dest, path_base(p->dir), &names, e);
	for (size_t i = 0; i < names.n && r == 0; i++)
		r = fn(names.v[i], arg, e);
	return r;
}

static int remove_one(const char *name, void *arg, struct err *e)
{
	const struct place *p = arg;
	_free_ char *path = path_join(p->dest, name);

	if (unlink(path) == 0)
		return 0;
	return file_remove_tree(path, e);
}

static int is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

static int move_up(const struct place *p, struct err *e)
{
	_strv_ struct strv names = {0};
	int r = list(p->dir, NULL, &names, e);

	for (size_t i = 0; i < names.n && r == 0; i++) {
		_free_ char *from = path_join(p->dir, names.v[i]);
		_free_ char *to = path_join(p->dest, names.v[i]);

		if (rename(from, to) < 0)
			r = err_errno(e, "rename %s to %s", from, to);
	}
	return r;
}

/* At once, where the file system can: 1. Owner and mode stay. */
static int exchange(const struct place *p)
{
	struct stat st;

	if (is_below(p->dir, p->dest) || stat(p->dest, &st) < 0 ||
		(geteuid() == 0 && chown(p->dir, st.st_uid, st.st_gid) < 0) ||
		chmod(p->dir, st.st_mode & 07777) < 0)
		return 0;
	return renameat2(AT_FDCWD, p->dir, AT_FDCWD, p->dest,
		       RENAME_EXCHANGE) == 0;
}

int place_commit(struct place *p, struct err *e)
{
	int r;

	if (!p->there) {
		r = file_keep_temp_dir(p->dir, p->dest, e);
	} else if (exchange(p)) {
		r = file_remove_tree(p->dir, e);
	} else {
		r = place_each(p, remove_one, p, e);
		if (r == 0)
			r = move_up(p, e);
		if (r == 0)
			r = file_remove_tree(p->dir, e);
	}
	if (r == 0)
		free(steal_ptr(p->dir));
	return r;
}

void place_close(struct place *p)
{
	struct err ignored;

	if (p->dir)
		file_remove_tree(p->dir, &ignored);
	free(steal_ptr(p->dir));
	free(steal_ptr(p->dest));
}
