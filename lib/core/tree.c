/* SPDX-License-Identifier: Apache-2.0 */
/* Folders and trees: make, walk in bytewise order, remove. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "core/outfile.h"

static int make_dir(const char *path, struct err *e)
{
	struct stat st;

	if (mkdir(path, 0755) == 0)
		return 0;
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return err_errno(e, "mkdir %s", path);
}

int file_mkdirs(const char *path, struct err *e)
{
	_free_ char *part = xstrdup(path);
	struct stat st;
	char *c;
	int r;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	for (c = part; *c; c++) {
		if (*c != '/' || c == part || c[-1] == '/')
			continue;
		*c = 0;
		r = make_dir(part, e);
		if (r < 0)
			return r;
		*c = '/';
	}
	return make_dir(path, e);
}

/* Removes what is in the folder, then the folder; takes dir_fd over. */
static int remove_entries(int dir_fd, const char *path, struct err *e)
{
	struct dirent *d;
	int fd, r = 0;
	DIR *dir;

	dir = fdopendir(dir_fd);
	if (!dir) {
		err_errno(e, "open %s", path);
		close(dir_fd);
		return e->code;
	}
	while (r == 0 && (d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		if (unlinkat(dirfd(dir), d->d_name, 0) == 0)
			continue;
		if (errno != EISDIR && errno != EPERM) {
			r = err_errno(e, "remove %s/%s", path, d->d_name);
			break;
		}
		fd = openat(dirfd(dir), d->d_name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0) {
			r = err_errno(e, "remove %s/%s", path, d->d_name);
			break;
		}
		r = remove_entries(fd, d->d_name, e);
		if (r < 0) {
			err_wrap(e, "in %s", path);
			break;
		}
		if (unlinkat(dirfd(dir), d->d_name, AT_REMOVEDIR) < 0)
			r = err_errno(e, "remove %s/%s", path, d->d_name);
	}
	closedir(dir);
	return r;
}

int file_remove_tree(const char *path, struct err *e)
{
	int fd, r;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		outfile_forget_dir(path);
		return 0;
	}
	if (fd < 0) {
		if (unlink(path) < 0)
			return err_errno(e, "remove %s", path);
		return 0;
	}
	r = remove_entries(fd, path, e);
	if (r < 0)
		return r;
	if (rmdir(path) < 0)
		return err_errno(e, "remove %s", path);
	outfile_forget_dir(path);
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, sorted bytewise. */
static int list_dir(const char *path, struct strv *names, struct err *e)
{
	struct dirent *d;
	DIR *dir;

	dir = opendir(path);
	if (!dir)
		return err_errno(e, "open %s", path);
	for (;;) {
		errno = 0;
		d = readdir(dir);
		if (!d)
			break;
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			strv_add(names, d->d_name);
	}
	if (errno) {
		err_errno(e, "read %s", path);
		closedir(dir);
		return e->code;
	}
	closedir(dir);
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_bytes);
	return 0;
}

static int walk(const char *path, const char *rel, file_visit_fn *visit,
	void *arg, struct err *e)
{
	_strv_ struct strv names = {0};
	struct stat st;
	size_t i;
	int r;

	if (lstat(path, &st) < 0)
		return err_errno(e, "stat %s", path);
	r = visit(path, rel, &st, arg, e);
	if (r < 0 || !S_ISDIR(st.st_mode))
		return r;
	r = list_dir(path, &names, e);
	for (i = 0; r == 0 && i < names.n; i++) {
		_free_ char *sub = path_join(path, names.v[i]);
		_free_ char *sub_rel = path_join(rel, names.v[i]);

		r = walk(sub, sub_rel, visit, arg, e);
	}
	return r;
}

int file_walk(const char *root, file_visit_fn *visit, void *arg, struct err *e)
{
	int r = walk(root, "", visit, arg, e);

	return r < 0 ? r : 0;
}
